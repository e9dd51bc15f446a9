"""Everything that changes cards and top-ups."""

from payments.banking.services.cards import (
    finish_card_link,
    link_proved_card,
    remove_card,
    start_card_link,
)
from payments.banking.services.top_ups import prepare_top_up, send_to_bank

__all__ = [
    "finish_card_link",
    "link_proved_card",
    "prepare_top_up",
    "remove_card",
    "send_to_bank",
    "start_card_link",
]
