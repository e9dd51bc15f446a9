"""What needs attention on the home page: one thing at most, the most pressing first."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils import formats, timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.factors.selectors import has_second_factor
from accounts.payment_password.selectors import payment_password_state
from accounts.users.models import User
from payments.closing.selectors import find_open
from payments.records.selectors import list_processing
from payments.transfers.notices import list_unseen
from payments.transfers.unclaimed.selectors import list_claimable
from payments.wallets.errors import moment_text
from payments.wallets.models import Wallet


@dataclass(frozen=True, slots=True)
class Tip:
    """One row that leads to where something can be done."""

    title: str | Promise
    text: str | Promise
    url: str
    icon: str


def find_tip(user: User, wallet: Wallet) -> Tip | None:
    """The one thing to look at now, or None."""
    return (
        _closing(wallet)
        or _frozen(wallet)
        or _payment_password_locked(user)
        or _to_accept(user)
        or _on_its_way(user)
        or _transfer_did_not_happen(user)
        or _payment_password_missing_or_old(user)
        or _no_second_factor(user)
    )


def _closing(wallet: Wallet) -> Tip | None:
    closing = find_open(wallet)
    if closing is None:
        return None
    if closing.stopped_at is not None:
        title = _("Closing your wallet has stopped")
    elif closing.is_due:
        title = _("Your wallet is being closed")
    else:
        title = _("Your wallet closes on %(when)s") % {"when": moment_text(closing.closes_at)}
    return Tip(
        title=title,
        text=_("Take it back, or see what is left to do."),
        url=reverse("closing:state"),
        icon="clock",
    )


def _frozen(wallet: Wallet) -> Tip | None:
    if not wallet.is_frozen:
        return None
    return Tip(
        title=_("Your wallet is frozen"),
        text=_("Nobody can pay from it; money sent to you still arrives. See what to do."),
        url=reverse("safety:mine"),
        icon="freeze",
    )


def _payment_password_locked(user: User) -> Tip | None:
    state = payment_password_state(user)
    if state.reset_only:
        text = _("Your money is safe and you can still receive. Set a new payment password.")
        title = _("Payments are paused until you set a new payment password")
    elif state.locked_until:
        until = formats.date_format(timezone.localtime(state.locked_until), "H:i")
        title = _("Payments are paused until %(until)s") % {"until": until}
        text = _("Your money is safe and you can still receive. Or verify who you are now.")
    else:
        return None
    return Tip(title=title, text=text, url=reverse("payment_password:reset"), icon="lock")


def _to_accept(user: User) -> Tip | None:
    waiting = list_claimable(user).first()
    if waiting is None:
        return None
    payment = waiting.payment
    assert waiting.returns_at is not None
    until = moment_text(waiting.returns_at)
    return Tip(
        title=_("Money from %(name)s is waiting for you") % {"name": payment.payer_label},
        text=_("Accept it until %(until)s, or it goes back.") % {"until": until},
        url=reverse("unclaimed:claims"),
        icon="collect",
    )


def _on_its_way(user: User) -> Tip | None:
    # What arrives later because its payer chose so needs no attention.
    pending = [payment for payment in list_processing(user) if payment.arrives_at is None]
    if not pending:
        return None
    title = ngettext(
        "%(count)s payment is on its way",
        "%(count)s payments are on their way",
        len(pending),
    ) % {"count": len(pending)}
    url = reverse("processing:result", kwargs={"public_id": pending[0].public_id})
    text = _("Please do not pay again; see how it stands.")
    return Tip(title=title, text=text, url=url, icon="clock")


def _transfer_did_not_happen(user: User) -> Tip | None:
    unseen = list_unseen(user, most=1)
    if not unseen:
        return None
    return Tip(
        title=_("A transfer to %(name)s did not happen") % {"name": unseen[0].party},
        text=_("Nothing was charged for it. See why, and what is to come."),
        url=reverse("standing_orders:later"),
        icon="calendar",
    )


def _payment_password_missing_or_old(user: User) -> Tip | None:
    state = payment_password_state(user)
    if not state.is_set:
        return Tip(
            title=_("Set your payment password"),
            text=_("Six digits that confirm every payment. About one minute."),
            url=reverse("payment_password:reset"),
            icon="key",
        )
    if state.changed_at is None or not state.is_old:
        return None
    days = (timezone.now() - state.changed_at).days
    return Tip(
        title=_("Change your payment password"),
        text=_("You set it %(days)s days ago. A new one from time to time keeps it yours.")
        % {"days": days},
        url=reverse("payment_password:change"),
        icon="key",
    )


def _no_second_factor(user: User) -> Tip | None:
    if has_second_factor(user):
        return None
    return Tip(
        title=_("Turn on two-step sign-in"),
        text=_("A stolen password alone then opens nothing. About one minute."),
        url=reverse("factors:two_factor"),
        icon="shield-alert",
    )
