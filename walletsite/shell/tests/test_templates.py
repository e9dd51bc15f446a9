"""Rules for every template of the site, read as text."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings

FOLDER = Path(settings.BASE_DIR) / "templates"
TEMPLATES = sorted(FOLDER.rglob("*.html"))
_POST_FORM = re.compile(r'<form\b[^>]*method="post".*?</form>', re.DOTALL | re.IGNORECASE)
_FORBIDDEN = {
    "inline style": re.compile(r"<style|\sstyle="),
    "inline script": re.compile(r"<script(?![^>]*\bsrc=)"),
    "inline handler": re.compile(r"<[^>]*\s(on[a-z]+|hx-on[^=]*)="),
    "unescaped text": re.compile(r"\|\s*safe\b|\bautoescape off"),
    "address of another site": re.compile(r"""(?:src|href|action)=["'](?:https?:)?//"""),
}


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(FOLDER)))
def test_a_template_keeps_the_rules(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    faults = [name for name, pattern in _FORBIDDEN.items() if pattern.search(text)]
    if len(text.splitlines()) > 150:
        faults.append("more than 150 lines")
    faults += [
        "a post form without its token"
        for form in _POST_FORM.findall(text)
        if "csrf_token" not in form
    ]
    assert faults == []


@pytest.mark.parametrize("name", ["wallet.js", "wallet.css"])
def test_no_words_of_a_language_stand_in_scripts_and_styles(name: str) -> None:
    text = (Path(settings.BASE_DIR) / "static" / "wallet" / name).read_text(encoding="utf-8")
    assert not re.search("[\u4e00-\u9fff]", text)
    assert "innerHTML" not in text
    assert "eval(" not in text


def test_no_bank_is_named_in_a_template_or_a_style() -> None:
    files = [*TEMPLATES, *(Path(settings.BASE_DIR) / "static" / "wallet").glob("*.css")]
    named = [f.name for f in files if re.search("Example Bank|示例银行", f.read_text("utf-8"))]
    assert named == []
