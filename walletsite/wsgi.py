"""The WSGI entry point of the site, for a server behind a proxy (deploy/gunicorn.conf.py)."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "walletsite.settings")

_django = get_wsgi_application()

from django.conf import settings  # noqa: E402

from walletsite.checks import refuse_embedded, refuse_unsafe  # noqa: E402
from walletsite.proxies import TrustedProxies  # noqa: E402

refuse_embedded()
refuse_unsafe()
application = TrustedProxies(_django, settings.TRUSTED_PROXIES)
