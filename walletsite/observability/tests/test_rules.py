"""The example alerts ask for figures that exist."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.conf import settings as site
from django.core.management import call_command
from django.test import Client

from accounts.security import counters as people
from accounts.users.models import User
from tests.cast import wallet_with
from walletsite.observability import counters

RULES = site.BASE_DIR / "deploy" / "prometheus" / "wallet-rules.yml"


@pytest.mark.django_db
def test_every_figure_in_the_rules_is_one_we_have(
    client: Client, alice: User, settings: Any
) -> None:
    settings.METRICS = {**settings.METRICS, "addresses": ["127.0.0.1"]}
    wallet_with(alice, "1.00")
    call_command("verify_ledger", verbosity=0)
    said = client.get("/metrics").content.decode()
    has = set(re.findall(r"^# TYPE (wallet_\w+)", said, re.M))
    for place in (counters, people):
        has |= {each._name for each in vars(place).values() if hasattr(each, "_labelnames")}
    wanted = set(re.findall(r"\bwallet_\w+", RULES.read_text(encoding="utf-8")))
    unknown = {name for name in wanted if not is_one_of(name, has)}
    assert len(wanted) > 10
    assert unknown == set()


def is_one_of(name: str, has: Any) -> bool:
    return name in has or re.sub(r"_(total|bucket|sum|count)$", "", name) in has
