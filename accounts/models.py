"""Gathers the rooms' models for Django."""

from accounts.security.models import SecurityEvent, ThrottledAct, Tries, UserSession
from accounts.users.models import User

__all__ = [
    "SecurityEvent",
    "ThrottledAct",
    "Tries",
    "User",
    "UserSession",
]
