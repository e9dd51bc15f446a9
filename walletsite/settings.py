"""Every setting of the site, read from the environment first. Sections stand in the order
in which a request meets them; the numbers of the product stand last."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from walletsite.env import (
    chosen_secret,
    env,
    postgresql_options,
    secret,
    sqlite_options,
)

# --- Where things are -------------------------------------------------------------------
BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(env.str("WALLET_VAR_DIR", default=str(BASE_DIR / "var")))
DATA_DIR = VAR_DIR / "data"
# Keys lie beside the data, never inside it: a copy of the data folder alone opens nothing.
KEYS_DIR = Path(env.str("WALLET_KEYS_DIR", default=str(VAR_DIR / "keys")))

# --- What kind of installation this is --------------------------------------------------
# Demo mode: demo people, a demo inbox that shows SMS codes, a sandbox bank. Never with real money.
DEMO_MODE = env.bool("WALLET_DEMO", default=False)
DEBUG = env.bool("DJANGO_DEBUG", default=False)
# A trial with a database of its own: walletsite/checks.py warns instead of refusing.
TRIAL = env.bool("WALLET_TRIAL", default=False)
# Which build runs, for the metrics: a commit, a tag.
REVISION = env.str("WALLET_REVISION", default="")
EMBEDDED = "DATABASE_URL" not in env.ENVIRON and "DATABASE_URL_FILE" not in env.ENVIRON

# --- Secrets ----------------------------------------------------------------------------
SECRET_KEY = secret("DJANGO_SECRET_KEY", keys_dir=KEYS_DIR, may_create=EMBEDDED)
# Newest first; older ones stay until rotation has rewritten what they protect.
FIELD_KEYS = secret("WALLET_FIELD_KEYS", keys_dir=KEYS_DIR, may_create=EMBEDDED).split(",")
INDEX_KEY, *OLD_INDEX_KEYS = secret(
    "WALLET_INDEX_KEY", keys_dir=KEYS_DIR, may_create=EMBEDDED
).split(",")
PAYMENT_PASSWORD_KEYS = secret(
    "WALLET_PAYMENT_PASSWORD_KEYS", keys_dir=KEYS_DIR, may_create=EMBEDDED
).split(",")

# --- The bank's name and look -----------------------------------------------------------
BANK: dict[str, Any] = {
    "name_en": env.str("BANK_NAME_EN", default="Example Bank"),
    "name_zh": env.str("BANK_NAME_ZH", default="示例银行"),
    "mark": env.str("BANK_MARK", default="示"),
    "code": env.str("BANK_CODE", default="EXB"),
    "support_phone": env.str("BANK_SUPPORT_PHONE", default="400 000 0000"),
    "support_hours_en": env.str("BANK_SUPPORT_HOURS_EN", default="every day, 08:00 to 22:00"),
    "support_hours_zh": env.str("BANK_SUPPORT_HOURS_ZH", default="每天 08:00 至 22:00"),
    # Group 1 of tokens.css; an empty value keeps the built-in one.
    "colours": env.json("BANK_COLOURS", default={}),
}

# --- Django -----------------------------------------------------------------------------
ALLOWED_HOSTS = env.list("DJANGO_ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("DJANGO_CSRF_TRUSTED_ORIGINS", default=[])
ROOT_URLCONF = "walletsite.urls"
WSGI_APPLICATION = "walletsite.wsgi.application"
AUTH_USER_MODEL = "accounts.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "walletsite.shell",
    "walletsite",
    "accounts",
    "payments",
    "ledger",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "accounts.support.apps.WalletAdminConfig",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "axes",
    "django_htmx",
    "phonenumber_field",
]

MIDDLEWARE = [
    "walletsite.observability.requests.RequestMiddleware",
    "walletsite.shell.middleware.RequestGuardMiddleware",
    "walletsite.observability.probes.ProbeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "walletsite.shell.middleware.PageHeadersMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "accounts.signin.session_cookie.SteadySessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "accounts.signin.middleware.SessionLifetimeMiddleware",
    "accounts.signin.devices.DeviceMiddleware",
    "accounts.signin.cover.CoverMiddleware",
    "accounts.guiding.middleware.GuidedPlaceMiddleware",
    "walletsite.shell.middleware.PreferencesMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "accounts.signin.middleware.StaffSecondFactorMiddleware",
    "accounts.signin.staff_places.StaffPlacesMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "walletsite.shell.context.shell",
                "accounts.signin.context.session_clock",
            ],
            "builtins": ["walletsite.shell.templatetags.shell"],
        },
    }
]
FORM_RENDERER = "walletsite.shell.forms.WalletFormRenderer"

# --- Database ---------------------------------------------------------------------------
DATABASES: dict[str, dict[str, Any]] = {
    "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": DATA_DIR / "wallet.sqlite3"}
    if EMBEDDED
    else env.db("DATABASE_URL")
}
DATABASE_STATEMENT_SECONDS = env.int("DATABASE_STATEMENT_TIMEOUT_SECONDS", default=15)
# A web server hears nothing for this long: the connection is given up (walletsite/silence.py).
DATABASE_SILENCE_SECONDS = DATABASE_STATEMENT_SECONDS + 5
# What the page says to whom no lock could be given in time.
DATABASE_BUSY_RETRY_SECONDS = 5
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = sqlite_options()
else:
    DATABASES["default"]["OPTIONS"] = postgresql_options(
        DATABASES["default"].get("OPTIONS", {}),
        statement_seconds=DATABASE_STATEMENT_SECONDS,
        lock_seconds=env.int("DATABASE_LOCK_TIMEOUT_SECONDS", default=8),
        idle_seconds=env.int("DATABASE_IDLE_TIMEOUT_SECONDS", default=30),
    )
    # One lasting connection for each thread, of which there is a fixed number: a pool would hold as
    # many, and add a thread and a second place to configure. Asked whether it lives before use.
    DATABASES["default"]["CONN_MAX_AGE"] = env.int("DATABASE_CONN_MAX_AGE", default=60)
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True

# --- Broker, cache and counters ---------------------------------------------------------
# One Redis for three uses, told apart by what their keys begin with. It holds nothing that cannot
# be lost: messages only wake, and counters are kept in rows while it is away.
REDIS_URL = env.str("REDIS_URL", default="")
REDIS_PREFIX = env.str("REDIS_PREFIX", default="wallet:")
# A page waits for a Redis that fell silent at most once, this long.
REDIS_TIMEOUT_SECONDS = 0.5
if REDIS_URL:
    CACHES = {
        "default": {
            "BACKEND": "walletsite.caches.SharedRedisCache",
            "LOCATION": REDIS_URL,
            "KEY_PREFIX": f"{REDIS_PREFIX}cache",
            "OPTIONS": {
                "socket_timeout": REDIS_TIMEOUT_SECONDS,
                "socket_connect_timeout": REDIS_TIMEOUT_SECONDS,
            },
        }
    }
    CELERY_BROKER_URL = REDIS_URL
    CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, object] = {
        "global_keyprefix": f"{REDIS_PREFIX}queue:",
        "visibility_timeout": 120,
        # A worker asks for its next message with one second of patience: longer than that.
        "socket_timeout": 1.2,
        "socket_connect_timeout": REDIS_TIMEOUT_SECONDS,
        # One attempt: who publishes has a person waiting, and the sweep as the second attempt.
        "max_retries": 0,
    }
else:
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.db.DatabaseCache",
            "LOCATION": "django_cache",
        }
    }
    CELERY_BROKER_URL = "wholefiles://localhost"
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(VAR_DIR / "queue"),
        "data_folder_out": str(VAR_DIR / "queue"),
        "control_folder": str(VAR_DIR / "queue" / "control"),
        "polling_interval": 0.1,
    }
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_TIME_LIMIT = 60
CELERY_TASK_SOFT_TIME_LIMIT = 45
CELERY_TASK_PUBLISH_RETRY = False
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULER = "walletsite.beat.SteadyScheduler"
# Task -> how often, in seconds. A wake-up that nobody took before the next one is dropped.
SWEEPS = {
    "accounts.phone.deliver_due_codes": 5,
    "accounts.phone.ask_for_receipts": 10,
    "payments.banking.advance_bank_orders": 5,
    "payments.banking.exchange_bank_files": 60,
    # The proof of a day, as early as it can be had.
    "payments.banking.reconcile_bank": 6 * 3600,
    "payments.banking.open_overdue_cases": 30,
    "payments.processing.expire_payments": 30,
    "payments.transfers.settle_arrivals": 5,
    "payments.transfers.return_unclaimed": 30,
    "payments.transfers.run_batches": 5,
    "payments.transfers.run_standing_orders": 10,
    "payments.safety.stop_for_frozen": 15,
    "payments.closing.close_due": 60,
    "payments.processing.fold_steps": 15,
    "ledger.fold_pending_credits": 10,
    "ledger.expire_holds": 30,
    "ledger.seal_entries": 60,
    "accounts.approvals.expire_proposals": 300,
    "accounts.audit.seal": 30,
    "accounts.audit.verify": 86_400,
    "accounts.phone_change.carry_out": 60,
    "accounts.payment_password.look_again": 60,
    "accounts.payment_password.settle_locks": 60,
    "accounts.signin.settle_locks": 60,
    "accounts.recycled.free_numbers": 300,
    "accounts.phone.forget_old_codes": 3600,
    "accounts.cases.forget_old_cases": 3600,
    "accounts.guiding.forget_old_codes": 3600,
    "accounts.closing.forget_former": 3600,
    "accounts.identity.forget_subjects": 3600,
    "accounts.closing.forget_late": 6 * 3600,
    "accounts.signup.clear_old_applications": 3600,
    "accounts.signin.clear_sessions": 3600,
}
CELERY_BEAT_SCHEDULE = {
    task: {"task": task, "schedule": float(seconds), "options": {"expires": seconds}}
    for task, seconds in SWEEPS.items()
}

# --- Signing in -------------------------------------------------------------------------
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
LOGIN_URL = "signin:sign_in"
LOGIN_REDIRECT_URL = "records:home"
LOGOUT_REDIRECT_URL = "signin:sign_in"
PASSWORD_HASHERS = ["accounts.users.hashers.WalletArgon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 8},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "accounts.users.validators.NotPersonalValidator"},
]
SESSION_ENGINE = "accounts.signin.session_store"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SECURE_COOKIES = env.bool("WALLET_SECURE_COOKIES", default=not EMBEDDED)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_COOKIES
SESSION_COOKIE_NAME = "__Host-wallet" if SECURE_COOKIES else "wallet"
DEVICE_COOKIE_NAME = "__Host-wallet-device" if SECURE_COOKIES else "wallet-device"
CSRF_COOKIE_NAME = "__Host-wallet-csrf" if SECURE_COOKIES else "wallet-csrf"
CSRF_COOKIE_HTTPONLY = True
# In the session, not in a cookie: a message may name an amount or a person.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
CSRF_FAILURE_VIEW = "walletsite.shell.views.csrf_failure"

# --- Answers ----------------------------------------------------------------------------
SECURE_SSL_REDIRECT = env.bool("WALLET_SSL_REDIRECT", default=SECURE_COOKIES)
SECURE_HSTS_SECONDS = env.int("WALLET_HSTS_SECONDS", default=31_536_000 if SECURE_COOKIES else 0)
# A proxy of our own ends TLS and says so. Believed only from these addresses: walletsite/proxies.py.
BEHIND_PROXY = env.bool("WALLET_BEHIND_PROXY", default=False)
TRUSTED_PROXIES = env.list("WALLET_TRUSTED_PROXIES", default=["127.0.0.1", "::1", "unix:"])
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
# How many proxies of our own stand in front; 0 trusts no X-Forwarded-For at all.
TRUSTED_PROXY_COUNT = env.int("WALLET_TRUSTED_PROXY_COUNT", default=1 if BEHIND_PROXY else 0)
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "worker-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 3 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000
APPEND_SLASH = True

# --- Languages and time -----------------------------------------------------------------
LANGUAGE_CODE = env.str("WALLET_LANGUAGE", default="zh-hans")
LANGUAGES = [("zh-hans", _("Simplified Chinese")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
LANGUAGE_COOKIE_NAME = "wallet-language"
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_HTTPONLY = True
USE_I18N = True
USE_TZ = True
TIME_ZONE = env.str("WALLET_TIME_ZONE", default="Asia/Shanghai")
USE_THOUSAND_SEPARATOR = False
PHONENUMBER_DEFAULT_REGION = "CN"
PHONENUMBER_DB_FORMAT = "E164"

# --- Static files -----------------------------------------------------------------------
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = Path(env.str("WALLET_STATIC_ROOT", default=str(VAR_DIR / "static")))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
# Our pages alone use them: no `Access-Control-Allow-Origin: *`.
WHITENOISE_ALLOW_ALL_ORIGINS = False

# --- Logs -------------------------------------------------------------------------------
LOG_LEVEL = env.str("WALLET_LOG_LEVEL", default="INFO")
# "json" (one object a line) or "plain" (for eyes).
LOG_FORMAT = env.str("WALLET_LOG_FORMAT", default="plain" if EMBEDDED else "json")
# The same lines as JSON in a file as well; it may be moved away at any time (logrotate).
LOG_FILE = env.str("WALLET_LOG_FILE", default="")
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"facts": {"()": "walletsite.observability.logs.FactsFilter"}},
    "formatters": {
        "json": {"()": "walletsite.observability.logs.JsonLines"},
        "plain": {"()": "walletsite.observability.logs.PlainLines"},
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "level": LOG_LEVEL,
            "formatter": LOG_FORMAT,
            "filters": ["facts"],
        },
    },
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {
        "django.server": {"level": "WARNING"},
        # Every answer has its line already; what it says of 4xx names raw addresses.
        "django.request": {"level": "ERROR"},
        "axes": {"level": "WARNING"},
        # Tasks have lines of their own, in walletsite/observability/tasks.py.
        "celery": {"level": "WARNING"},
        # They say what they send, and where to.
        "httpx": {"level": "WARNING"},
        "httpcore": {"level": "WARNING"},
        # Below INFO they write whole contexts and the values of SQL: recovery codes, names.
        "django.template": {"level": "INFO"},
        "django.db.backends": {"level": "INFO"},
    },
}
if LOG_FILE:
    LOGGING["handlers"]["file"] = {
        "class": "logging.handlers.WatchedFileHandler",
        "filename": LOG_FILE,
        "encoding": "utf-8",
        "delay": True,
        "level": "INFO",
        "formatter": "json",
        "filters": ["facts"],
    }
    LOGGING["root"] = {"handlers": ["console", "file"], "level": "INFO"}

# --- Metrics ----------------------------------------------------------------------------
METRICS: dict[str, Any] = {
    # Who may read /metrics: who has the token, or asks from one of these networks. Neither: nobody.
    "token": env.str("WALLET_METRICS_TOKEN", default=""),
    "addresses": env.list("WALLET_METRICS_ADDRESSES", default=[]),
    "folder": env.str("WALLET_METRICS_DIR", default=str(VAR_DIR / "metrics")),
    # host:port of a worker's own /metrics, for a worker in a container of its own.
    "worker_listens_on": env.str("WALLET_WORKER_METRICS", default=""),
}

# --- django-axes: sign-in only; see accounts/signin/lockout.py ---------------------------
AXES_FAILURE_LIMIT = 5
# A little shorter than the first step of our own ladder, which decides.
AXES_COOLOFF_TIME = timedelta(minutes=14, seconds=50)
AXES_HANDLER = "accounts.signin.lockout.BareAxesHandler"
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_PARAMETERS = ["username"]
AXES_USERNAME_FORM_FIELD = "phone"
AXES_USERNAME_CALLABLE = "accounts.signin.lockout.keyed_name"
AXES_LOCKOUT_CALLABLE = "accounts.signin.lockout.locked_response"
AXES_CLIENT_IP_CALLABLE = "accounts.security.addresses.client_address"
AXES_SENSITIVE_PARAMETERS = [
    "username",
    "phone",
    "ip_address",
    "password",
    "otp_token",
    "code",
    "pin",
    "id_number",
]
AXES_ENABLE_ACCESS_FAILURE_LOG = False
AXES_DISABLE_ACCESS_LOG = True
AXES_ALLOWED_CORS_ORIGINS = ""
AXES_VERBOSE = False
# Its tables hold whole addresses, and its admin lets rows be deleted: they are nobody's to read.
AXES_ENABLE_ADMIN = False
SILENCED_SYSTEM_CHECKS = [
    # We lock names, not addresses; W006 warns of user agents, which we do not look at.
    "axes.W006",
    # What a bank's other host names do over http is not the wallet's to decide.
    "security.W005",
    "security.W021",
]

# --- Numbers of the product (shared/specs: each is a promise shown on the security page) --
WALLET_CURRENCY = "CNY"

LIMITS: dict[str, Any] = {
    # class: amounts in minor units; None means no limit.
    "IV": {
        "balance_cap": 10_000_00,
        "single": 2_000_00,
        "day": 5_000_00,
        "year": 50_000_00,
        "day_count": 50,
    },
    "III": {
        "balance_cap": 20_000_00,
        "single": 5_000_00,
        "day": 10_000_00,
        "year": None,
        "day_count": 100,
    },
    "II": {
        "balance_cap": 500_000_00,
        "single": 50_000_00,
        "day": 100_000_00,
        "year": None,
        "day_count": 200,
    },
    "I": {"balance_cap": None, "single": None, "day": None, "year": None, "day_count": None},
}

# How often somebody may do something: action -> whose acts are counted -> (how many, in how many
# seconds). Everything that can be guessed or that costs money has a line; docs/how-to/rate-limits.md.
# `address` is one subscriber's (an IPv6 address counts as its /64), `number` a phone number.
RATE_LIMITS: dict[str, dict[str, list[tuple[int, int]]]] = {
    "sign_in": {"address": [(30, 60), (100, 3600)]},
    "sign_up": {"address": [(30, 60), (100, 3600)]},
    # Name, ID number and phone, sent or corrected.
    "sign_up.answers": {"address": [(30, 60), (200, 3600)]},
    "recover": {"address": [(30, 60), (100, 3600)]},
    # With the code to the phone, where there is no ID number to ask for.
    "recover.payment_password": {"person": [(3, 86_400)]},
    "identity.check": {"person": [(5, 3600), (10, 86_400)]},
    "phone_change": {"person": [(5, 3600), (10, 86_400)]},
    # Not per number: whoever knows it would shut its owner out. What a number gets is bounded by
    # the lines of its codes.
    "not_me": {"address": [(10, 3600), (30, 86_400)]},
    "number_claim": {"address": [(10, 3600), (30, 86_400)]},
    # Of 67 random bits: nobody guesses one, and a line for everybody together would let a stranger
    # keep all of them from freezing.
    "freeze_code": {"address": [(5, 600), (20, 86_400)]},
    # Forms behind fresh proof, and others whose effect is told to the person by text message.
    "change": {"person": [(40, 600), (120, 3600)]},
    # Codes by text message; counted even if delivery fails. `purpose`: per number and purpose, apart
    # for strangers, the owner's own browsers and support. `stranger`: how many of a number's codes
    # strangers may ask for; the rest is left to its owner.
    "sms.code": {
        "purpose": [(1, 60), (5, 3600), (10, 86_400)],
        "number": [(40, 86_400)],
        "stranger": [(30, 86_400)],
        "address": [(20, 3600), (50, 86_400)],
        "installation": [(1000, 3600)],
    },
    # More than that, and strangers' codes of that kind stop and staff are alarmed (SMS pumping).
    "sms.pumping": {
        "prefix": [(200, 3600)],
        "range": [(100, 3600)],
        "country": [(1000, 3600)],
        "all": [(1000, 3600)],
    },
    # Apart for strangers, the owner's own browsers and support, as codes are.
    "sms.wrong": {"number": [(10, 3600)]},
    # What people are told by text message; per number and kind of thing. More is an event.
    "sms.notice": {"notice": [(20, 3600), (60, 86_400)]},
    "sms.receipt": {"provider": [(600, 60)]},
    "sms.receipt_wrong": {"address": [(30, 60)]},
    "payee.lookup": {"person": [(20, 60), (100, 3600)]},
    # A payee whom the same wallet has found before: it tells nothing new.
    "payee.known": {"person": [(120, 60), (1000, 3600)]},
    "batch.upload": {"person": [(10, 60), (60, 3600)]},
    "batch.lookup": {"person": [(1500, 3600), (3000, 86_400)]},
    # Guessing numbers that others have linked must be slow.
    "card.add": {"person": [(10, 3600), (30, 86_400)]},
    "bank.ask": {"payment": [(1, 3), (30, 600)]},
    "receipt.verify": {"address": [(10, 60), (60, 3600)]},
    "records.export": {"person": [(5, 60), (60, 3600)]},
    "case.open": {"person": [(3, 600), (10, 86_400)]},
    "case.write": {"case": [(5, 60), (30, 3600)]},
    # Without signing in: openings, and tries to get back to a case.
    "case.contact": {"address": [(5, 3600), (20, 86_400)]},
    # More cases for one number are opened all the same, and wait behind the others.
    "case.repeat": {"number": [(3, 3600), (5, 86_400)]},
    "case.reading": {"address": [(10, 3600), (30, 86_400)]},
    # Of 90 random bits: nobody guesses one. Per number of a case, whether there is one or not.
    "case.secret": {"address": [(10, 3600), (30, 86_400)], "case": [(20, 3600)]},
    # Over all visits and agents.
    "support.id": {"customer": [(9, 86_400)]},
    "support.question": {"customer": [(6, 86_400)]},
    "guiding.code": {"person": [(5, 300), (30, 86_400)]},
    "guiding.try": {"customer": [(10, 3600), (30, 86_400)]},
    # Records opened in the admin with a reason, per member of staff.
    "staff.look": {"person": [(20, 60), (200, 3600)]},
    # Openings per agent: looking people up in bulk is not support.
    "support.visit": {"person": [(10, 60), (60, 3600)]},
}
for _action, _rules in env.json("WALLET_RATE_LIMITS", default={}).items():
    RATE_LIMITS[_action] = {**RATE_LIMITS.get(_action, {}), **_rules}

PASSKEYS: dict[str, Any] = {
    # The domain that passkeys belong to, for good: docs/how-to/passkeys.md. Empty: the host's name.
    "domain": env.str("WALLET_PASSKEY_DOMAIN", default=""),
    "most": 10,
    # As long as a page that asks may stand open; the cover waits no longer, either.
    "challenge_seconds": 15 * 60,
}
PHONE_CHANGE: dict[str, Any] = {
    "walk_seconds": 20 * 60,
    # Without the old phone and without a second factor.
    "wait_seconds": 86_400,
    # A factor switched on later than this before the change is no reason not to wait.
    "factor_settles_seconds": 86_400,
}
# So long other limits than the class's may be granted to one wallet.
GRANTING: dict[str, int] = {"most_days": 90}
FREEZING: dict[str, Any] = {
    "lift_seconds": 15 * 60,
}
CLOSING: dict[str, int] = {
    # So long a closing can be taken back.
    "wait_seconds": 7 * 86_400,
    # Source: anti-money-laundering law of the PRC, 2024 revision, art. 34: at least ten years.
    "keep_years": 10,
    # So long somebody who opens a wallet with the number of one who left is taken for the same
    # person, unless their ID numbers tell them apart. Operators keep a number back about as long.
    "phone_known_days": 90,
}
# A number that went to somebody else: docs/adr/0011-a-number-is-not-a-person.md.
NUMBER_CLAIMS: dict[str, int] = {
    # So long the customer who has it with us may object.
    "wait_days": 14,
    # And so long an objection stands.
    "objection_days": 90,
    "walk_seconds": 30 * 60,
}
CHANGES: dict[str, Any] = {
    # So long a risky change can be taken back, where that is safe.
    "undo_seconds": 86_400,
    # So long who was told of a change may stop everything with its number: at the phone number the
    # person has now, and at another one that was told, which may be a stranger's soon.
    "told_days": 30,
    "told_elsewhere_days": 7,
    "walk_seconds": 30 * 60,
}
# The newest head of the audit log, outside the database: docs/how-to/audit-log.md. Empty: none.
AUDIT: dict[str, str] = {
    "head_file": env.str("WALLET_AUDIT_HEAD_FILE", default=str(VAR_DIR / "audit-head")),
}
# What may leave a wallet in the hours after a risky change (a new phone number, a new password):
# so much at once and so much a day, in minor units. Narrower limits still hold.
CAUTION: dict[str, int] = {"seconds": 86_400, "single_minor": 500_00, "day_minor": 1_000_00}

# Networks and the places they are in, a local file; nobody outside is asked.
PLACES_FILE = env.str("WALLET_PLACES_FILE", default="")

# A browser is new for payments until a second proof was passed on it, or for so long.
DEVICES: dict[str, int] = {
    "known_seconds": 86_400,
    "cookie_seconds": 400 * 86_400,
    # Who used one browser within so long are not two people for what takes two. On a demo machine
    # one person plays everybody.
    "shared_seconds": 0 if DEMO_MODE else 30 * 86_400,
}

# The second proof on payments: what is suggested to a person, in minor units, how long after the
# payment password it may come, and how long after the first payment to them a payee is new.
SECOND_PROOF: dict[str, int] = {
    "from_minor": 1_000_00,
    "new_payee_over_minor": 500_00,
    "open_seconds": 10 * 60,
    "payee_known_seconds": 86_400,
}

# Who says whether name, ID number and card belong together; docs/how-to/identity-checks.md.
_CHECKER = "demo.DemoChecker" if EMBEDDED or DEMO_MODE or TRIAL else "formal.FormalChecker"
IDENTITY_CHECK = env.str("IDENTITY_CHECK", default=f"accounts.identity.checks.{_CHECKER}")
# So long it can be found out of a check whom it was about: time enough to ask the partner back.
IDENTITY_CHECKS: dict[str, int] = {"subject_seconds": 30 * 86_400}

SMS_PROVIDERS = [each.strip() for each in env.list("SMS_PROVIDERS", default=[]) if each.strip()]
SMS: dict[str, Any] = {
    "gateway": env.str("SMS_GATEWAY", default="accounts.phone.gateways.demo.DemoGateway"),
    # Providers in the order in which they are tried: twilio, aliyun, or a dotted path. They go
    # before the gateway; docs/how-to/sms-providers.md.
    "providers": SMS_PROVIDERS,
    # The longest that one attempt may take; always less while a code is about to end.
    "deadline_seconds": env.float("SMS_DEADLINE_SECONDS", default=8.0),
    # So many failures in a row, and a provider rests so long before it gets one trial.
    "rest_after_failures": env.int("SMS_REST_AFTER_FAILURES", default=3),
    "rest_seconds": env.int("SMS_REST_SECONDS", default=60),
    # Where providers reach us (https://wallet.example); empty: no receipts are asked to be sent.
    "callback_url": env.str("SMS_CALLBACK_URL", default="").rstrip("/"),
    "code_ttl_seconds": 5 * 60,
    "resend_after_seconds": 60,
    "wrong_per_code": 5,
    "countries": ["CN"],
}

SMS_TWILIO: dict[str, Any] = {
    "url": env.str("SMS_TWILIO_URL", default="https://api.twilio.com").rstrip("/"),
    "account_sid": env.str("SMS_TWILIO_ACCOUNT_SID", default=""),
    # Signs callbacks; the password, too, unless there is an API key.
    "auth_token": chosen_secret("SMS_TWILIO_AUTH_TOKEN", is_needed="twilio" in SMS_PROVIDERS),
    "api_key": env.str("SMS_TWILIO_API_KEY", default=""),
    "api_secret": chosen_secret("SMS_TWILIO_API_SECRET", is_needed=False),
    "from": env.str("SMS_TWILIO_FROM", default=""),
    "messaging_service": env.str("SMS_TWILIO_MESSAGING_SERVICE", default=""),
    "honours_keys": env.bool("SMS_TWILIO_HONOURS_KEYS", default=False),
}

SMS_ALIYUN: dict[str, Any] = {
    "url": env.str("SMS_ALIYUN_URL", default="https://dysmsapi.aliyuncs.com").rstrip("/"),
    "region": env.str("SMS_ALIYUN_REGION", default="cn-hangzhou"),
    "access_key_id": env.str("SMS_ALIYUN_ACCESS_KEY_ID", default=""),
    "access_key_secret": chosen_secret(
        "SMS_ALIYUN_ACCESS_KEY_SECRET", is_needed="aliyun" in SMS_PROVIDERS
    ),
    "sign_name": env.str("SMS_ALIYUN_SIGN_NAME", default=""),
    # Our message, or message.language -> the provider's template code.
    "templates": env.json("SMS_ALIYUN_TEMPLATES", default={}),
    # The password with which the provider's reports come; empty: it is asked for them.
    "receipt_token": chosen_secret("SMS_ALIYUN_RECEIPT_TOKEN", is_needed=False),
    "honours_keys": env.bool("SMS_ALIYUN_HONOURS_KEYS", default=False),
}

# Our servers' clocks differ by less than this. What claims to be later was written under a wrong
# clock: it counts for nothing, and no lock is longer than its own length.
CLOCK_SLACK_SECONDS = 60

PAYMENT_PASSWORD: dict[str, Any] = {
    # wrong tries in a row -> seconds of lock; at `reset_only_after` only a reset helps.
    "ladder": {5: 15 * 60, 6: 3600, 7: 24 * 3600},
    "reset_only_after": 10,
    "remembered": 5,
    "remind_after_days": 90,
}

SIGN_IN: dict[str, Any] = {
    # wrong tries in a row -> seconds of lock: never more than five are looked at in one go.
    "ladder": {5: 15 * 60, 10: 3600, 15: 3600},
    "reset_only_after": 20,
    "totp_wrong": 5,
    "totp_lock_seconds": 15 * 60,
    "totp_lock_most_seconds": 3600,
    "recovery_codes": 10,
    # So many left, and the security centre says that it is time for new ones.
    "recovery_codes_low": 3,
}

# The last six of the ID number on the walks that ask for them: the last step holds from there on.
IDENTITY_TRIES: dict[int, int] = {5: 15 * 60, 10: 3600, 15: 86_400}

SESSIONS: dict[str, int] = {
    # Idle: the page is covered, then a warning, then signed out.
    "customer_cover_seconds": 5 * 60,
    "customer_warn_seconds": 13 * 60,
    "customer_idle_seconds": 15 * 60,
    "customer_most_seconds": 12 * 3600,
    "staff_idle_seconds": 5 * 60,
    "staff_most_seconds": 8 * 3600,
    "step_up_seconds": 5 * 60,
    # What was typed before a cover or a sign-out waits this long for its owner.
    "kept_form_seconds": 60 * 60,
}

PAYMENTS: dict[str, Any] = {
    "form_ttl_seconds": 15 * 60,
    # Seconds until a transfer arrives, to choose from; 0 is at once.
    "arrival_delays": [0, 2 * 3600, 24 * 3600],
    # What is recommended the first time somebody is paid.
    "first_payee_delay": 2 * 3600,
    # Transfers from a file. Numbers not found before are counted apart
    # ("batch.lookup"); those without a wallet as single look-ups are, too. `runs_seconds`: unsent by then, unsent.
    "batch": {
        "most_lines": 500,
        "most_bytes": 256 * 1024,
        "most_drafts": 5,
        "runs_seconds": 24 * 3600,
    },
    # Money sent to a number without a wallet: how long it waits, how many of one payer's wait.
    "unclaimed": {"ttl_seconds": 24 * 3600, "most_waiting": 10},
}

# Transfers on a date, or on many; docs/how-to/planned-transfers.md.
STANDING_ORDERS: dict[str, int] = {
    # In force or paused, per person.
    "most": 50,
    # Not enough money, a limit, a freeze: tried again after so long, until the owner's day ends.
    "retry_seconds": 2 * 3600,
    # After our systems were down: a date that is older is not made up for any more.
    "late_seconds": 3 * 86_400,
}

SANDBOX_BANK: dict[str, Any] = {
    "rail": env.str("BANK_RAIL", default="payments.banking.rails.sandbox.SandboxRail"),
    "settles_after_seconds": env.int("SANDBOX_SETTLES_AFTER_SECONDS", default=3),
    "returns_after_seconds": env.int("SANDBOX_RETURNS_AFTER_SECONDS", default=24 * 3600),
    # How long one question to the bank may take.
    "deadline_seconds": env.int("BANK_DEADLINE_SECONDS", default=10),
}

# The bank's files (ISO 20022); docs/how-to/bank-files.md.
BANK_FILES: dict[str, Any] = {
    "out": env.str("BANK_FILES_OUT", default=str(VAR_DIR / "bank" / "out")),
    "in": env.str("BANK_FILES_IN", default=str(VAR_DIR / "bank" / "in")),
    "archive": env.str("BANK_FILES_ARCHIVE", default=str(VAR_DIR / "bank" / "archive")),
    # Our account at the bank: where all wallet money lies.
    "account": env.str("BANK_FILES_ACCOUNT", default="99990000000000000018"),
    "account_name": env.str("BANK_FILES_ACCOUNT_NAME", default="示例银行数字钱包备付金"),
    "clearing_code": env.str("BANK_FILES_CLEARING_CODE", default=""),
    # Money from cards cannot be collected by these files; empty: it comes by transfer.
    "collect_rail": env.str(
        "BANK_COLLECT_RAIL", default="payments.banking.rails.sandbox.SandboxRail"
    ),
    # An order waits at most this long for company; a full file goes at once.
    "wait_seconds": env.int("BANK_FILES_WAIT_SECONDS", default=300),
    "most_orders": 1000,
    "most_bytes": 10 * 1024 * 1024,
    # A file that was touched since is still being written.
    "untouched_seconds": env.int("BANK_FILES_UNTOUCHED_SECONDS", default=10),
    # The bank's days.
    "zone": env.str("BANK_FILES_ZONE", default="Asia/Shanghai"),
    # Settled, and on no statement after so many days: a case.
    "late_days": env.int("BANK_FILES_LATE_DAYS", default=3),
}

SUPPORT: dict[str, Any] = {
    # How long an agent may look at a record that was opened with a reason.
    "visit_seconds": 15 * 60,
    "id_tries": 3,
    # What a caller shows is worth points; what is done for them takes points. What does not add up
    # with what stands in accounts/support/scoring.py; `document` is with the digits on it.
    "points": {"code": 50, "id": 30, "answer": 20, "document": 60},
    "needed": {"unlock": 80, "unlock_without_id": 50, "hand_over": 100},
    "questions_per_visit": 2,
    # Ending a lock of such a wallet takes a second person: so much in it, or such a class.
    "high_value_minor": 50_000_00,
    "high_value_classes": ["I"],
}

# A customer's code for a helper, and the guided view that such a code opens.
GUIDING: dict[str, int] = {"code_seconds": 5 * 60, "view_seconds": 15 * 60}

# What people ask support; docs/how-to/support-cases.md.
CASES: dict[str, Any] = {
    # Of one customer at a time.
    "most_open": 5,
    # How long who is not signed in may read and write: after a code by text message or the reading
    # code, and in the browser that opened the case.
    "reading_seconds": 30 * 60,
    "opener_seconds": 12 * 3600,
    # Answers of so many days make the usual wait that pages name.
    "wait_days": 30,
    "reopen_days": 30,
    # So long after it was closed, its texts and phone number are deleted.
    "kept_days": 3 * 365,
}
