"""Everything that changes cards, top-ups and withdrawals."""

from payments.banking.services.asking import ask_bank_now
from payments.banking.services.cards import (
    finish_card_link,
    link_proved_card,
    register_undo,
    remove_card,
    start_card_link,
)
from payments.banking.services.top_ups import prepare_top_up, send_to_bank
from payments.banking.services.withdrawals import prepare_withdrawal, send_out

__all__ = [
    "ask_bank_now",
    "finish_card_link",
    "link_proved_card",
    "prepare_top_up",
    "prepare_withdrawal",
    "register_undo",
    "remove_card",
    "send_out",
    "send_to_bank",
    "start_card_link",
]
