"""Browsers of people who are signed in."""

from __future__ import annotations

from django.test import Client
from django.utils import timezone

from accounts.security.models import UserSession
from accounts.users.models import User
from tests.cast import LOGIN_PASSWORD


def signed_in(user: User, password: str = LOGIN_PASSWORD) -> Client:
    """A browser in English in which this person has signed in through the page."""
    client = Client(headers={"accept-language": "en"})
    answer = client.post("/sign-in/", {"phone": str(user.phone), "password": password})
    assert answer.status_code == 302, answer.status_code
    return client


def signed_in_and_proved(user: User) -> Client:
    """The same, a moment after the person has confirmed who they are."""
    client = signed_in(user)
    UserSession.objects.filter(user=user, ended_at=None).update(proved_at=timezone.now())
    return client
