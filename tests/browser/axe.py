"""Looking at a page in a real browser the way the design's acceptance tests do (DESIGN section 8).

Under the strict policy nothing may be injected as a script tag; `evaluate` runs outside of it.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from typing import Any, Literal

from playwright.sync_api import Page

PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 900}
NARROW = {"width": 320, "height": 700}
_SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")

_LOOK = """async () => (await axe.run(document, {
    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
})).violations.map((v) => `${v.id}: ${v.help}: ${v.nodes.map((n) => n.target.join(" ")).join(", ")}`)"""

_SMALL = """() => [...document.querySelectorAll("a[href], button, input, select, textarea, summary")]
  .filter((node) => {
    const style = getComputedStyle(node);
    if (node.type === "hidden" || node.hidden || style.visibility === "hidden") return false;
    const inSentence = node.tagName === "A" && style.display === "inline";
    if (inSentence || node.classList.contains("skip")) return false;
    const target = node.closest("label") ?? node.closest(".amount") ?? node;
    const box = target.getBoundingClientRect();
    return box.width > 0 && box.height > 0 && (box.width < 43.9 || box.height < 43.9);
  })
  .map((node) => {
    const box = node.getBoundingClientRect();
    return `${node.outerHTML.slice(0, 90)} is ${Math.round(box.width)} x ${Math.round(box.height)}`;
  })"""

_WIDE = """() => {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return [];
    const parts = [...document.body.querySelectorAll("*")]
      .filter((node) => node.getBoundingClientRect().right > width + 1 && !node.closest(".sr"))
      .slice(0, 5).map((node) => node.outerHTML.slice(0, 90));
    return parts.length ? parts : ["some text"];
}"""


@lru_cache(maxsize=1)
def _axe_source() -> str:
    return (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")


def axe_violations(page: Page) -> list[str]:
    """What axe finds on the page as it stands."""
    page.evaluate(_axe_source())
    found: list[str] = page.evaluate(_LOOK)
    return found


def small_targets(page: Page) -> list[str]:
    """Everything one can press that is under 44 px; links inside sentences excepted."""
    found: list[str] = page.evaluate(_SMALL)
    return found


def wide_parts(page: Page) -> list[str]:
    """What makes the page scroll sideways."""
    found: list[str] = page.evaluate(_WIDE)
    return found


def use_preferences(page: Page, address: str, language: str) -> None:
    """Choose the language as a visitor has it: by cookie."""
    cookie: Any = {"name": "wallet-language", "value": language, "url": address}
    page.context.add_cookies([cookie])


def assert_page_is_accessible(page: Page) -> None:
    """Axe finds nothing, everything is big enough to press, nothing sticks out sideways."""
    faults = [*axe_violations(page), *small_targets(page), *_too_wide(page)]
    assert not faults, "\n".join(faults)


def assert_page_is_accessible_everywhere(page: Page) -> None:
    """The same on a phone and on a desktop, light and dark, without loading it again."""
    faults: list[str] = []
    for name, size in (("phone", PHONE), ("desktop", DESKTOP)):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        for scheme in _SCHEMES:
            # No motion: a colour half-way through its change is not what people read.
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            faults += [f"{name}, {scheme}: {fault}" for fault in axe_violations(page)]
        faults += [f"{name}: {fault}" for fault in small_targets(page)]
    faults += _too_wide(page)
    assert not faults, "\n".join(faults)


def _too_wide(page: Page) -> list[str]:
    size = page.viewport_size
    page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    faults = [f"wider than 320 px: {part}" for part in wide_parts(page)]
    if size:
        page.set_viewport_size(size)
    return faults
