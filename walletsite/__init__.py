"""Configuration of the site: settings, addresses, workers. No business rules live here."""

from walletsite.celery import app as celery_app

__all__ = ["celery_app"]
