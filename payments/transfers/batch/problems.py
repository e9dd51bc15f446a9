"""What can be wrong with a line: each code with its field and its sentence, which says how to mend
it. And why a line that was good was not sent."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.security.errors import Refusal
from payments.processing.errors import failure_message
from payments.transfers.batch.models import BatchLine
from payments.transfers.typed import parse_amount

FIELDS: dict[str, str | Promise] = {
    "payee": _("Payee"),
    "amount": _("Amount"),
    "note": _("Note"),
    "name": _("Name"),
    "line": _("Line"),
}

PROBLEMS: dict[str, str | Promise] = {
    "payee.empty": _("The phone or wallet number is missing. Fill it in."),
    "payee.shape": _(
        "Neither a mobile number (11 digits) nor a wallet number (16 digits). Check it."
    ),
    "payee.rounded": _(
        "The spreadsheet has shortened the number. Format the column as text and type it again."
    ),
    "payee.none": _("No wallet has this number. Check it, or ask them to open one."),
    "payee.self": _("This is your own wallet. Take the line out."),
    "payee.not_checked": _(
        "Not looked up: too many numbers in a short time. Mend the others, wait %(minutes)s min "
        "and upload the file again."
    ),
    "amount.empty": _("The amount is missing. Fill it in, for example 12.50."),
    "amount.single": _("One payment can be %(most)s at most. Send less, or raise your limit."),
    "note.long": _("A note has at most %(most)s characters; this one has %(typed)s. Shorten it."),
    "text.unseen": _(
        "Holds a character that cannot be seen, such as a line break. Type it again by hand."
    ),
    "text.formula": _("Looks like a formula. Put the plain value here, without = + - @ in front."),
    "name.differs": _(
        "The name on the wallet is another one: %(label)s. Check the number, or the name."
    ),
    "name.unknown": _(
        "The wallet has no name to compare with. Check the number, then leave the name empty."
    ),
    "line.duplicate": _(
        "The same payee, amount and note as in line %(other)s. Take one out, or give it another "
        "note if both are meant."
    ),
    "line.more": _("More columns than payee, amount, note and name. Is there a comma too many?"),
}

# Why a good line was not sent: short, because the row names who and how much.
REASONS: dict[str, str | Promise] = {
    "balance.short": _("The balance was too small by then."),
    "wallet.frozen": _("Your wallet was frozen meanwhile."),
    "wallet.closed": _("Your wallet was closed meanwhile."),
    "limit.single": _("More than one payment may be."),
    "limit.day": _("Today's limit was used up by then."),
    "limit.day_count": _("The most payments for one day had been made by then."),
    "limit.year": _("This year's limit was used up by then."),
    "batch.stopped": _("You stopped the rest."),
    "batch.too_late": _("It could not be sent in time."),
    "batch.bad_line": _("The line had a fault and was left out."),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault of one line, in words."""

    field: str | Promise
    text: str


def list_problems(line: BatchLine) -> list[Problem]:
    """What is wrong with the line, in the active language."""
    return [
        Problem(FIELDS.get(found["field"], found["field"]), _text(line, found))
        for found in line.problems
    ]


def reason_text(line: BatchLine) -> str:
    """Why the line was not sent; empty for others."""
    if not line.failure_code:
        return ""
    if line.failure_code in REASONS:
        return str(REASONS[line.failure_code])
    return failure_message(line.failure_code, {})


def _text(line: BatchLine, found: dict[str, object]) -> str:
    code = str(found["code"])
    if code == "amount.bad":
        # The books know what is wrong with an amount; their sentence is not kept twice.
        try:
            parse_amount(line.amount_typed, line.batch.currency)
        except Refusal as refusal:
            return str(refusal.message)
    template = str(PROBLEMS.get(code, gettext("Check this line.")))
    params = found.get("params")
    return template % params if isinstance(params, dict) and params else template
