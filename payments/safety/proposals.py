"""Lifting the bank's freeze takes two people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from accounts.approvals.kinds import Line, ProposalKind, register
from accounts.changes.undoing import register_stop
from accounts.users.models import User
from payments.safety.errors import FreezeEnded
from payments.safety.services import freeze_person, lift_for_bank
from payments.wallets.models import Freeze, Wallet

if TYPE_CHECKING:
    from accounts.approvals.models import Proposal

LIFT = "wallet.lift_bank_freeze"


def register_all() -> None:
    """Called when Django starts."""
    register(
        ProposalKind(
            name=LIFT,
            title=_("Lift the bank's freeze of a wallet"),
            may_make="accounts.propose_money",
            may_check="accounts.decide_money",
            describe=_describe,
            carry_out=_carry_out,
        )
    )
    register_stop(_stop)


def _stop(user: User) -> None:
    freeze_person(user=user, how=Freeze.How.NOT_ME, by=None, reason="a change that was not theirs")


def _wallet_of(proposal: Proposal) -> Wallet:
    return Wallet.objects.select_related("owner").get(public_id=proposal.facts["wallet"])


def _freeze_of(proposal: Proposal) -> Freeze | None:
    """The one that was open when it was proposed, whatever has begun since."""
    frozen = _wallet_of(proposal).freezes.filter(side=Freeze.Side.BANK)
    return frozen.filter(pk=proposal.facts.get("freeze", 0)).first()


def _describe(proposal: Proposal) -> list[Line]:
    wallet, begun = _wallet_of(proposal), _freeze_of(proposal)
    return [
        (_("Wallet"), wallet.masked_number),
        (_("Frozen because"), begun.reason if begun else "–"),
    ]


def _carry_out(proposal: Proposal) -> None:
    assert proposal.checker is not None
    freeze = _freeze_of(proposal)
    if freeze is None:
        raise FreezeEnded
    lift_for_bank(freeze=freeze, by=proposal.checker, reason=proposal.reason)
