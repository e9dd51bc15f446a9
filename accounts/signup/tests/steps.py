"""Walking through the pages of opening a wallet, as a browser would."""

from __future__ import annotations

from typing import Any

from django.test import Client

from tests.cast import (
    LOGIN_PASSWORD,
    PAYMENT_PASSWORD,
    make_id_number,
    make_phone,
    read_code,
)


class Opening:
    """One browser that opens a wallet."""

    def __init__(self, client: Client | None = None, phone: str = "", id_number: str = "") -> None:
        self.client = client or Client(headers={"accept-language": "en"})
        self.phone = phone or make_phone()
        self.id_number = id_number or make_id_number()

    def tell_person(self, **changes: str) -> Any:
        """Step 1."""
        facts = {
            "name": "陈思远",
            "id_number": self.id_number,
            "phone": self.phone,
            "agree": "on",
        }
        return self.client.post("/open/person/", {**facts, **changes})

    def tell_phone(self, **changes: str) -> Any:
        """Step 1 with the phone alone."""
        return self.client.post("/open/phone/", {"phone": self.phone, "agree": "on", **changes})

    def set_passwords(self, **changes: str) -> Any:
        """Step 2."""
        facts = {
            "payment_password": PAYMENT_PASSWORD,
            "payment_password_again": PAYMENT_PASSWORD,
            "login_password": LOGIN_PASSWORD,
        }
        return self.client.post("/open/passwords/", {**facts, **changes})

    def type_code(self, code: str = "") -> Any:
        """Step 3; without a code the one from the phone."""
        return self.client.post("/open/code/", {"code": code or read_code(self.phone)})

    def up_to_code(self) -> Opening:
        """Steps 1 and 2."""
        assert self.tell_person().status_code == 302
        assert self.set_passwords().status_code == 302
        return self
