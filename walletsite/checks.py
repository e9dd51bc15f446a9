"""Start-up checks: what is right for a look on one's own machine must not serve real money.

An installation with a database of its own (`DATABASE_URL`) counts as real. `WALLET_TRIAL=1` says
that it is a trial all the same; then these errors are warnings. `manage.py check --deploy` judges
any installation as if it were real. Web server, worker and beat refuse to start with an error.
"""

from __future__ import annotations

import stat
from collections.abc import Iterator
from typing import Any, NamedTuple

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, register, run_checks
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from accounts.phone.gateways.providers import gateway_paths
from walletsite.env import secret_files

_SHORTEST_SECRET = 32
# As Django's own security.W009 asks of its key.
_FEWEST_CHARACTERS = 5
_PLACEHOLDERS = (
    "django-insecure",
    "change-me",
    "changeme",
    "change_me",
    "replace-me",
    "only for tests",
)
_SHORTEST_HSTS = 3600
_CACHES_OF_ONE_PROCESS = ("locmem.LocMemCache", "dummy.DummyCache")
_TAG = "walletsite"


class Fault(NamedTuple):
    """What is wrong and what to do. A warning does not keep the site from starting."""

    number: int
    said: str
    hint: str
    is_warning: bool = False


@register(_TAG)
def safe_for_real_money(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """One error for each thing that must not be so where the money is real."""
    return [] if settings.EMBEDDED else _messages(is_lenient=settings.TRIAL)


@register(_TAG, deploy=True)
def fit_for_deployment(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """The same for an installation that is not judged yet: `check --deploy` before it is real."""
    is_judged = not settings.EMBEDDED and not settings.TRIAL
    return [] if is_judged else _messages(is_lenient=False)


def refuse_unsafe() -> None:
    """Raise ImproperlyConfigured for an unsafe installation: web servers run no checks."""
    errors = [each for each in run_checks(tags=[_TAG]) if each.is_serious()]
    if errors:
        said = " ".join(f"({each.id}) {each.msg} {each.hint}" for each in errors)
        raise ImproperlyConfigured(said)


def refuse_embedded() -> None:
    """Raise ImproperlyConfigured where a server of many processes meets the embedded database."""
    if settings.EMBEDDED and not settings.DEMO_MODE and not settings.TRIAL:
        raise ImproperlyConfigured(
            "(walletsite.E012) There is no DATABASE_URL: the embedded database is for "
            "`manage.py serve`, which runs all of the wallet from one process. Set DATABASE_URL."
        )


def _messages(*, is_lenient: bool) -> list[CheckMessage]:
    messages: list[CheckMessage] = []
    for fault in find_faults():
        is_warning = fault.is_warning or is_lenient
        make = checks.Warning if is_warning else checks.Error
        name = f"walletsite.{'W' if is_warning else 'E'}{fault.number:03d}"
        messages.append(make(fault.said, hint=fault.hint, id=name))
    return messages


def find_faults() -> Iterator[Fault]:
    """Everything that must not be so, whatever kind of installation this is."""
    for look in (_modes, _partners, _answers, _keys, _key_files, _stores, _proxy):
        yield from look()


def _modes() -> Iterator[Fault]:
    if settings.DEMO_MODE:
        yield Fault(
            1, "Demo mode is on: it shows text messages to everybody.", "Unset WALLET_DEMO."
        )
    if settings.DEBUG:
        yield Fault(4, "Debug pages are on.", "Unset DJANGO_DEBUG.")


def _partners() -> Iterator[Fault]:
    """Who carries messages and money. A class says `is_for_trial = True` of itself."""
    for number, paths, said, hint in (
        (
            2,
            _gateways(),
            "Text messages do not go to a phone",
            "Set SMS_GATEWAY or SMS_PROVIDERS to a provider that sends.",
        ),
        (
            3,
            [settings.SANDBOX_BANK["rail"]],
            "The bank behind top-ups and withdrawals is no bank",
            "Set BANK_RAIL to the rail of your bank.",
        ),
        (
            19,
            [settings.IDENTITY_CHECK],
            "Nobody checks names, ID numbers and cards",
            "Set IDENTITY_CHECK to a class that asks who knows.",
        ),
    ):
        for path in paths:
            yield from _partner(number, path, said, hint)


def _partner(number: int, path: str, said: str, hint: str) -> Iterator[Fault]:
    try:
        partner = import_string(path)
    except ImportError:
        yield Fault(number, f"{path} cannot be loaded.", hint)
        return
    if getattr(partner, "is_for_trial", False):
        yield Fault(number, f"{said}: {path} is for trying out.", hint)
    if getattr(partner, "believes_the_form", False):
        yield Fault(number, f"{said}, only their form: {path}.", hint, is_warning=True)
    if hasattr(partner, "sample_settings"):
        for name in partner.sample_settings():
            yield Fault(18, f"{name} is still the sample's.", f"Set {name}.", is_warning=True)
    if hasattr(partner, "other_rails"):
        for other in partner.other_rails():
            yield from _partner(
                number, other, said, "Set BANK_COLLECT_RAIL to a rail of your bank, or empty."
            )


def _gateways() -> list[str]:
    return gateway_paths()


def _answers() -> Iterator[Fault]:
    """Cookies, hosts and https."""
    if not (settings.SESSION_COOKIE_SECURE and settings.CSRF_COOKIE_SECURE):
        yield Fault(5, "Cookies travel without https.", "Unset WALLET_SECURE_COOKIES.")
    if any(host in {"*", "."} for host in settings.ALLOWED_HOSTS):
        yield Fault(6, "Any host name is accepted.", "Name the hosts in DJANGO_ALLOWED_HOSTS.")
    if settings.SECURE_HSTS_SECONDS < _SHORTEST_HSTS:
        yield Fault(
            10,
            "Browsers are not told to stay on https (HSTS).",
            "Unset WALLET_HSTS_SECONDS, or give it a year: 31536000.",
        )
    if not settings.SECURE_SSL_REDIRECT:
        yield Fault(
            17,
            "A request over http is answered instead of sent to https.",
            "Unset WALLET_SSL_REDIRECT, unless the proxy sends everybody to https.",
            is_warning=True,
        )


def _keys() -> Iterator[Fault]:
    secrets = [
        settings.SECRET_KEY,
        settings.INDEX_KEY,
        *settings.OLD_INDEX_KEYS,
        *settings.FIELD_KEYS,
        *settings.PAYMENT_PASSWORD_KEYS,
    ]
    hint = 'Make one: python3 -c "import secrets; print(secrets.token_urlsafe(48))".'
    if any(len(each) < _SHORTEST_SECRET for each in secrets):
        yield Fault(7, f"A key has fewer than {_SHORTEST_SECRET} characters.", hint)
    if len(set(secrets)) < len(secrets):
        yield Fault(8, "Two keys are the same.", "Give each purpose a key of its own.")
    if any(_is_a_placeholder(each) for each in secrets):
        yield Fault(9, "A key is a placeholder that anybody can guess.", hint)


def _is_a_placeholder(key: str) -> bool:
    return len(set(key)) < _FEWEST_CHARACTERS or any(each in key.lower() for each in _PLACEHOLDERS)


def _key_files() -> Iterator[Fault]:
    data = settings.VAR_DIR.resolve()
    for name, path in sorted(secret_files.items()):
        if not path.exists():
            continue
        if path.stat().st_mode & (stat.S_IROTH | stat.S_IWOTH):
            yield Fault(
                14, f"{path} ({name}) can be read by everybody.", "chmod 0400.", is_warning=True
            )
        if path.resolve().is_relative_to(data):
            yield Fault(
                15,
                f"{path} ({name}) lies with the data: a copy of one is a copy of both.",
                "Set WALLET_KEYS_DIR or the _FILE variables to another volume.",
                is_warning=True,
            )


def _stores() -> Iterator[Fault]:
    """Database, cache and queue, which several processes share."""
    backend = str(settings.CACHES["default"]["BACKEND"])
    if backend.endswith(_CACHES_OF_ONE_PROCESS):
        yield Fault(
            11, "Each process has a cache of its own.", "Set REDIS_URL; it is used for the cache."
        )
    if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        yield Fault(
            12,
            "SQLite serves one machine and one `manage.py serve`, not several processes.",
            "Set DATABASE_URL to a PostgreSQL.",
        )
    if not settings.REDIS_URL:
        yield Fault(
            16,
            "Web server and worker share no queue.",
            "Set REDIS_URL (WALLET_TRIAL=1 allows a folder as the queue).",
        )


def _proxy() -> Iterator[Fault]:
    """TLS ends at a proxy; without its word every request looks like http from one address."""
    if not settings.BEHIND_PROXY:
        yield Fault(
            13,
            "Nobody says which requests came over https.",
            "Set WALLET_BEHIND_PROXY=true; the proxy sets X-Forwarded-Proto and X-Forwarded-For "
            "(deploy/nginx/wallet.conf).",
        )
    elif settings.TRUSTED_PROXY_COUNT < 1:
        yield Fault(
            13,
            "All visitors seem to have the proxy's address, and share its limits.",
            "Set WALLET_TRUSTED_PROXY_COUNT to the number of your own proxies.",
        )
    elif not settings.TRUSTED_PROXIES:
        yield Fault(
            13,
            "No proxy is believed.",
            "Set WALLET_TRUSTED_PROXIES to the addresses of your proxies.",
        )
