"""Searching the help pages, in both languages at once and without a script.

Nine short pages need no search engine. Latin words are compared by their beginnings, Chinese by
pairs of characters, as there are no spaces to tell words by (see "CJK bigrams" in Lucene). A page
counts for what it is called, what else it is called, and what it says; a rare word counts more
than one that is on every page.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from functools import lru_cache

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.html import strip_tags

from walletsite.shell.help_pages import PAGES, HelpPage

LONGEST = 100
_CALLED, _SAID = 4, 1
_LEAST_FOUND = 0.5
_LATIN = re.compile(r"[a-z0-9]+")
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]+")
_EMPTY = frozenset(
    [
        "a",
        "an",
        "and",
        "are",
        "can",
        "cannot",
        "do",
        "does",
        "for",
        "have",
        "how",
        "i",
        "in",
        "is",
        "it",
        "me",
        "my",
        "not",
        "of",
        "on",
        "or",
        "that",
        "the",
        "this",
        "to",
        "was",
        "what",
        "when",
        "while",
        "why",
        "with",
        "you",
        "your",
    ]
)
_EMPTY_HAN = re.compile(r"怎么办|怎么|如何|为什么|请问|我的|我|的|了|吗|呢|啊|什么|怎样|办")
_LEAST_LETTERS = 3


def search_help(typed: str) -> list[HelpPage]:
    """The pages that fit, best first; none when less than half of what was typed is found."""
    wanted = _terms(typed[:LONGEST], is_query=True)
    if not wanted:
        return []
    scored = [(_score(wanted, words), page) for page, words in zip(PAGES, _index(), strict=True)]
    best = max(score for score, _page in scored)
    fitting = [each for each in scored if each[0] > 0 and each[0] >= best / 3]
    return [page for _score, page in sorted(fitting, key=lambda each: -each[0])]


def _score(wanted: list[str], words: dict[str, int]) -> float:
    found = [_weight(term, words) for term in wanted]
    if sum(weight > 0 for weight in found) < _LEAST_FOUND * len(wanted):
        return 0.0
    return sum(weight * _rarity(term) for term, weight in zip(wanted, found, strict=True))


def _weight(term: str, words: dict[str, int]) -> int:
    if term in words:
        return words[term]
    if not term.isascii() or len(term) < _LEAST_LETTERS:
        return 0
    near = (weight for word, weight in words.items() if _begins_alike(term, word))
    return max(near, default=0)


def _begins_alike(term: str, word: str) -> bool:
    """ "freez" finds "freeze", "payments" finds "payment"; "on" does not find "once"."""
    if len(word) < _LEAST_LETTERS or not word.isascii():
        return False
    return word.startswith(term) or (term.startswith(word) and len(term) - len(word) <= 3)


def _rarity(term: str) -> float:
    pages = sum(_weight(term, words) > 0 for words in _index())
    return math.log(1 + len(PAGES) / pages) if pages else 0.0


@lru_cache(maxsize=1)
def _index() -> tuple[dict[str, int], ...]:
    """What each page is found by, and how much that counts. Made once in a process."""
    return tuple(_words_of(page) for page in PAGES)


def _words_of(page: HelpPage) -> dict[str, int]:
    words: Counter[str] = Counter()
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            said = strip_tags(render_to_string(page.template, {"sms": settings.SMS}))
            called = f"{page.title} {page.summary}"
        for term in _terms(said):
            words[term] = max(words[term], _SAID)
        for term in _terms(called):
            words[term] = _CALLED
    for term in _terms(f"{page.also_called} {page.slug}"):
        words[term] = _CALLED
    return dict(words)


def _terms(text: str, *, is_query: bool = False) -> list[str]:
    """Latin words, and pairs of Chinese characters; one that stands alone counts as itself."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    terms = [word for word in _LATIN.findall(plain) if word not in _EMPTY]
    if is_query:
        plain = _EMPTY_HAN.sub(" ", plain)
    for run in _HAN.findall(plain):
        pairs = [run[at : at + 2] for at in range(len(run) - 1)]
        terms += pairs or [run]
        if not is_query:
            terms += list(run)
    return list(dict.fromkeys(terms))
