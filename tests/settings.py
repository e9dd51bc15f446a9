"""The site's settings for a test run: own folders, own database, cheaper hashes, nothing faked.

`WALLET_TEST_DATABASE=postgresql` runs the tests on a PostgreSQL that is started here.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from tests.services.folders import make_folder
from tests.services.postgresql import start_postgresql

_KIND = os.environ.get("WALLET_TEST_DATABASE", "sqlite")
# Each process of pytest-xdist has folders and a database server of its own: sealing waits for
# every open transaction of a server, whichever database it is in. Child processes of a test find
# both in the environment.
_WHO = os.environ.get("PYTEST_XDIST_WORKER", "main")
if os.environ.get("WALLET_TEST_OWNER") != _WHO:
    os.environ["WALLET_TEST_OWNER"] = _WHO
    os.environ["WALLET_VAR_DIR"] = str(make_folder("var"))
    os.environ.pop("DATABASE_URL", None)
    os.environ.pop("REDIS_URL", None)
    if _KIND == "postgresql":
        os.environ["DATABASE_URL"] = start_postgresql()
for _name in ("DJANGO_SECRET_KEY", "WALLET_FIELD_KEYS", "WALLET_INDEX_KEY"):
    os.environ.setdefault(_name, f"only for tests, protects nothing: {_name.lower()}")
os.environ.setdefault("WALLET_PAYMENT_PASSWORD_KEYS", "only for tests, protects nothing: pins")
# Chromium and the test server speak plain http on localhost.
os.environ.setdefault("WALLET_SECURE_COOKIES", "false")
os.environ.setdefault("WALLET_TRIAL", "true")
# Fifty threads after one row on a busy machine; tests/platform tries the limits of the product.
os.environ.setdefault("DATABASE_LOCK_TIMEOUT_SECONDS", "90")
os.environ.setdefault("DATABASE_STATEMENT_TIMEOUT_SECONDS", "120")
os.environ.setdefault("WALLET_LOG_LEVEL", "WARNING")
# Every line of this run and of what it starts, as production writes it: tests/secrets_in_logs.py.
os.environ["WALLET_LOG_FILE"] = str(Path(os.environ["WALLET_VAR_DIR"]) / "log.jsonl")

from walletsite.settings import *  # noqa: E402, F403
from walletsite.settings import AUDIT, DATABASES, STORAGES, VAR_DIR  # noqa: E402

# Django's test client runs without `collectstatic`; tests/platform tries the real storage.
STORAGES["staticfiles"] = {
    "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage",
}
# Most tests take their rows back, and with them the links that a kept head speaks of.
AUDIT["head_file"] = ""
# The same algorithm at its lowest price: nobody attacks these passwords.
PASSWORD_HASHERS = ["tests.hashers.CheapArgon2PasswordHasher"]

for _folder in ("data", "static", "queue"):
    (VAR_DIR / _folder).mkdir(parents=True, exist_ok=True)
_database: dict[str, Any] = DATABASES["default"]
if _KIND == "postgresql":
    # Tests open and close connections in many threads; a kept one would stop `DROP DATABASE`.
    _database["CONN_MAX_AGE"] = 0
else:
    # A file, not memory: tests with threads and processes need one.
    _database["TEST"] = {"NAME": str(VAR_DIR / "data" / "test.sqlite3")}
    # Fifty threads on a busy machine: SQLite's waiting is unfair, and somebody is always last.
    _database["OPTIONS"]["timeout"] = 90
    # WAL and IMMEDIATE as in the product; only the wait for the disk is left out.
    _database["OPTIONS"]["init_command"] = "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;"

# A child process of a test works on the database of that test.
if "WALLET_TEST_DATABASE_NAME" in os.environ:
    _database["NAME"] = os.environ["WALLET_TEST_DATABASE_NAME"]
