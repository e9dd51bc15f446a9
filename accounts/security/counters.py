"""What is counted of people: which rule said no, and what happened at the doors.

Counted where it happens, in each process; `walletsite.observability` adds the processes up. A label
never says who.
"""

from __future__ import annotations

from prometheus_client import Counter

REFUSALS = Counter(
    "wallet_refusals", "Refusals by the code of the rule that said no (limit.day).", ["code"]
)
SECURITY_EVENTS = Counter(
    "wallet_security_events", "Security events by kind (sign_in.wrong, sign_in.locked).", ["kind"]
)
LOST_WAKE_UPS = Counter(
    "wallet_wake_ups_lost",
    "Wake-ups that the broker did not take, by task; the sweep finds their rows.",
    ["task"],
)
