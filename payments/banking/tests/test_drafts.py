"""From the help page back to a card that waits for its code."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from accounts.users.models import User
from payments.banking.models import CardDraft
from payments.banking.tests.builders import card_number

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("phones")]
BACK = "/codes/continue/"


def test_a_card_that_waits_for_its_code_is_gone_back_to(client: Client, alice: User) -> None:
    client.force_login(alice)
    sent = {"number": card_number("622599000000777"), "holder_name": "陈思远"}
    page = client.post("/cards/add/", sent)["Location"]
    assert client.get(BACK)["Location"] == page
    CardDraft.objects.update(used_at=timezone.now())
    assert client.get(BACK).status_code == 200
