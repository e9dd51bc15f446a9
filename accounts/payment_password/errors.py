"""How this room says no."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from accounts.phone.errors import clock_text
from accounts.security.errors import Refusal


class PaymentPasswordWrong(Refusal):
    """Wrong digits; `tries_left` until the next lock."""

    def __init__(self, tries_left: int) -> None:
        super().__init__(
            ngettext_lazy(
                "Wrong payment password. Nothing was charged. %(tries)s try left.",
                "Wrong payment password. Nothing was charged. %(tries)s tries left.",
                tries_left,
            ),
            code="payment_password.wrong",
            params={"tries": tries_left},
            field="payment_password",
        )
        self.tries_left = tries_left


class PaymentPasswordLocked(Refusal):
    """Too many wrong tries. `until` is None when only a reset helps."""

    def __init__(self, until: datetime | None) -> None:
        if until is None:
            super().__init__(
                _(
                    "The payment password was wrong too often. Your money is safe and you can "
                    "still receive. Set a new payment password to go on paying."
                ),
                code="payment_password.reset_only",
                field="payment_password",
            )
        else:
            super().__init__(
                _(
                    "Payments are paused until %(until)s. Your money is safe and you can still "
                    "receive. Cannot wait? Set a new payment password."
                ),
                code="payment_password.locked",
                params={"until": clock_text(until)},
                field="payment_password",
            )
        self.until = until


class PaymentPasswordKeyGone(PaymentPasswordLocked):
    """What it was sealed under has been dropped, so nobody can say whether it is right."""

    def __init__(self) -> None:
        Refusal.__init__(
            self,
            _(
                "We have renewed how payment passwords are protected, and yours can no longer be "
                "checked. Your money is safe and you can still receive. Set a new payment "
                "password to go on paying."
            ),
            code="payment_password.key_gone",
            field="payment_password",
        )
        self.until = None


class PaymentPasswordMissing(Refusal):
    """The person has not set one yet."""

    def __init__(self) -> None:
        super().__init__(
            _("Set a payment password first. Nothing was charged."),
            code="payment_password.missing",
            field="payment_password",
        )


class PaymentPasswordWeak(Refusal):
    """Too easily guessed; `why` names the rule (see weak.py, and "personal", "used", "login")."""

    def __init__(self, why: str, field: str = "payment_password") -> None:
        super().__init__(WEAK_SENTENCES[why], code=f"payment_password.weak.{why}", field=field)
        self.why = why


class PaymentPasswordExists(Refusal):
    """It is set already; changing it needs the old one."""

    def __init__(self) -> None:
        super().__init__(
            _("A payment password is set already. Change it with the old one, or reset it."),
            code="payment_password.exists",
        )


class ResetRefused(Refusal):
    """What was given to prove oneself at a reset is not right; which part is not said."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "The login password or the ID digits are not right. "
                "Your payment password is unchanged."
            ),
            code="payment_password.reset_wrong",
        )


class AnswersPaused(Refusal):
    """What shows who somebody is was wrong too often, on any of the walks that ask a signed-in
    person for it: they have one count. The other walks name the code of their own."""

    own_page = "accounts/payment_password/answers_paused.html"

    def __init__(
        self, until: datetime | None, *, code: str = "payment_password.reset_paused"
    ) -> None:
        until = until or timezone.now()
        super().__init__(
            _("Too many wrong answers. You can try again at %(at)s; support can help before."),
            code=code,
            params={"at": clock_text(until)},
        )
        self.until = until


WEAK_SENTENCES = {
    "date": _("This can be read as a date. Dates are the first thing people guess."),
    "few": _("Use three or more different digits."),
    "run": _("Digits that follow each other, such as 123456, are easily guessed."),
    "repeat": _("Repeated digits, such as 123123, are easily guessed."),
    "mirror": _("Mirrored digits, such as 123321, are easily guessed."),
    "keypad": _("This is a line on the keypad and easily guessed."),
    "personal": _("This is part of your phone number, ID number or birthday."),
    "used": _("You have used this one before. Please choose a new one."),
    "login": _("The payment password must differ from the login password."),
}
