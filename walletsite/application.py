"""The site as a WSGI application, the same behind gunicorn and in the embedded server."""

from __future__ import annotations

from django.core.wsgi import get_wsgi_application

from walletsite.proxies import Application, TrustedProxies


def make_application() -> Application:
    """Raises ImproperlyConfigured for settings that are not safe (walletsite/checks.py)."""
    django_application = get_wsgi_application()
    from django.conf import settings

    from walletsite.checks import refuse_unsafe
    from walletsite.silence import end_silent_waits
    from walletsite.turns import take_turns

    refuse_unsafe()
    end_silent_waits()
    take_turns()
    return TrustedProxies(django_application, settings.TRUSTED_PROXIES)
