"""Preparing a transfer: who gets how much. It is paid through `payments.processing`."""

from __future__ import annotations

from uuid import UUID

from accounts.security.throttle import hit
from accounts.users.models import User
from payments.processing.bookkeeping import require_enough
from payments.processing.composing import create_payment
from payments.processing.models import Payment
from payments.processing.selectors import find_composed, has_paid_before, has_typed_before
from payments.transfers.arrival import AUTOMATIC, choose_delay
from payments.transfers.errors import PayeeIsPayer, PayeeUnknown
from payments.transfers.kinds import TRANSFER
from payments.transfers.typed import clean_note, parse_amount
from payments.wallets.limits import require_within_limits
from payments.wallets.models import Wallet
from payments.wallets.selectors import find_payee, payee_key, wallet_label
from payments.wallets.services import open_wallet, require_may_pay


def compose_transfer(
    *,
    user: User,
    payee_text: str,
    amount_text: str,
    note: str,
    compose_key: UUID,
    arrival: str = "",
) -> Payment:
    """Write down a transfer for its check page; nothing moves.

    `payee_text` is a phone or wallet number, `amount_text` is in the wallet's currency, both as
    typed; `arrival` is a delay of the settings in seconds, or `AUTOMATIC`. Looks at balance and
    limits only to spare a walk in vain: confirming decides. Counts the look-up of the payee in
    its own transaction, so call it outside any.
    Raises AmountRefused, NoteRefused, TooManyRequests, PayeeUnknown, PayeeIsPayer, Wallet...,
    Limit..., NotEnoughMoney, FormUsedBefore.
    """
    payer = open_wallet(user=user)
    amount = parse_amount(amount_text, payer.currency)
    clean = clean_note(note)
    payee = look_up_payee(user=user, payer=payer, payee_text=payee_text)
    is_first = not has_paid_before(payer=payer, payee=payee)
    delay_seconds = choose_delay(arrival, is_first=is_first)
    composed = find_composed(user, compose_key)
    if composed is not None and arrival == AUTOMATIC:
        # What was chosen for the payer stays, also when the payee is no longer new.
        delay_seconds = composed.delay_seconds
    if composed is None:
        # A form sent again shows its first result, also when that one took the last of the money.
        require_may_pay(payer)
        require_within_limits(wallet=payer, amount_minor=amount.minor)
        require_enough(wallet=payer, amount_minor=amount.minor)
    return create_payment(
        user=user,
        kind=TRANSFER,
        payer_wallet=payer,
        payee_wallet=payee,
        amount_minor=amount.minor,
        currency=payer.currency,
        compose_key=compose_key,
        note=clean,
        counterparty_label=wallet_label(payee),
        payer_label=wallet_label(payer),
        payee_typed=payee_key(payee_text),
        is_first_to_payee=is_first,
        delay_seconds=delay_seconds,
    )


def look_up_payee(*, user: User, payer: Wallet, payee_text: str) -> Wallet:
    """The payee, for somebody who wants to pay them; raises PayeeUnknown, PayeeIsPayer.

    Every look-up counts, found or not: the answer tells who is a customer. One
    whom this wallet has found before tells nothing new, and counts apart: a form that is sent
    again, or a shop that is paid often, is not stopped."""
    is_known = has_typed_before(payer, payee_key(payee_text))
    hit(action="payee.known" if is_known else "payee.lookup", person=str(user.public_id))
    payee = find_payee(payee_text)
    if payee is None or payee.currency != payer.currency:
        raise PayeeUnknown
    if payee.owner_id == user.pk:
        raise PayeeIsPayer
    return payee
