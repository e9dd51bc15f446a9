"""The table of risky changes: what fresh proof each asks for, and whether it can be taken back.

Whoever adds a change that makes a wallet easier to get at writes a line here; a test compares the
table with the code (`tests/test_risky_changes.py`), so none can slip in without the three:
fresh proof, news on every other channel (`note_change`), and the way back where it is safe.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from accounts.changes.undoing import Way


class Proof(StrEnum):
    """How a person shows, within minutes of the change, that it is them."""

    STEP_UP = "login password, and the second factor where one is on, at most 5 minutes old"
    WALK = "a walk of its own: code to the phone, and what the phone's holder alone does not know"
    CODE = "a code to the phone, bound to exactly this, of a person whose name is proved"
    TWO_PEOPLE = "two people of staff, who have checked who is asking"


@dataclass(frozen=True, slots=True)
class Risky:
    """One line. `kind` is that of the security event; `pages` are the names of the addresses that
    lead to it and ask for step-up. `stays` says why it is not taken back; empty: it can be, by
    `back`."""

    kind: str
    proof: Proof
    pages: tuple[str, ...] = ()
    stays: str = ""
    back: Way = Way.NONE


_KNOWN = "the old secret may be the one that a thief knows; a reset is the way back"
_STOPPED = "has its own way back"
_STAFF = "staff decided it, and staff take it back"

RISKY: dict[str, Risky] = {
    line.kind: line
    for line in (
        Risky("login_password.changed", Proof.STEP_UP, ("signin:change_password",), _KNOWN),
        Risky("login_password.reset", Proof.WALK, (), _KNOWN),
        Risky("payment_password.changed", Proof.STEP_UP, ("payment_password:change",), _KNOWN),
        Risky("payment_password.reset", Proof.WALK, (), _KNOWN),
        Risky("phone.change_asked", Proof.STEP_UP, ("phone_change:start",), back=Way.PHONE),
        Risky(
            "phone.changed",
            Proof.STEP_UP,
            ("phone_change:start", "phone_change:new"),
            back=Way.PHONE,
        ),
        Risky(
            "identity.added", Proof.STEP_UP, ("identity:add",), "it was checked, and is given once"
        ),
        Risky("number.claimed", Proof.WALK, (), "the owner objects with one press"),
        Risky("number.freed", Proof.WALK, (), "the owner sets another number"),
        # A factor of a thief's signs in for ever and shuts its owner out; by the phone alone one
        # could take an owner's away.
        Risky("two_factor.on", Proof.STEP_UP, ("factors:begin",), back=Way.PERSON),
        Risky("passkey.added", Proof.STEP_UP, ("factors:add_passkey",), back=Way.PERSON),
        # What comes back may be in a stolen phone, and a passkey signs in alone.
        Risky("two_factor.off", Proof.STEP_UP, ("factors:switch_off",), back=Way.SIGNED_IN),
        Risky("passkey.removed", Proof.STEP_UP, ("factors:remove_passkey",), back=Way.SIGNED_IN),
        Risky(
            "recovery_codes.made",
            Proof.STEP_UP,
            ("factors:recovery_codes",),
            "the old ones are deleted; new ones can be made at any time",
        ),
        # Cards are linked only in the name that was proved: a thief has none.
        Risky("card.linked", Proof.CODE, (), "the owner removes it with one press"),
        Risky("card.removed", Proof.STEP_UP, ("banking:remove_card",), back=Way.PHONE),
        Risky("wallet.limits_raised", Proof.STEP_UP, ("wallets:limits",), back=Way.PHONE),
        Risky("wallet.limits_overridden", Proof.TWO_PEOPLE, (), _STAFF),
        Risky("wallet.class_one", Proof.TWO_PEOPLE, (), _STAFF),
        Risky("wallet.closing_asked", Proof.STEP_UP, ("closing:confirm",), _STOPPED),
        Risky(
            "wallet.freeze_lifted",
            Proof.STEP_UP,
            ("safety:lift", "safety:lift_code"),
            "freezing is one press",
        ),
        Risky("freeze_code.made", Proof.STEP_UP, ("safety:new_code",), "freezing stops money only"),
        Risky("second_proof.lowered", Proof.STEP_UP, ("proving:rules",), back=Way.PHONE),
        Risky("change.undone", Proof.STEP_UP, ("security:change_undo",), "it can be made again"),
    )
}
