"""`manage.py reconcile_bank [--date DAY]`: prove that wallet money is bank money."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from payments.banking.rails.iso20022.texts import amount_text
from payments.banking.reconciliation.selectors import unresolved_cases
from payments.banking.reconciliation.services import Proof, reconcile_bank
from payments.banking.reconciliation.services.proof import MOST_SHOWN


class Command(BaseCommand):
    help = (
        "Compare the books with the newest bank statement, or with that of a day. Exit code 0 "
        "when everything matches and no case is open, 1 otherwise. Again is harmless."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--date", type=date.fromisoformat, default=None, help="the day of the statement"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        proof = reconcile_bank(closed_on=options["date"])
        self._print(proof)
        if proof.statement is None:
            day = options["date"]
            raise CommandError(f"There is no statement{f' of {day}' if day else ''}.")
        if not proof.is_right:
            raise CommandError(
                f"Not everything matches: difference {amount_text(proof.difference_minor)}, "
                f"{proof.unresolved} unresolved case(s)."
            )
        self.stdout.write(self.style.SUCCESS("Wallet money is bank money."))

    def _print(self, proof: Proof) -> None:
        if proof.statement is not None:
            statement = proof.statement
            self.stdout.write(f"statement {statement.identification} of {statement.closed_on}")
            self._line("closing balance at the bank", proof.closing_minor)
            self._line("the books now", proof.books_minor)
            self._line("in the books, on no statement yet", proof.on_their_way_minor)
            self._line("on statements, not in the books", proof.not_in_books_minor)
            self._line("difference", proof.difference_minor)
        for kind, (count, total_minor) in sorted(proof.pending.items()):
            self._line(f"waiting for the bank: {kind} ({count})", total_minor)
        for order in proof.waiting:
            self.stdout.write(
                f"  {order.reference}  {order.kind}  {order.state}  "
                f"{amount_text(order.amount_minor)}  since {order.created_at:%Y-%m-%d %H:%M}"
            )
        self._line(f"unresolved cases ({proof.unresolved}), money at risk", proof.at_risk_minor)
        for case in unresolved_cases()[:MOST_SHOWN]:
            self.stdout.write(
                f"  case {case.pk}  {case.kind}  {amount_text(case.at_risk_minor)}  "
                f"since {case.opened_at:%Y-%m-%d %H:%M}"
            )

    def _line(self, label: str, minor: int) -> None:
        self.stdout.write(f"{label:<46}{amount_text(minor):>18}")
