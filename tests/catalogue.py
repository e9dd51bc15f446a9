"""The translation catalogue against the source, in pure Python: a bare machine has no xgettext.

`make messages` runs `python -m tests.catalogue`: it writes new texts into every catalogue, empty,
and takes out those that no source says any more. `--check` (part of `make check`) changes nothing
and fails when a text is missing, unused, untranslated, fuzzy, or has other placeholders.

Templates are turned into what looks like Python by Django's own `templatize`, as `makemessages`
does it; Babel then reads the calls out of both. The result was compared with `makemessages` and
GNU xgettext: the same texts.
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polib
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
CATALOGUES = sorted((ROOT / "locale").glob("*/LC_MESSAGES/django.po"))
APPS = ("accounts", "ledger", "payments", "walletsite")
_KEYWORDS = {
    **DEFAULT_KEYWORDS,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
_PLACEHOLDER = re.compile(r"%\((\w+)\)[a-z]")


@dataclass(frozen=True, order=True)
class Text:
    """What identifies a text in a catalogue."""

    msgid: str
    plural: str = ""
    context: str | None = None


def main() -> int:
    """0 when all is well."""
    wanted = find_texts()
    if "--check" not in sys.argv[1:]:
        for path in CATALOGUES:
            update(path, wanted)
            print(f"{path.relative_to(ROOT)}: {len(wanted)} texts")
        return 0
    faults = [fault for path in CATALOGUES for fault in find_faults(path, wanted)]
    print("\n".join(faults) or f"{len(wanted)} texts, all translated.")
    return 1 if faults or not CATALOGUES else 0


def find_texts() -> dict[Text, str]:
    """Every text of the source, and the first file that says it."""
    found: dict[Text, str] = {}
    for path in _sources():
        for text in _texts_in(path):
            found.setdefault(text, str(path.relative_to(ROOT)))
    return found


def _sources() -> Iterator[Path]:
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            if "tests" not in path.parts and "migrations" not in path.parts:
                yield path
    for pattern in ("*.html", "*.txt"):
        yield from sorted((ROOT / "templates").rglob(pattern))


def _texts_in(path: Path) -> Iterator[Text]:
    source = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        # Indentation means something to Python, and nothing in a template.
        source = "\n".join(line.strip() for line in templatize(source).splitlines())
    file = io.BytesIO(source.encode())
    options = {"encoding": "utf-8"}
    for _line, message, _comments, context in extract("python", file, _KEYWORDS, (), options):
        if isinstance(message, tuple):
            yield Text(message[0], message[1], context)
        elif message:
            yield Text(message, "", context)


def _key(entry: polib.POEntry) -> Text:
    return Text(entry.msgid, entry.msgid_plural or "", entry.msgctxt)


def update(path: Path, wanted: dict[Text, str]) -> None:
    """Add what is new, drop what is gone, keep every translation and the order."""
    catalogue = polib.pofile(str(path), wrapwidth=0)
    for entry in list(catalogue):
        if entry.obsolete or _key(entry) not in wanted:
            catalogue.remove(entry)
    known = {_key(entry) for entry in catalogue}
    for text, place in wanted.items():
        if text not in known:
            catalogue.append(_new_entry(text, place))
    catalogue.save(str(path))


def _new_entry(text: Text, place: str) -> polib.POEntry:
    entry = polib.POEntry(msgid=text.msgid, msgctxt=text.context, occurrences=[(place, "")])
    if text.plural:
        entry.msgid_plural, entry.msgstr_plural = text.plural, {0: ""}
    if _PLACEHOLDER.search(text.msgid + text.plural):
        entry.flags.append("python-format")
    return entry


def find_faults(path: Path, wanted: dict[Text, str]) -> Iterator[str]:
    """One line for each thing that is wrong with a catalogue."""
    name = path.relative_to(ROOT)
    catalogue = polib.pofile(str(path))
    if catalogue.metadata_is_fuzzy:
        yield f"{name}: the header is fuzzy"
    known: set[Text] = set()
    for entry in catalogue:
        key = _key(entry)
        if entry.obsolete or key not in wanted:
            yield f"{name}: nothing in the source says {entry.msgid!r} (make messages)"
            continue
        if key in known:
            yield f"{name}: twice: {entry.msgid!r}"
        known.add(key)
        if entry.fuzzy or not entry.translated():
            yield f"{name}: not translated: {entry.msgid!r}"
            continue
        placeholders = set(_PLACEHOLDER.findall(entry.msgid + (entry.msgid_plural or "")))
        for translation in entry.msgstr_plural.values() or [entry.msgstr]:
            # A plural form may leave out the number; nothing may invent a name.
            said = set(_PLACEHOLDER.findall(translation))
            if said - placeholders or (not entry.msgid_plural and said != placeholders):
                yield f"{name}: other placeholders than the source: {entry.msgid!r}"
    for text in sorted(set(wanted) - known, key=lambda each: each.msgid):
        yield f"{name}: missing: {text.msgid!r} of {wanted[text]} (make messages)"


if __name__ == "__main__":
    sys.exit(main())
