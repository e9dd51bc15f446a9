"""The bank's colours: only group 1, only colours, only readable ones."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from walletsite.shell import checks, contrast, theme
from walletsite.shell.engraving import draw_band, draw_plate

TOKENS = Path(settings.BASE_DIR) / "static" / "wallet" / "tokens.css"


@pytest.fixture
def colours(settings: Any) -> Any:
    def choose(**schemes: dict[str, str]) -> None:
        settings.BANK = {**settings.BANK, "colours": schemes}

    return choose


def test_without_a_choice_nothing_is_overridden(colours: Any) -> None:
    colours()
    assert "--" not in theme.brand_css()


def test_a_choice_is_written_for_its_scheme_only(colours: Any) -> None:
    colours(light={"brand": "#7A1F2B"}, dark={"brand": "#ffb3bd"})
    css = theme.brand_css()
    assert ":root{--brand:#7a1f2b;}" in css
    assert ':root[data-theme="dark"]{--brand:#ffb3bd;}' in css


@pytest.mark.parametrize(
    "value",
    ["red;}body{display:none", "#fff", "#12345g", "url(//evil)", "#123456\n;", "＃123456",
     "#１２３４５６", "", None, 5],
)  # fmt: skip
def test_nothing_but_a_colour_reaches_the_stylesheet(colours: Any, value: Any) -> None:
    colours(light={"brand": value})
    assert "--brand" not in theme.brand_css()
    assert any(error.id == "shell.E001" for error in checks.bank_colours_can_be_read(None))


def test_code_ink_and_roles_stay_ours(colours: Any) -> None:
    colours(light={"code-ink": "#ffffff", "text": "#ffffff"})
    assert "#ffffff" not in theme.brand_css()


def test_the_built_in_colours_hold_the_contract(colours: Any) -> None:
    colours()
    assert contrast.failing_pairs(TOKENS) == []
    assert checks.bank_colours_can_be_read(None) == []


def test_a_colour_nobody_can_read_is_refused_by_the_name_of_the_pair(colours: Any) -> None:
    colours(light={"brand": "#ffcc00"})
    errors = checks.bank_colours_can_be_read(None)
    assert any("light: on-brand on brand" in error.msg for error in errors)


def test_a_readable_brand_passes(colours: Any) -> None:
    colours(light={"brand": "#7a1f2b", "brand-hover": "#641923", "brand-active": "#4e131b",
                   "brand-soft": "#f7e6e9", "brand-on-paper": "#7a1f2b"})  # fmt: skip
    assert checks.bank_colours_can_be_read(None) == []


def test_the_version_changes_with_the_colours(colours: Any) -> None:
    colours()
    before = theme.brand_css_version()
    colours(light={"brand": "#7a1f2b"})
    assert theme.brand_css_version() != before


def test_another_bank_gets_its_own_engraving(colours: Any, settings: Any, client: Any) -> None:
    colours()
    ours = theme.brand_css()
    settings.BANK = {**settings.BANK, "code": "CITY"}
    assert "/theme/plate.svg?v=" in theme.brand_css()
    assert "/theme/" not in ours
    drawn = client.get("/theme/plate.svg")
    assert drawn["Content-Type"] == "image/svg+xml"
    assert drawn.content.startswith(b"<svg")
    assert draw_plate("CITY", *theme.inks()) != draw_plate("TOWN", *theme.inks())
    assert b"style" not in drawn.content


def test_the_static_patterns_are_what_the_drawer_draws() -> None:
    folder = TOKENS.parent
    inks = ("#7fd1c4", "#f0b483")
    for name, draw in (("guilloche.svg", draw_plate), ("guilloche-band.svg", draw_band)):
        shape = re.findall(r' d="([^"]+)"', (folder / name).read_text(encoding="utf-8"))
        assert re.findall(r' d="([^"]+)"', draw("example-bank", *inks)) == shape


def test_known_ratios_come_out_right() -> None:
    assert contrast.ratio("#000000", "#ffffff") == pytest.approx(21)
    assert contrast.ratio("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
