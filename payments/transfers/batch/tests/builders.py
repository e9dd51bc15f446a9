"""Files and batches, made through the services."""

from __future__ import annotations

from collections.abc import Sequence

from accounts.users.models import User
from payments.transfers.batch.models import TransferBatch
from payments.transfers.batch.services import authorise_batch, upload_batch
from payments.wallets.models import Wallet
from payments.wallets.services import set_wallet_class
from tests.cast import PAYMENT_PASSWORD, make_customer, wallet_with

HEADER = "payee,amount,note,name\n"


def rich(user: User, amount: str = "10000.00") -> Wallet:
    """A wallet with money and without limits."""
    return set_wallet_class(wallet=wallet_with(user, amount), wallet_class="I")


def crowd(count: int) -> list[User]:
    """So many customers with a wallet."""
    people = [make_customer("林晓") for _ in range(count)]
    for person in people:
        wallet_with(person)
    return people


def text_for(people: Sequence[User], amount: str = "1.00") -> str:
    """One line for each of them."""
    lines = [f"{person.phone},{amount},pay {place}," for place, person in enumerate(people)]
    return HEADER + "\n".join(lines)


def uploaded(user: User, text: str) -> TransferBatch:
    """A draft."""
    return upload_batch(user=user, content=text.encode(), file_name="pay.csv")


def authorised(user: User, text: str) -> TransferBatch:
    """A batch that has not sent anything yet."""
    return authorise_batch(
        user=user,
        public_id=uploaded(user, text).public_id,
        raw_payment_password=PAYMENT_PASSWORD,
    )


def problems(batch: TransferBatch) -> dict[int, list[tuple[str, str]]]:
    """Line number -> (field, code) of each fault."""
    return {
        line.number: [(found["field"], found["code"]) for found in line.problems]
        for line in batch.lines.all()
        if line.problems
    }
