"""What is wrong with each line of a file: all of it at once, so that it is mended in one go."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from accounts.identity.names import mask_name
from accounts.identity.selectors import masked_names
from accounts.security.errors import Refusal
from accounts.security.throttle import TooManyRequests, hit, take_room
from accounts.users.models import User
from payments.processing.selectors import typed_before
from payments.transfers.batch.models import BatchLine, TransferBatch
from payments.transfers.batch.reading import RawLine
from payments.transfers.batch.selectors import drafted_before
from payments.transfers.typed import NOTE_MOST, UNSEEN, parse_amount
from payments.wallets.amounts import amount_text
from payments.wallets.models import Wallet
from payments.wallets.selectors import find_payees, limit_state, payee_key, wallet_labels

# Digits, signs and letters as an input method writes them: one to one, nothing guessed.
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_SHOWN_MOST = 80
_ROUNDED = ("e+", ".", "#")


@dataclass(slots=True)
class _Found:
    """The payees of the file. `minutes`: how long until the rest may be looked up; 0: all were."""

    wallets: dict[str, Wallet]
    labels: dict[int, str]
    names: dict[int, str]
    asked: set[str]
    minutes: int


def check_lines(*, user: User, wallet: Wallet, raw_lines: Sequence[RawLine]) -> list[BatchLine]:
    """The lines, read and compared with what is known; unsaved. Each carries its problems.

    Counts every look-up of a payee in a transaction of its own: call it outside any.
    """
    lines = [_read(raw, wallet) for raw in raw_lines]
    found = _look_up(user, wallet, lines)
    single = limit_state(wallet).single
    seen: dict[tuple[int, int | None, str], int] = {}
    for line, raw in zip(lines, raw_lines, strict=True):
        _check_payee(line, user, wallet, found)
        if line.payee_wallet is not None:
            _check_name(line, raw.name, found)
            same = (line.payee_wallet.pk, line.amount_minor, line.note)
            if same in seen:
                _add(line, "line", "line.duplicate", other=seen[same])
            seen.setdefault(same, line.number)
        if single is not None and line.amount_minor is not None and line.amount_minor > single:
            _add(line, "amount", "amount.single", most=amount_text(single, wallet.currency))
    return lines


def _add(line: BatchLine, field: str, code: str, **params: object) -> None:
    line.problems.append({"field": field, "code": code, "params": params})


def _read(raw: RawLine, wallet: Wallet) -> BatchLine:
    """What the cells say by themselves."""
    payee, amount = _plain(raw.payee), _plain(raw.amount)
    line = BatchLine(
        number=raw.number,
        payee_typed=_shown(payee),
        amount_typed=_shown(amount),
        problems=[],
    )
    line.batch = TransferBatch(currency=wallet.currency)
    if raw.has_more:
        _add(line, "line", "line.more")
    _read_payee(line, payee)
    _read_amount(line, amount)
    _read_note(line, raw.note)
    return line


def _read_payee(line: BatchLine, text: str) -> None:
    if not text:
        _add(line, "payee", "payee.empty")
    elif _has_unseen(text):
        _add(line, "payee", "text.unseen")
    elif text.startswith(("=", "@", "-")):
        _add(line, "payee", "text.formula")
    elif key := payee_key(text):
        line.payee_key = key
    elif any(mark in text.lower() for mark in _ROUNDED):
        _add(line, "payee", "payee.rounded")
    else:
        _add(line, "payee", "payee.shape")


def _read_amount(line: BatchLine, text: str) -> None:
    if not text:
        _add(line, "amount", "amount.empty")
    elif text.startswith(("=", "+", "@")):
        _add(line, "amount", "text.formula")
    else:
        try:
            line.amount_minor = parse_amount(line.amount_typed, line.batch.currency).minor
        except Refusal:
            _add(line, "amount", "amount.bad")


def _read_note(line: BatchLine, text: str) -> None:
    note = unicodedata.normalize("NFC", text.strip(" "))
    line.note = _shown(note)
    if _has_unseen(note):
        _add(line, "note", "text.unseen")
    elif note.startswith(_FORMULA):
        _add(line, "note", "text.formula")
    elif len(note) > NOTE_MOST:
        _add(line, "note", "note.long", most=NOTE_MOST, typed=len(note))


def _look_up(user: User, wallet: Wallet, lines: Sequence[BatchLine]) -> _Found:
    """Find the payees. A file must not tell more than single transfers do: numbers not found
    before are counted, and those without a wallet count as look-ups of single transfers do; when
    either is used up, the rest is left unasked."""
    keys = list(dict.fromkeys(line.payee_key for line in lines if line.payee_key))
    known = typed_before(wallet, keys) | drafted_before(user, keys)
    new = [key for key in keys if key not in known]
    person = str(user.public_id)
    taken = take_room(action="batch.lookup", person=person, wanted=len(new))
    minutes = 60 if taken < len(new) else 0
    asked = known | set(new[:taken])
    wallets = find_payees([key for key in keys if key in asked])
    for place, key in enumerate(keys):
        if key not in asked or key in wallets:
            continue
        try:
            hit(action="payee.lookup", person=person)
        except TooManyRequests as refusal:
            minutes = -(-refusal.retry_after_seconds // 60)
            asked &= set(keys[:place]) | known
            wallets = {key: one for key, one in wallets.items() if key in asked}
            break
    payees = list(wallets.values())
    names = masked_names([payee.owner_id for payee in payees])
    return _Found(wallets, wallet_labels(payees), names, asked, minutes)


def _check_payee(line: BatchLine, user: User, wallet: Wallet, found: _Found) -> None:
    if not line.payee_key:
        return
    payee = found.wallets.get(line.payee_key)
    if line.payee_key not in found.asked:
        _add(line, "payee", "payee.not_checked", minutes=found.minutes)
    elif payee is None or payee.currency != wallet.currency:
        _add(line, "payee", "payee.none")
    elif payee.owner_id == user.pk:
        _add(line, "payee", "payee.self")
    else:
        line.payee_wallet = payee
        line.payee_label = found.labels[payee.pk][:100]


def _check_name(line: BatchLine, typed: str, found: _Found) -> None:
    """Compared as masked, the way the payer sees it: a file must not find out a whole name."""
    name = unicodedata.normalize("NFC", " ".join(typed.split()))
    if not name:
        return
    assert line.payee_wallet is not None
    payee = line.payee_wallet
    is_shop = payee.kind == Wallet.Kind.MERCHANT
    known = line.payee_label if is_shop else found.names.get(payee.owner_id, "")
    if _has_unseen(typed.strip()):
        _add(line, "name", "text.unseen")
    elif name.startswith(_FORMULA):
        _add(line, "name", "text.formula")
    elif not known:
        _add(line, "name", "name.unknown")
    elif name != known and (is_shop or mask_name(name) != known):
        _add(line, "name", "name.differs", label=known)


def _plain(text: str) -> str:
    """The cell with full-width characters made plain and without space around it. An apostrophe
    in front is how spreadsheets mark text."""
    return text.translate(_FULL_WIDTH).strip(" ").removeprefix("'")


def _has_unseen(text: str) -> bool:
    return any(unicodedata.category(char) in UNSEEN for char in text)


def _shown(text: str) -> str:
    """What is kept of a cell for the preview: what a page and a column can hold."""
    return "".join("�" if _has_unseen(char) else char for char in text)[:_SHOWN_MOST]
