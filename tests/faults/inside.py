"""What the harness asks of an installation from inside, in a process with its settings.

`prepare` makes tables and static files, `people` makes customers with money and a card, `truth`
tells what became of every payment, and proves the books.
"""

from __future__ import annotations

import json
import sys
from typing import Any

FUNDS_MINOR = 10_000_00


def prepare() -> Any:
    """Everything that has to be in place before the first request."""
    from walletsite.installation import prepare as prepare_installation

    prepare_installation(lambda line: None)
    return True


def upgrade() -> Any:
    """What an upgrade does to the busiest table: the command, then a column and an index more,
    and both away again."""
    from django.core.management import call_command
    from django.db import connection, models

    from payments.processing.models import Payment

    call_command("upgrade_database", verbosity=0)
    column = models.IntegerField(null=True)
    column.set_attributes_from_name("faults_probe")
    index = models.Index(fields=["created_at"], name="payments_faults_probe")
    for change in ("add", "remove"):
        with connection.schema_editor() as editor:
            getattr(editor, f"{change}_field")(Payment, column)
        with connection.schema_editor() as editor:
            getattr(editor, f"{change}_index")(Payment, index)
    return True


def people(count: str) -> Any:
    """So many customers without limits, each with money and a bank card."""
    from payments.banking.services import link_proved_card
    from payments.banking.tests.builders import card_number
    from payments.wallets.models import Wallet
    from payments.wallets.selectors import get_wallet_for
    from payments.wallets.services import set_wallet_class
    from tests.cast import LOGIN_PASSWORD, PAYMENT_PASSWORD, fund, make_customer, wallet_with

    made = []
    for number in range(int(count)):
        user = make_customer(phone=f"+8613912{number:06d}")
        wallet = wallet_with(user)
        card = link_proved_card(user=user, number=card_number(f"622599{number:09d}"))
        set_wallet_class(wallet=get_wallet_for(user), wallet_class=Wallet.WalletClass.I)
        fund(wallet, f"{FUNDS_MINOR // 100}.00")
        made.append(
            {
                "phone": str(user.phone),
                "password": LOGIN_PASSWORD,
                "pin": PAYMENT_PASSWORD,
                "card": str(card.public_id),
            }
        )
    return made


def history(count: str) -> Any:
    """A customer with so many records: written straight into the tables that lists read."""
    from django.db import connection
    from django.utils import timezone

    from payments.wallets.services import open_wallet
    from tests.cast import LOGIN_PASSWORD, make_customer
    from tests.histories import write_history, write_history_in_sql

    user = make_customer(phone=f"+86137{int(count):08d}", id_number="")
    wallet, other = (
        open_wallet(user=user),
        open_wallet(user=make_customer(phone=f"+86136{int(count):08d}", id_number="")),
    )
    write = write_history_in_sql if connection.vendor == "postgresql" else write_history
    write(wallet=wallet, other=other, count=int(count), until=timezone.now())
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return {"phone": str(user.phone), "password": LOGIN_PASSWORD}


def truth() -> Any:
    """Every payment with its state and how often the books have it; balances; the proof."""
    from ledger.models import JournalEntry
    from ledger.services import verify_ledger
    from payments.processing.models import Payment
    from payments.wallets.models import Wallet
    from payments.wallets.selectors import wallet_balance

    booked: dict[str, int] = {}
    for key in JournalEntry.objects.filter(key__startswith="payment:").values_list(
        "key", flat=True
    ):
        booked[key.split(":")[1]] = booked.get(key.split(":")[1], 0) + 1
    payments = {
        str(row["public_id"]): {
            "state": row["state"],
            "kind": row["kind"],
            "amount": row["amount_minor"],
            "payer": str(row["payer_wallet__owner__phone"] or ""),
            "payee": str(row["payee_wallet__owner__phone"] or ""),
            "booked": booked.pop(str(row["public_id"]), 0),
        }
        for row in Payment.objects.values(
            "public_id", "state", "kind", "amount_minor",
            "payer_wallet__owner__phone", "payee_wallet__owner__phone",
        )
    }  # fmt: skip
    balances = {}
    for wallet in Wallet.objects.select_related("owner"):
        balance = wallet_balance(wallet)
        balances[str(wallet.owner.phone)] = [balance.posted_minor, balance.available_minor]
    report = verify_ledger()
    return {
        "payments": payments,
        "booked_for_nobody": sorted(booked),
        "balances": balances,
        "problems": list(report.problems),
    }


def order(public_id: str) -> Any:
    """All that is known of one payment's way to the bank, for whoever asks why it hangs."""
    from payments.banking.models import BankOrder, SandboxBankOrder

    ours = BankOrder.objects.filter(payment__public_id=public_id)
    theirs = SandboxBankOrder.objects.filter(reference__in=ours.values("reference"))
    return repr([*ours.values(), *theirs.values()])


def main() -> None:
    """Print one line of JSON, the last one."""
    import django

    django.setup()
    acts = {act.__name__: act for act in (prepare, upgrade, people, history, order, truth)}
    print(json.dumps(acts[sys.argv[1]](*sys.argv[2:])))


if __name__ == "__main__":
    main()
