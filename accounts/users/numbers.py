"""Showing a phone number to somebody who need not read all of it."""


def masked_phone(number: str) -> str:
    """`+8613800136027` as `138 **** 6027`; a number of another country keeps its last four."""
    if not number.startswith("+"):
        return "—"
    national = number.removeprefix("+86")
    if national == number:
        return f"**** {number[-4:]}"
    return f"{national[:3]} **** {national[-4:]}"
