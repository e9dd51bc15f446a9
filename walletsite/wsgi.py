"""The WSGI entry point of the site."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "walletsite.settings")

application = get_wsgi_application()

from walletsite.checks import refuse_unsafe  # noqa: E402  (needs the apps)

refuse_unsafe()
