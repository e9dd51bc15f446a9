"""Staff have no wallet and no customers' pages, whatever door they came in by."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.signin.tests.doors import sign_in_staff
from accounts.users.models import User
from payments.processing.models import Payment
from payments.transfers.services import compose_transfer
from payments.wallets.errors import NoWalletForStaff
from payments.wallets.models import Wallet
from payments.wallets.services import open_merchant_wallet, open_wallet
from tests.cast import make_staff, wallet_with

pytestmark = pytest.mark.django_db
# What is a staff session's own; everything else of the site is not there for it.
OPEN = (
    "/admin/", "/staff/", "/help/", "/security-promises/", "/offline/", "/service-worker.js",
    "/theme/", "/manifest.webmanifest", "/preferences/", "/sign-in/", "/sign-out/", "/locked/",
    "/step-up/", "/security/two-factor/", "/security/passkeys/", "/security/login-password/",
    "/security/log/", "/security/devices/", "/me/settings", "/demo/inbox/",
)  # fmt: skip
LED_ON = {"/": "/admin/", "/home/": "/admin/", "/security/": "/me/"}


def addresses(parts: Sequence[object], before: str = "") -> list[str]:
    """All of the site, with something in the place of what addresses carry."""
    found: list[str] = []
    for part in parts:
        if isinstance(part, URLResolver):
            if part.namespace != "admin":
                found += addresses(part.url_patterns, before + str(part.pattern))
        elif isinstance(part, URLPattern):
            found.append(before + str(part.pattern))
    return found


def filled(pattern: str) -> str:
    uuid = "00000000-0000-4000-8000-000000000000"
    for name, value in (("uuid", uuid), ("slug", "no-code"), ("int", "1")):
        while f"<{name}:" in pattern:
            begin = pattern.index(f"<{name}:")
            pattern = pattern[:begin] + value + pattern[pattern.index(">", begin) + 1 :]
    return f"/{pattern}"


@pytest.fixture
def agent(client: Client) -> User:
    user = make_staff("Support")
    sign_in_staff(client, user)
    return user


def test_every_customers_page_is_shut_to_a_staff_session(client: Client, agent: User) -> None:
    tried = 0
    for pattern in addresses(get_resolver().url_patterns):
        path = filled(pattern)
        if pattern.startswith("^") or path.startswith(OPEN) or path == "/me/" or path in LED_ON:
            continue
        tried += 1
        assert client.get(path).status_code == 404, path
        assert client.post(path, {}).status_code == 404, path
    assert tried > 80
    assert not Wallet.objects.exists()


@pytest.mark.parametrize(("path", "to"), LED_ON.items())
def test_where_customers_begin_staff_are_led_to_their_own_pages(
    client: Client, agent: User, path: str, to: str
) -> None:
    assert client.get(path)["Location"] == to


def test_staff_keep_their_settings_factors_help_and_way_out(client: Client, agent: User) -> None:
    english = {"accept-language": "en"}
    mine = client.get("/me/", headers=english).content.decode()
    assert "My settings" in mine
    for link in ("/transfer/", "/activity/", "/me/limits/", "/support/"):
        assert f'href="{link}"' not in mine
    saved = {"locale": "en", "theme": "dark", "time_zone": "Asia/Tokyo"}
    assert client.post("/me/", saved)["Location"] == "/me/"
    assert User.objects.get(pk=agent.pk).time_zone == "Asia/Tokyo"
    for path in ("/help/", "/help/locked/", "/security/log/", "/admin/desk/"):
        html = client.get(path).content.decode()
        assert 'href="/transfer/"' not in html, path
    assert client.get("/security/two-factor/")["Location"].startswith("/step-up/")
    assert client.get("/security/login-password/").status_code in {200, 302}
    assert client.post("/sign-out/").status_code == 302
    assert client.get("/admin/desk/")["Location"].startswith("/sign-in/")


def test_no_wallet_is_opened_for_staff_and_none_of_theirs_pays(
    client: Client, alice: User, bob: User
) -> None:
    agent = make_staff("Support")
    for act in (
        lambda: open_wallet(user=agent),
        lambda: open_merchant_wallet(user=agent, name="Kiosk"),
    ):
        with pytest.raises(NoWalletForStaff):
            act()
    assert not Wallet.objects.exists()
    # A customer who was made staff behind our back.
    wallet_with(alice, "50.00")
    wallet_with(bob)
    alice.is_staff = True
    alice.save()
    with pytest.raises(NoWalletForStaff):
        compose_transfer(
            user=alice, payee_text=str(bob.phone), amount_text="5.00", note="", compose_key=uuid4()
        )
    assert not Payment.objects.exists()
    sign_in_staff(client, alice)
    assert client.get("/transfer/").status_code == 404


def test_customers_and_strangers_are_not_concerned(client: Client, alice: User) -> None:
    assert client.get("/").status_code == 200
    client.force_login(alice)
    assert client.get("/home/").status_code == 200
    assert Wallet.objects.filter(owner=alice).exists()
