"""Every place the frame links to exists, and the tab one stands on is marked."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils.translation import override

from walletsite.shell.places import PLACES, list_tabs

LINKED = [
    "signin:sign_in", "signin:recover", "signup:start", "payment_password:reset",
    "records:activity", *(place.url_name for place in PLACES),
]  # fmt: skip


@pytest.mark.parametrize("name", LINKED)
def test_a_place_the_frame_links_to_exists(name: str) -> None:
    assert reverse(name).startswith("/")


@pytest.mark.parametrize(
    ("path", "label"),
    [("/home/", "Home"), ("/activity/x/", "Activity"), ("/transfer/", "Transfer"),
     ("/pay/x/check/", "Transfer"), ("/cards/add/", "Top up"), ("/security/", "Security"),
     ("/me/", "Me")],
)  # fmt: skip
def test_the_tab_one_stands_on_is_marked(path: str, label: str) -> None:
    with override("en"):
        marked = [str(tab["label"]) for tab in list_tabs(path) if tab["is_current"]]
    assert marked == [label]
