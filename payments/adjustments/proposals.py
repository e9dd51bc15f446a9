"""An adjustment takes a maker and a checker."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from accounts.approvals.kinds import Line, ProposalKind, register
from accounts.approvals.services import propose
from accounts.users.models import User
from payments.adjustments.services import book_adjustment
from payments.wallets.amounts import amount_text
from payments.wallets.models import Wallet

if TYPE_CHECKING:
    from accounts.approvals.models import Proposal

ADJUST = "wallet.adjust"


def propose_adjustment(*, wallet: Wallet, amount_minor: int, maker: User, reason: str) -> Proposal:
    """Propose to give (above zero) or take (below zero) so many minor units. Nothing is booked."""
    return propose(
        kind=ADJUST,
        subject=wallet.owner,
        maker=maker,
        reason=reason,
        facts={"wallet": str(wallet.public_id), "amount_minor": amount_minor},
    )


def register_all() -> None:
    """Called when Django starts."""
    register(
        ProposalKind(
            name=ADJUST,
            title=_("Adjust the balance of a wallet"),
            may_make="accounts.propose_money",
            may_check="accounts.decide_money",
            describe=_describe,
            carry_out=_carry_out,
            form_url="adjustments:new",
        )
    )


def _wallet_of(proposal: Proposal) -> Wallet:
    return Wallet.objects.select_related("owner").get(public_id=proposal.facts["wallet"])


def _describe(proposal: Proposal) -> list[Line]:
    wallet, minor = _wallet_of(proposal), int(proposal.facts["amount_minor"])
    label = _("Is given to the wallet") if minor > 0 else _("Is taken from the wallet")
    return [
        (_("Wallet"), wallet.masked_number),
        (label, amount_text(abs(minor), wallet.currency)),
    ]


def _carry_out(proposal: Proposal) -> None:
    assert proposal.checker is not None
    book_adjustment(
        wallet=_wallet_of(proposal),
        amount_minor=int(proposal.facts["amount_minor"]),
        key=proposal.public_id,
        maker=proposal.maker,
        checker=proposal.checker,
        reason=proposal.reason,
    )
