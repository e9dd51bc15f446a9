"""The site's settings while its pages are measured: one empty page more, and counted queries."""

from __future__ import annotations

from walletsite.settings import *  # noqa: F403
from walletsite.settings import MIDDLEWARE

ROOT_URLCONF = "tests.bench.site_urls"
MIDDLEWARE = [*MIDDLEWARE, "tests.bench.counting.QueryCountMiddleware"]
