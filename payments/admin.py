"""Gathers the rooms' admin classes for Django."""

from payments.banking import admin as banking

__all__ = ["banking"]
