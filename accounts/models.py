"""Gathers the rooms' models for Django."""

from accounts.users.models import User

__all__ = ["User"]
