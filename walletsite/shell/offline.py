"""What a browser may keep for the time without a network: one page that knows nobody, and what it
needs to look right. Nothing that belongs to a person (static/wallet/service-worker.js)."""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils import translation

from walletsite.shell.theme import brand_css_version

_WORKER = "wallet/service-worker.js"
_STATIC = (
    "wallet/tokens.css", "wallet/wallet.css", "wallet/wallet.js", "wallet/passkeys.js",
    "wallet/icons.svg", "wallet/favicon.svg",
)  # fmt: skip
_TEMPLATES = ("shell/offline.html", "shell/base.html", "shell/bare.html")


def offline_page(request: HttpRequest, language: str) -> HttpResponse:
    """The page, in the language asked for or the reader's own."""
    if language not in dict(settings.LANGUAGES):
        return render(request, "shell/offline.html")
    with translation.override(language):
        return render(request, "shell/offline.html")


def worker_script(language: str) -> str:
    """The service worker for one language, with the list of what it keeps."""
    shelf = {
        "name": f"wallet-{_version()}-{language}",
        "page": f"{reverse('shell:offline')}?language={language}",
        "files": [
            *(static(path) for path in _STATIC),
            f"{reverse('shell:brand_css')}?v={brand_css_version()}",
            reverse("shell:engraving", kwargs={"kind": "plate"}),
        ],
    }
    return f"self.SHELF = {json.dumps(shelf)};\n{_read(_WORKER).decode('utf-8')}"


@lru_cache(maxsize=1)
def _version() -> str:
    """Changes with everything that is kept, so that an old shelf is thrown away."""
    digest = hashlib.sha256(json.dumps(settings.BANK, sort_keys=True).encode())
    digest.update(brand_css_version().encode())
    for path in (*_STATIC, _WORKER):
        digest.update(_read(path))
    catalogues = [
        path for place in settings.LOCALE_PATHS for path in sorted(Path(place).rglob("*.mo"))
    ]
    for file in [*(settings.BASE_DIR / "templates" / name for name in _TEMPLATES), *catalogues]:
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def _read(path: str) -> bytes:
    found = finders.find(path)
    if not isinstance(found, str):
        raise FileNotFoundError(path)
    return Path(found).read_bytes()
