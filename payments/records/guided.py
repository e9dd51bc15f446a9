"""What a helper sees in a guided view: states of the wallet and of the latest payments. No amount,
no balance, and every name masked, a shop's too."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.guiding.facts import Fact, Facts
from accounts.identity.names import mask_name
from accounts.users.models import User
from payments.banking.selectors import list_cards
from payments.processing.states import PaymentState
from payments.records.lines import Line, to_lines
from payments.records.selectors import list_recent
from payments.wallets.selectors import find_wallet_for

_MOST = 10

PLACES: dict[str, str | Promise] = {
    "records:home": _("Home"),
    "records:activity": _("Activity"),
    "records:entry": _("One payment"),
    "records:receipt": _("Electronic receipt"),
    "transfers:compose": _("Transfer"),
    "unclaimed:compose": _("Send to a number without a wallet"),
    "unclaimed:claims": _("Money waiting for you"),
    "standing_orders:later": _("Transfers to come"),
    "standing_orders:compose": _("Plan a transfer"),
    "batch:upload": _("Transfers from a file"),
    "banking:top_up": _("Top up"),
    "banking:withdraw": _("Withdraw"),
    "banking:cards": _("Bank cards"),
    "banking:add_card": _("Add a card"),
    "banking:confirm_card": _("Enter the code"),
    "processing:check": _("Check a payment"),
    "processing:authorise": _("Type the payment password"),
    "processing:locked": _("Payments are paused"),
    "processing:result": _("What became of a payment"),
    "processing:prove": _("Second proof"),
    "proving:rules": _("Second proof on payments"),
    "safety:mine": _("Freeze the wallet"),
    "safety:frozen": _("The wallet is frozen"),
    "safety:lift": _("Lift the freeze"),
    "wallets:level": _("Level of my wallet"),
    "wallets:limits": _("Limits"),
    "closing:state": _("Close the wallet"),
    "closing:confirm": _("Confirm closing"),
}


def facts_for_helper(user: User) -> Facts:
    """States and times; a wallet that is not open yet has none."""
    wallet = find_wallet_for(user)
    if wallet is None:
        return Facts(wallet=[Fact(_("Wallet"), _("not open yet"))])
    state = _("frozen") if wallet.is_frozen else _("open")
    return Facts(
        wallet=[
            Fact(_("Wallet"), _("closed") if wallet.is_closed else state),
            Fact(_("Class"), wallet.get_wallet_class_display()),
            Fact(_("Bank cards"), str(list_cards(user).count())),
        ],
        activity=[_fact(line) for line in to_lines(user, list_recent(user, _MOST))],
    )


def _fact(line: Line) -> Fact:
    payment = line.payment
    is_said = payment.state in PaymentState
    # A bank is no person: its name and the end of a card, masked like a name, say nothing.
    is_between_wallets = bool(payment.payer_wallet_id and payment.payee_wallet_id)
    return Fact(
        title=line.title,
        state=line.tag or (PaymentState(payment.state).label if is_said else payment.state),
        party=mask_name(line.party) if line.party and is_between_wallets else "",
        at=line.moment,
    )
