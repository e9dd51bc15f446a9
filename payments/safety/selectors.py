"""Reading freezes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone

from accounts.phone.binding import session_hash
from accounts.users.models import User
from payments.processing.kinds import get_kind
from payments.processing.models import Payment
from payments.processing.states import PaymentState
from payments.safety.models import FreezeCode, LiftWalk
from payments.wallets.models import Freeze, Wallet


def list_open_freezes(user: User) -> Sequence[Freeze]:
    """What keeps this person's money from leaving, the newest first."""
    open_ones = Freeze.objects.filter(wallet__owner=user, lifted_at=None)
    return list(open_ones.select_related("wallet"))


def is_by_owner(freezes: Sequence[Freeze]) -> bool:
    """Whether one of these is the owner's, and so the owner's to lift."""
    return any(row.side == Freeze.Side.OWNER for row in freezes)


def list_wallets(user: User) -> Sequence[Wallet]:
    """This person's wallets that are not closed."""
    return list(Wallet.objects.filter(owner=user, closed_at=None).order_by("pk"))


def list_stoppable(user: User) -> Sequence[Payment]:
    """Payments of this person on their way that freezing takes back."""
    on_their_way = Payment.objects.select_related("payer_wallet", "payee_wallet").filter(
        payer_wallet__owner=user, state=PaymentState.PROCESSING
    )
    return [payment for payment in on_their_way[:200] if get_kind(payment.kind).may_stop(payment)]


def freeze_code_made_at(user: User) -> datetime | None:
    """When the code that counts was made; None when there is none."""
    return (
        FreezeCode.objects.filter(owner=user, ended_at=None)
        .values_list("made_at", flat=True)
        .first()
    )


def find_lift(user: User, session_key: str) -> LiftWalk | None:
    """The walk of this person in this browser, if it is not over."""
    return (
        LiftWalk.objects.filter(
            user=user,
            session_hash=session_hash(session_key),
            used_at=None,
            expires_at__gt=timezone.now(),
        )
        .order_by("-pk")
        .first()
    )
