"""Proving again who is at a covered browser."""

from __future__ import annotations

from django.http import HttpRequest

from accounts.factors.passkey_asking import is_answered, take_answer
from accounts.payment_password.services import check_payment_password
from accounts.security.addresses import client_address
from accounts.security.services import record_event, uncover_session
from accounts.security.sessions import current_session, renew_session
from accounts.signin.errors import LoginPasswordWrong, SignInWrong
from accounts.signin.services import check_login_password
from accounts.users.models import User

# What a passkey is asked for here.
RESUME = "resume"


def resume(
    *, request: HttpRequest, user: User, payment_password: str = "", password: str = ""
) -> None:
    """End the cover with one of the two passwords, or with what a passkey answered; the session
    gets a new key.

    Raises what `check_payment_password` and `check_login_password` raise, whose ladders count, and
    `PasskeyRefused`. Call it outside any transaction.
    """
    if is_answered(request):
        take_answer(request, RESUME, person=user)
    elif payment_password:
        check_payment_password(user=user, raw=payment_password)
    else:
        try:
            check_login_password(request=request, typed_name=str(user.phone), password=password)
        except SignInWrong:
            raise LoginPasswordWrong from None
    session = current_session(request)
    if session is None:
        raise RuntimeError("only a signed-in session is covered")
    uncover_session(session=session)
    renew_session(request)
    record_event(user=user, kind="session.resumed", address=client_address(request))
