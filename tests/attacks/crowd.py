"""A customer who has one of everything: what others must not get at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.utils import timezone

from accounts.cases.services import open_case
from accounts.changes.models import Change
from accounts.factors.models import Passkey
from accounts.factors.removing import remove_passkey
from accounts.factors.services import enrol_authenticator
from accounts.phone.models import Challenge
from accounts.security.models import UserSession
from accounts.signin.tests.doors import app_code
from accounts.users.models import User
from payments.banking.models import CardDraft, LinkedCard
from payments.banking.tests.builders import card_number, link_card
from payments.processing.models import Payment
from payments.transfers.batch.services import upload_batch
from payments.transfers.standing_orders.models import StandingOrder
from tests.attacks.client import Browser
from tests.attacks.walks import Site, authorise, compose
from tests.authenticators import SoftAuthenticator, give_passkey
from tests.cast import LOGIN_PASSWORD, PAYMENT_PASSWORD
from tests.limits import with_limits

# Where a crawl of somebody signed in begins: what the pages link to, and what only ways lead to.
SIGNED_IN = [
    "/home/", "/activity/", "/transfer/", "/top-up/", "/cards/", "/cards/add/", "/me/",
    "/security/", "/security/two-factor/", "/security/payment-password/",
    "/security/login-password/", "/step-up/", "/recover/payment/", "/me/identity/", "/opened/",
    "/withdraw/", "/me/limits/", "/me/level/",
    "/transfer/batch/", "/transfer/later/", "/transfer/later/new/",
    "/transfer/unclaimed/", "/transfer/claims/", "/support/", "/support/new/",
    "/security/log/", "/security/freeze/", "/security/freeze/code/new/", "/security/phone/",
    "/security/payments/", "/security/passkeys/add/", "/security/helper/",
    "/security/helper/look/", "/me/close/", "/me/close/confirm/",
]  # fmt: skip


# Codes may be asked for without a pause in between; the counts per hour and day stay.
def codes_at_once(settings: Any) -> None:
    """Let codes be asked for so."""
    settings.SMS = {**settings.SMS, "resend_after_seconds": 0}
    with_limits(settings, "sms.code", purpose=[(1, 0), (5, 3600), (10, 86_400)])


STRANGER = [
    "/", "/sign-in/", "/open/", "/open/person/", "/open/phone/", "/recover/login/", "/help/",
    "/verify/", "/security-promises/", "/offline/", "/no-such-page/", "/manifest.webmanifest",
    "/support/contact/", "/support/contact/read/", "/codes/continue/",
    "/freeze/", "/freeze/done/", "/not-me/", "/help/locked/", "/terms/service/", "/terms/privacy/",
]  # fmt: skip


@dataclass
class Belongings:
    """alice's browser, and the public ids of all that is hers."""

    browser: Browser
    payment: str
    unpaid: str
    card: str
    draft: str
    session: str
    challenge: str
    delayed: str
    unclaimed: str
    order: str
    batch: str
    case: str
    passkey: str
    change: str

    @property
    def ids(self) -> list[str]:
        """All of them."""
        return [
            self.payment, self.unpaid, self.card, self.draft, self.session, self.challenge,
            self.delayed, self.unclaimed, self.order, self.batch, self.case,
            self.passkey, self.change,
        ]  # fmt: skip


def belongings_of(site: Site, alice: User, bob: User) -> Belongings:
    """A paid and an unpaid transfer, a card, a card that waits for its code, a session."""
    browser = site.signed_in(alice)
    paid, unpaid = compose(browser, bob, "3.00"), compose(browser, bob, "4.00")
    assert authorise(browser, paid).status == 302
    card = link_card(alice)
    Challenge.objects.all().delete()
    number = card_number("622599000000777")
    wanted = {"number": number, "holder_name": "陈思远"}
    from django.conf import settings

    rules, table = settings.SMS, settings.RATE_LIMITS
    codes_at_once(settings)
    assert browser.post("/cards/add/", wanted).status == 302
    settings.SMS, settings.RATE_LIMITS = rules, table
    draft = CardDraft.objects.filter(owner=alice).latest("pk")
    return Belongings(
        browser=browser,
        payment=paid.split("/")[2],
        unpaid=unpaid.split("/")[2],
        card=str(LinkedCard.objects.get(pk=card.pk).public_id),
        draft=str(draft.public_id),
        session=str(UserSession.objects.filter(user=alice).latest("pk").public_id),
        challenge=str(draft.challenge_id),
        **keys_of(alice),
        case=str(open_case(topic="other", subject="x", body="mine", user=alice).public_id),
        **plans_of(browser, alice, bob),
    )


def keys_of(alice: User) -> dict[str, str]:
    """A passkey, and the change that could be taken back."""
    for key in (SoftAuthenticator(), SoftAuthenticator()):
        give_passkey(alice, key)
    gone, kept = Passkey.objects.filter(user=alice).order_by("pk")
    remove_passkey(passkey=gone)
    change = Change.objects.get(user=alice, kind="passkey.removed")
    return {"passkey": str(kept.public_id), "change": str(change.public_id)}


def plans_of(browser: Browser, alice: User, bob: User) -> dict[str, str]:
    """What is on its way or still to come: a delayed transfer, money that waits for a number
    without a wallet, a standing order, a file of transfers."""
    delayed = compose(browser, bob, "5.00", arrival="7200")
    waiting = {"payee": "13912345678", "amount": "6.00", "note": "", "compose_key": str(uuid4())}
    answer = browser.post("/transfer/unclaimed/", waiting)
    assert answer.status == 302, answer.text
    unclaimed = answer.location.removesuffix("check/")
    for payment in (delayed, unclaimed):
        assert authorise(browser, payment).status == 302
    tomorrow = (timezone.now() + timedelta(days=2)).date().isoformat()
    planned = {
        "payee": str(bob.phone), "amount": "1.50", "note": "", "compose_key": str(uuid4()),
        "repeats": "monthly", "starts_on": tomorrow, "at_time": "09:00", "ends": "never",
    }  # fmt: skip
    answer = browser.post("/transfer/later/new/", planned)
    assert answer.status == 302, answer.text
    order = StandingOrder.objects.filter(created_by=alice).latest("pk")
    approval = {"payment_password": PAYMENT_PASSWORD}
    answer = browser.post(f"/transfer/later/{order.public_id}/authorise/", approval)
    assert answer.status == 302, answer.text
    content = f"payee,amount,note,name\n{bob.phone},2.00,lunch,".encode()
    batch = upload_batch(user=alice, content=content, file_name="pay.csv")
    return {
        "delayed": delayed.split("/")[2],
        "unclaimed": unclaimed.split("/")[2],
        "order": str(order.public_id),
        "batch": str(batch.public_id),
    }


def payments_of(user: User) -> int:
    """How many this person made."""
    return Payment.objects.filter(created_by=user).count()


def make_staff(phone: str = "+8613600131111", **fields: Any) -> tuple[User, str]:
    """A member of staff with a second factor, and its key."""
    user = User.objects.create_user(phone=phone, password=LOGIN_PASSWORD, is_staff=True, **fields)
    return user, enrol_authenticator(user=user).secret


def staff_browser(site: Site, user: User, secret: str) -> Browser:
    """Through the door with both factors."""
    browser = site.browser()
    door = {"phone": str(user.phone), "password": LOGIN_PASSWORD, "next": "/admin/"}
    answer = browser.post("/sign-in/", door)
    assert answer.location == "/sign-in/verify/", answer.text
    answer = browser.post("/sign-in/verify/", {"code": app_code(secret)})
    assert answer.status == 302, answer.text
    return browser
