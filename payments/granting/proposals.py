"""Both kinds of grant take a maker and a checker."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.approvals.kinds import Line, ProposalKind, register
from accounts.approvals.services import propose
from accounts.users.models import User
from payments.granting.services import (
    check_document,
    grant_class_one,
    override_limits,
    require_ready_for_class_one,
)
from payments.wallets.amounts import amount_text
from payments.wallets.days import bank_midnight
from payments.wallets.models import Wallet
from payments.wallets.own_limits import Wishes

if TYPE_CHECKING:
    from accounts.approvals.models import Proposal

LIMITS, CLASS_ONE = "wallet.override_limits", "wallet.class_one"
MAY_LIMITS, MAY_CLASS_ONE = "accounts.propose_money", "accounts.propose_support"


def propose_limits(
    *, wallet: Wallet, wishes: Wishes, last_day: date, maker: User, reason: str
) -> Proposal:
    """Propose other limits than the class's, to the end of that day of the bank."""
    return propose(
        kind=LIMITS,
        subject=wallet.owner,
        maker=maker,
        reason=reason,
        facts={
            "wallet": str(wallet.public_id),
            "single": wishes.single,
            "day": wishes.day,
            "day_count": wishes.day_count,
            "last_day": last_day.isoformat(),
        },
    )


def propose_class_one(*, wallet: Wallet, digits: str, maker: User, reason: str) -> Proposal:
    """Propose class I, with the document of the owner at hand: `digits` are the last 6 characters
    of its number and are not kept. Raises as the two checks of `services` do."""
    require_ready_for_class_one(wallet)
    check_document(wallet=wallet, digits=digits)
    return propose(
        kind=CLASS_ONE,
        subject=wallet.owner,
        maker=maker,
        reason=reason,
        facts={"wallet": str(wallet.public_id)},
    )


def register_all() -> None:
    """Called when Django starts."""
    register(
        ProposalKind(
            name=LIMITS,
            title=_("Other limits for one wallet"),
            may_make=MAY_LIMITS,
            may_check="accounts.decide_money",
            describe=_describe_limits,
            carry_out=_override,
            form_url="granting:limits",
        )
    )
    register(
        ProposalKind(
            name=CLASS_ONE,
            title=_("Class I after a check in person"),
            may_make=MAY_CLASS_ONE,
            may_check="accounts.decide_support",
            describe=_describe_class_one,
            carry_out=_grant,
            # Both have the person in front of them.
            open_seconds=2 * 3600,
            form_url="granting:class_one",
        )
    )


def _wallet_of(proposal: Proposal) -> Wallet:
    return Wallet.objects.select_related("owner").get(public_id=proposal.facts["wallet"])


def _wishes_of(proposal: Proposal) -> Wishes:
    facts = proposal.facts
    return Wishes(facts["single"], facts["day"], facts["day_count"])


def _last_day_of(proposal: Proposal) -> date:
    return date.fromisoformat(proposal.facts["last_day"])


def _describe_limits(proposal: Proposal) -> list[Line]:
    wallet, wishes = _wallet_of(proposal), _wishes_of(proposal)
    as_class = _("as the class says")

    def amount(minor: int | None) -> str | Promise:
        return as_class if minor is None else amount_text(minor, wallet.currency)

    count = as_class if wishes.day_count is None else str(wishes.day_count)
    return [
        (_("Wallet"), wallet.masked_number),
        (_("One payment"), amount(wishes.single)),
        (_("All payments of a day"), amount(wishes.day)),
        (_("Number of payments a day"), count),
        (_("Last day"), date_format(_last_day_of(proposal), "DATE_FORMAT")),
    ]


def _describe_class_one(proposal: Proposal) -> list[Line]:
    return [
        (_("Wallet"), _wallet_of(proposal).masked_number),
        (_("Before you approve"), _("See the person and the original document yourself.")),
    ]


def _override(proposal: Proposal) -> None:
    assert proposal.checker is not None
    override_limits(
        wallet=_wallet_of(proposal),
        wishes=_wishes_of(proposal),
        until=bank_midnight(_last_day_of(proposal) + timedelta(days=1)),
        reason=proposal.reason,
        maker=proposal.maker,
        checker=proposal.checker,
    )


def _grant(proposal: Proposal) -> None:
    assert proposal.checker is not None
    grant_class_one(wallet=_wallet_of(proposal), reason=proposal.reason, checker=proposal.checker)
