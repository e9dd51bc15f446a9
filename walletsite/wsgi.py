"""The WSGI entry point of the site, for a server behind a proxy (deploy/gunicorn.conf.py)."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "walletsite.settings")

from walletsite.application import make_application
from walletsite.checks import refuse_embedded

application = make_application()
refuse_embedded()
