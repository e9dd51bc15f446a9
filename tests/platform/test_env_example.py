""".env.example is the whole list: nothing is read that is not in it, nothing in it is not read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.once
ROOT = Path(__file__).resolve().parents[2]
_READ = re.compile(
    r"""(?:\benv\.(?:str|bool|int|float|list|json|db)\(|\bsecret\(|os\.environ\.get\()\s*"([A-Z_]+)\""""
)
# What Django, Celery and Python themselves read.
_NOT_OURS = {"DJANGO_SETTINGS_MODULE"}


def test_every_variable_that_is_read_is_in_the_example_and_the_other_way_round() -> None:
    files = [*(ROOT / "walletsite").rglob("*.py"), ROOT / "deploy" / "gunicorn.conf.py"]
    read = {
        name
        for path in files
        if "tests" not in path.parts
        for name in _READ.findall(path.read_text(encoding="utf-8"))
    }
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    named = re.findall(r"^#?([A-Z][A-Z_]+)=", example, re.M)
    assert sorted(named) == sorted(set(named)), "a variable stands twice in .env.example"
    assert set(named) == read - _NOT_OURS
