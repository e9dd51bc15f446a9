"""What was typed goes back into the form it came from, and nowhere else."""

from __future__ import annotations

import pytest

from accounts.signin.filling import fill_form

PAGE = """<!doctype html>
<html lang="en"><!-- a & b --><body>
<form method="post" action="/other/"><input name="amount" value="1"></form>
<form method="get"><input name="amount" value="2"></form>
<form method="post" novalidate>
<input type="hidden" name="compose_key" value="new"><input type="password" name="pin">
<input name="amount" type="text" value="3" required><input name="name" value="&quot;x&quot;">
<textarea name="note" rows="2">
old &amp; grey</textarea>
<select name="kind"><option value="a" selected>A</option><option value="b">B</option></select>
<input type="radio" name="when" value="now" checked><input type="radio" name="when" value="later">
<input type="checkbox" name="agree">
<svg viewBox="0 0 1 1"><path d="M0 0"/></svg><p>3 &lt; 4 &amp; &#163;</p>
</form></body></html>
"""
FIELDS = {
    "amount": ["99"],
    "compose_key": ["old"],
    "pin": ["739164"],
    "note": ["</textarea><script>"],
    "kind": ["b"],
    "when": ["later"],
    "agree": ["on"],
    "name": ['"><img>'],
}


def test_only_what_a_person_types_is_filled_and_nothing_else_changes() -> None:
    filled = fill_form(PAGE, page="/transfer/", action="/transfer/", fields=FIELDS)
    wanted = (
        PAGE.replace('<input name="amount" type="text" value="3" required>',
                     '<input name="amount" type="text" required value="99">')
        .replace('<input name="name" value="&quot;x&quot;">',
                 '<input name="name" value="&quot;&gt;&lt;img&gt;">')
        .replace("\nold &amp; grey</textarea>", "\n&lt;/textarea&gt;&lt;script&gt;</textarea>")
        .replace('<option value="a" selected>', '<option value="a">')
        .replace('<option value="b">', '<option value="b" selected="">')
        .replace('value="now" checked>', 'value="now">')
        .replace('value="later">', 'value="later" checked="">')
        .replace('<input type="checkbox" name="agree">',
                 '<input type="checkbox" name="agree" checked="">')
    )  # fmt: skip
    assert filled == wanted


@pytest.mark.parametrize("action", ["/elsewhere/", "/transfer"])
def test_another_form_is_left_alone(action: str) -> None:
    assert fill_form(PAGE, page="/transfer/", action=action, fields=FIELDS) == PAGE
