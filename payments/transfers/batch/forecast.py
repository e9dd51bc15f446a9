"""Whether a batch fits the balance and the limits as a whole, before the password is asked.

Nobody wants half a payroll: what does not fit is refused here, with what is missing. Each line is
checked again when it is carried out.
"""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from payments.transfers.batch.models import TransferBatch
from payments.transfers.batch.selectors import list_lines
from payments.wallets.amounts import amount_text
from payments.wallets.errors import moment_text
from payments.wallets.forecast import lowered_text
from payments.wallets.models import Wallet
from payments.wallets.selectors import LimitState, limit_state, wallet_balance


def list_obstacles(batch: TransferBatch, wallet: Wallet) -> list[str | Promise]:
    """Why the good lines cannot all be sent now, in words; empty when they can."""

    def text(minor: int) -> str:
        return amount_text(minor, batch.currency)

    total = batch.good_minor
    state = limit_state(wallet)
    available = wallet_balance(wallet).available_minor
    found: list[str | Promise] = []
    if total > available:
        found.append(
            _("Not enough balance: %(due)s due, %(available)s available, %(short)s short.")
            % {"due": text(total), "available": text(available), "short": text(total - available)}
        )
    if state.day_left is not None and total > state.day_left:
        found.append(
            _("%(left)s of today's limit is left, the file needs %(due)s. New from %(clears)s.")
            % {
                "left": text(state.day_left),
                "due": text(total),
                "clears": moment_text(state.day_clears_at),
            }
        )
    if state.day_count_left is not None and batch.good_count > state.day_count_left:
        found.append(
            _(
                "You may make %(left)s more payments today, the file has %(count)s. New from "
                "%(clears)s."
            )
            % {
                "left": state.day_count_left,
                "count": batch.good_count,
                "clears": moment_text(state.day_clears_at),
            }
        )
    if state.year_left is not None and total > state.year_left:
        found.append(
            _("%(left)s of this year's limit is left, the file needs %(due)s.")
            % {"left": text(state.year_left), "due": text(total)}
        )
    if state.lowered is not None:
        found += _lowered(batch, state, found)
    return found


def _lowered(
    batch: TransferBatch, state: LimitState, found: list[str | Promise]
) -> list[str | Promise]:
    """In a time of caution: lines that were good when the file was read and are too large now,
    and why limits are lower."""
    assert state.lowered is not None
    more: list[str | Promise] = []
    largest = max((line.amount_minor or 0 for line in list_lines(batch) if line.is_good), default=0)
    if state.single is not None and largest > state.single:
        most = amount_text(state.single, batch.currency)
        more.append(_("One payment can be %(most)s at most now.") % {"most": most})
    return [*more, lowered_text(state.lowered)] if more or found else []
