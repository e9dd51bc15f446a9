"""What staff read about a case: the names of its facts, what a fault means, what to do."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from payments.banking.reconciliation.states import DIRECTIONS, CaseKind, FileOrderState
from payments.banking.states import OrderState

Text = str | Promise

# Facts that end in "_minor" are amounts.
FACT_LABELS: dict[str, Text] = {
    "file": _("file name"),
    "fault": _("why refused"),
    "where": _("where"),
    "reference": _("reference"),
    "status": _("the bank's status code"),
    "reason_code": _("reason code"),
    "state_before": _("what the bank said before"),
    "statement": _("bank statement"),
    "number": _("number"),
    "missing": _("missing numbers"),
    "repeated": _("number that came twice"),
    "statement_before": _("statement before"),
    "closed_with_minor": _("which closed with"),
    "opens_with_minor": _("this one opens with"),
    "message": _("message"),
    "row": _("row"),
    "direction": _("direction"),
    "amount_minor": _("amount"),
    "ordered_minor": _("ordered"),
    "booked_on": _("booked on"),
    "bank_reference": _("the bank's reference"),
    "return_reason": _("reason of the return"),
    "order_state": pgettext_lazy("bank order", "state of the order"),
    "closing_minor": _("closing balance"),
    "expected_minor": _("expected"),
    "difference_minor": _("difference"),
}

FAULT_TEXTS: dict[str, Text] = {
    "too_large": _("larger than a bank file may be"),
    "encoding": _("not written in UTF-8"),
    "doctype": _("carries a DOCTYPE, which no bank file needs"),
    "not_xml": _("not well-formed, perhaps cut off"),
    "schema_version": _("a message or version that is not taken"),
    "schema": _("not valid against the official schema"),
    "paged": _("only a part of a longer statement"),
    "amount": _("an amount that is not in whole minor units"),
    "currency": _("another currency"),
    "date": _("a day that cannot be"),
    "unreadable": _("could not be read"),
    "balances": _("opening or closing balance missing, or given twice"),
    "totals": _("does not add up"),
    "account": _("of another account"),
    "statement_differs": _("a statement that came before with other content"),
    "statement_twice": _("one statement twice in one file"),
    "original_unknown": _("about a file that is not ours"),
    "original_differs": _("about a file of ours with other content"),
}

# Facts whose value is a word of ours.
FACT_VALUES: dict[str, dict[str, Text]] = {
    "fault": FAULT_TEXTS,
    "direction": dict(DIRECTIONS),
    "order_state": dict(OrderState.choices),
    "state_before": dict(FileOrderState.choices),
}

ADVICE: dict[str, Text] = {
    CaseKind.FILE_REFUSED: _("Nothing of the file was used. Ask the bank to send it again, whole."),
    CaseKind.UNKNOWN_ORDER: _("Ask the bank whose order it is. Nothing was changed here."),
    CaseKind.STATUS_BACKWARD: _(
        "The first final answer stands. Ask the bank which is true before anybody is paid again."
    ),
    CaseKind.STATUS_UNCLEAR: _("Ask the bank what became of the order. It stays as it was."),
    CaseKind.UNMATCHED_CREDIT: _(
        "Find out whose money it is, by name and remittance text. It is in nobody's wallet."
    ),
    CaseKind.UNMATCHED_DEBIT: _("Ask the bank at once why it took this money from our account."),
    CaseKind.AMOUNT_DIFFERS: _(
        "The order was not settled by this row. Ask the bank to correct it."
    ),
    CaseKind.DIRECTION_DIFFERS: _("Ask the bank to correct it. The order stays as it was."),
    CaseKind.CREDITOR_DIFFERS: _(
        "The money may have gone to the wrong account. Ask the bank at once."
    ),
    CaseKind.DUPLICATE_ENTRY: _("The first row stands. Ask the bank to take the second one back."),
    CaseKind.PAID_AFTER_REFUSAL: _(
        "The wallet has its money back and the bank has paid. Ask the bank to recall the payment."
    ),
    CaseKind.RETURN_UNCLEAR: _(
        "Compare with the order. No wallet was credited; the return may belong to another payment."
    ),
    CaseKind.SEQUENCE_GAP: _("Ask the bank for the missing statement and import it."),
    CaseKind.OPENING_DIFFERS: _("Ask the bank which of the two statements is right."),
    CaseKind.STATEMENT_DIFFERS: _(
        "The first statement stands. Ask the bank which is right, and why there are two."
    ),
    CaseKind.NOT_ON_STATEMENT: _("Ask the bank where this payment is."),
    CaseKind.BALANCE_DIFFERS: _(
        "Compare the account of the bank in the books with the statements, row by row."
    ),
}
