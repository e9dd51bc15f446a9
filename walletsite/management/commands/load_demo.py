"""People to try the wallet with: two customers, a shop, and of the staff both who propose and who
decide.

Only in demo mode, and made once; later starts print the same table again. Everything is made
through the services, so the demo's money is in the books like anybody's.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation
from django_otp.oath import totp
from stdnum import luhn
from stdnum.cn import ric

from accounts.cases.services import assign, open_case, reply_as_staff
from accounts.cases.states import Topic
from accounts.changes.services import forget_changes
from accounts.factors.selectors import get_authenticator
from accounts.factors.services import enrol_authenticator, enrolment_details
from accounts.security.errors import Refusal
from accounts.signup.people import create_customer
from accounts.support.roles import (
    OPERATIONS,
    OPERATIONS_CHECKER,
    SUPPORT,
    SUPPORT_LEAD,
    sync_roles,
)
from accounts.users.models import User
from accounts.users.selectors import find_user_by_phone
from payments.banking.rails.sandbox import decide_now
from payments.banking.selectors import list_cards
from payments.banking.services import link_proved_card, prepare_top_up, prepare_withdrawal
from payments.banking.tasks import advance_bank_orders
from payments.processing.models import Payment
from payments.processing.services import confirm_payment
from payments.transfers.services import compose_transfer
from payments.wallets.models import Wallet
from payments.wallets.services import open_merchant_wallet, open_wallet


@dataclass(frozen=True)
class Person:
    """One of the cast. The secrets are nobody's: they exist on demo machines only."""

    role: str
    name: str
    phone: str
    login_password: str
    payment_password: str = ""
    id_body: str = ""
    card_body: str = ""
    group: str = ""

    @property
    def id_number(self) -> str:
        """A well-formed number; the place is real, the person is not."""
        return self.id_body + str(ric.calc_check_digit(self.id_body + "0"))

    @property
    def card_number(self) -> str:
        """A card of an invented bank."""
        return self.card_body + str(luhn.calc_check_digit(self.card_body))


LIN = Person(
    "customer", "林晓", "13800000001", "quiet-river-27", "739164",
    id_body="31010119900307211", card_body="621099000000881",
)  # fmt: skip
CHEN = Person(
    "customer", "陈思远", "13800000002", "paper-lantern-58", "402867",
    id_body="11010119881122433", card_body="622599000000412",
)  # fmt: skip
SHOP = Person(
    "merchant", "周宁", "13800000003", "open-window-364", "518273",
    id_body="44030119850615655", card_body="623399000000730",
)  # fmt: skip
LEAD = Person("support lead", "", "13800000006", "second-lantern-73", group=SUPPORT_LEAD)
CHECKER = Person(
    "operations checker", "", "13800000007", "careful-anchor-52", group=OPERATIONS_CHECKER
)
OPERATOR = Person("operator", "", "13800000008", "steady-harbour-91", group=OPERATIONS)
AGENT = Person("support agent", "", "13800000009", "patient-listener-46", group=SUPPORT)
CUSTOMERS = (LIN, CHEN, SHOP)
STAFF = (AGENT, LEAD, OPERATOR, CHECKER)
SHOP_NAME = "城南书店"

# Who tops up how much (minor units), then who sends how much to whom, and why.
TOP_UPS = ((LIN, 5_000_00), (CHEN, 1_200_00))
TRANSFERS = (
    (LIN, CHEN, "600.00", "周末露营"),
    (CHEN, LIN, "88.00", "午饭"),
    (LIN, SHOP, "128.50", "图书 3 件"),
    (LIN, CHEN, "35.20", ""),
    (CHEN, LIN, "320.00", "电影票"),
)
# Who withdraws how much; the last two digits say what the sandbox bank does with it
# (docs/how-to/sandbox-bank.md): pays, pays and sends back tomorrow, refuses, says nothing all day.
WITHDRAWALS = ((LIN, 200_00), (LIN, 100_77), (CHEN, 30_54), (CHEN, 15_91))


class Command(BaseCommand):
    """Makes the demo people and prints how to sign in as them."""

    help = "Load demo people and payments once (demo mode only) and print how to use them."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO_MODE:
            raise CommandError("Demo people exist in demo mode only: set WALLET_DEMO=1.")
        is_new = find_user_by_phone(f"+86{AGENT.phone}") is None
        with translation.override(settings.LANGUAGE_CODE):
            # Also where an earlier release made the demo, before there were all of these.
            sync_roles()
            for person in STAFF:
                _make_staff(person)
            if not all(_payment(key) for key in _history_keys()):
                _load()
        self._print(is_new)

    def _print(self, is_new: bool) -> None:
        write = self.stdout.write
        write("")
        write("Demo people, made just now." if is_new else "Demo people, as before.")
        write(f"  {'':<18} {'phone':<12} {'login password':<20} {'payment password':<16} name")
        for person in (*CUSTOMERS, *STAFF):
            write(
                f"  {person.role:<18} {person.phone:<12} {person.login_password:<20} "
                f"{person.payment_password or '-':<16} {person.name}"
            )
        write("Staff sign in at /admin/ with a second step. Scan the address, or use the code.")
        write("What takes two people: one browser for each, or a private window for the second.")
        for person in STAFF:
            authenticator = get_authenticator(_user(person))
            if authenticator is None:
                continue
            details = enrolment_details(authenticator)
            code = totp(authenticator.key())
            write(f"  {person.role:<18} key {details.secret}  code now {code:06d}")
            write(f"  {'':<18} {details.uri}")
        write("Text messages appear at /demo/inbox/ and in this terminal.")
        write("")


def _load() -> None:
    """Everything that is missing; a load that was cut short goes on where it stopped."""
    for person in CUSTOMERS:
        _make_customer(person)
    shop_owner = _user(SHOP)
    if not Wallet.objects.filter(owner=shop_owner, kind=Wallet.Kind.MERCHANT).exists():
        open_merchant_wallet(user=shop_owner, name=SHOP_NAME)
    keys = iter(_history_keys())
    for person, amount_minor in TOP_UPS:
        _top_up(person, amount_minor, next(keys))
    for payer, payee, amount, note in TRANSFERS:
        _transfer(payer, _payee_text(payee), amount, note, next(keys))
    for person, amount_minor in WITHDRAWALS:
        _withdraw(person, amount_minor, next(keys))
    _ask_support()


def _make_customer(person: Person) -> None:
    user = find_user_by_phone(f"+86{person.phone}")
    if user is None:
        user = create_customer(
            phone=f"+86{person.phone}",
            login_password=person.login_password,
            payment_password=person.payment_password,
            name=person.name,
            id_number=person.id_number,
        )
    open_wallet(user=user)
    if not list_cards(user).exists():
        link_proved_card(user=user, number=person.card_number)
        # It was linked by nobody: no reason to warn somebody of another device.
        forget_changes(user=user)


def _make_staff(person: Person) -> None:
    user = find_user_by_phone(f"+86{person.phone}")
    if user is None:
        user = User.objects.create_user(
            phone=f"+86{person.phone}", password=person.login_password, is_staff=True
        )
    user.groups.add(Group.objects.get(name=person.group))
    if get_authenticator(user) is None:
        enrol_authenticator(user=user)


def _history_keys() -> list[UUID]:
    """One key per payment of the demo, the same on every machine: nothing is paid twice."""
    count = len(TOP_UPS) + len(TRANSFERS) + len(WITHDRAWALS)
    return [uuid5(NAMESPACE_URL, f"demo-payment-{number}") for number in range(count)]


def _payment(key: UUID) -> Payment | None:
    return Payment.objects.filter(compose_key=key).first()


def _top_up(person: Person, amount_minor: int, key: UUID) -> None:
    _through_the_bank(person, amount_minor, key, prepare_top_up)


def _withdraw(person: Person, amount_minor: int, key: UUID) -> None:
    # On a machine where the demo's people have spent their money since, this line is left out.
    with suppress(Refusal):
        _through_the_bank(person, amount_minor, key, prepare_withdrawal)


def _through_the_bank(
    person: Person, amount_minor: int, key: UUID, prepare: Callable[..., Payment]
) -> None:
    user = _user(person)
    card = list_cards(user).first()
    if _payment(key) is not None or card is None:
        return
    payment = prepare(
        user=user,
        card_public_id=str(card.public_id),
        amount_minor=amount_minor,
        compose_key=key,
    )
    confirm_payment(payment=payment, raw_payment_password=person.payment_password)
    # The bank takes the order, decides at once for the demo, and is asked again.
    advance_bank_orders()
    decide_now()
    payment.bank_orders.update(next_at=payment.created_at)
    advance_bank_orders()


def _transfer(payer: Person, payee_text: str, amount: str, note: str, key: UUID) -> None:
    if _payment(key) is not None:
        return
    payment = compose_transfer(
        user=_user(payer), payee_text=payee_text, amount_text=amount, note=note, compose_key=key
    )
    confirm_payment(payment=payment, raw_payment_password=payer.payment_password)


def _ask_support() -> None:
    """One case with an answer that its customer has not read."""
    case = open_case(
        user=_user(LIN),
        topic=Topic.NO_NETWORK,
        subject="付款时断网了",
        body="昨天在城南书店付款，页面一直转圈。钱扣了两次吗？",
        form_key=uuid5(NAMESPACE_URL, "demo-case"),
    )
    if case.first_answered_at is None:
        agent = _user(AGENT)
        assign(case=case, to=agent)
        reply_as_staff(
            case=case,
            by=agent,
            body="您好，这笔付款只成功了一次，没有重复扣款。在“账单”里可以看到它的状态。",
        )


def _payee_text(person: Person) -> str:
    """A customer is found by phone, the shop by its wallet number."""
    shop = Wallet.objects.filter(owner=_user(person), kind=Wallet.Kind.MERCHANT).first()
    return shop.number if shop else person.phone


def _user(person: Person) -> User:
    user = find_user_by_phone(f"+86{person.phone}")
    if user is None:
        raise CommandError(f"The demo {person.role} is missing; start with an empty var/data.")
    return user
