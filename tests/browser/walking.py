"""From one page to the next, as a person goes: pressed, then waited for."""

from __future__ import annotations

from playwright.sync_api import Locator


def follow(what: Locator) -> None:
    """Press a link or a button and wait for the page that it leads to.

    A click alone waits for nothing: whatever looks at the page next may still see the one before.
    """
    with what.page.expect_navigation():
        what.click()
