"""Configuration of the site: settings, addresses, workers. No business rules live here."""

from walletsite.celery import app as celery_app

# As in pyproject.toml; a backup names the version it was taken with.
VERSION = "0.1.0"

__all__ = ["VERSION", "celery_app"]
