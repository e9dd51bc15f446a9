"""Start-up checks: what is right for a look on one's own machine must not serve real money.

An installation with a database of its own (`DATABASE_URL`) counts as real. `WALLET_TRIAL=1` says
that it is a trial all the same; then these errors are warnings.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, register, run_checks
from django.core.exceptions import ImproperlyConfigured

_SHORTEST_SECRET = 32
_TAG = "walletsite"


@register(_TAG)
def safe_for_real_money(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """One error for each thing that must not be so where the money is real."""
    if settings.EMBEDDED:
        return []
    level = checks.Warning if settings.TRIAL else Error
    letter = "W" if settings.TRIAL else "E"
    return [
        level(said, hint=hint, id=f"walletsite.{letter}{number:03d}")
        for number, said, hint in _find_faults()
    ]


def refuse_unsafe() -> None:
    """Raise ImproperlyConfigured for an unsafe installation: web servers run no checks."""
    errors = [each for each in run_checks(tags=[_TAG]) if each.is_serious()]
    if errors:
        raise ImproperlyConfigured(" ".join(f"{each.msg} {each.hint}" for each in errors))


def _find_faults() -> Iterator[tuple[int, str, str]]:
    """Number, what is wrong, what to do."""
    if settings.DEMO_MODE:
        yield 1, "Demo mode is on: it shows text messages to everybody.", "Unset WALLET_DEMO."
    if settings.SMS["gateway"].startswith("accounts.phone.gateways.") and settings.SMS[
        "gateway"
    ].rsplit(".", 1)[1] in {"DemoGateway", "ConsoleGateway", "FileGateway"}:
        yield 2, "Text messages do not go to a phone.", "Set SMS_GATEWAY to a provider's gateway."
    if "sandbox" in settings.SANDBOX_BANK["rail"]:
        yield 3, "The bank behind top-ups is the sandbox.", "Set BANK_RAIL to a real rail."
    if settings.DEBUG:
        yield 4, "Debug pages are on.", "Unset DJANGO_DEBUG."
    if not settings.SECURE_COOKIES:
        yield 5, "Cookies travel without https.", "Unset WALLET_SECURE_COOKIES."
    if "*" in settings.ALLOWED_HOSTS:
        yield 6, "Any host name is accepted.", "Name the hosts in DJANGO_ALLOWED_HOSTS."
    secrets = [
        settings.SECRET_KEY,
        settings.INDEX_KEY,
        *settings.FIELD_KEYS,
        *settings.PAYMENT_PASSWORD_KEYS,
    ]
    if any(len(each) < _SHORTEST_SECRET for each in secrets):
        yield 7, f"A key has fewer than {_SHORTEST_SECRET} characters.", "Make a longer one."
    if len(set(secrets)) < len(secrets):
        yield 8, "Two keys are the same.", "Give each purpose a key of its own."
