"""What the messages say. A text without `%(code)s` carries no code."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.security.kinds import kind_title

# Key -> text. The key of a message is the purpose of the code, unless the caller names another.
MESSAGES: dict[str, str | Promise] = {
    "sign_up": _(
        "[%(bank)s] %(code)s is your code to open a wallet, valid for %(minutes)s minutes. "
        "Give it to nobody, not even to us."
    ),
    "sign_up_known": _(
        "[%(bank)s] Somebody tried to open a wallet with your number. You already have one: "
        'please sign in. Is the number new to you? Open our page "My number is new". '
        "If it was not you, there is nothing to do."
    ),
    "login_reset": _(
        "[%(bank)s] %(code)s is your code to set a new login password, valid for %(minutes)s "
        "minutes. If you did not ask for it, do nothing and give it to nobody."
    ),
    "login_reset_unknown": _(
        "[%(bank)s] Somebody asked for a new login password, but no wallet is open with your "
        "number. If it was not you, there is nothing to do."
    ),
    "payment_password_reset": _(
        "[%(bank)s] %(code)s is your code to set a new payment password, valid for %(minutes)s "
        "minutes. If you did not ask for it, call us. Give it to nobody."
    ),
    "payment_password_locked": _(
        "[%(bank)s] Your payment password was typed wrong several times, so payments are paused. "
        "Your money is safe. If it was not you, call %(support_phone)s."
    ),
    "card_link": _(
        "[%(bank)s] %(code)s is your code to link a bank card, valid for %(minutes)s minutes. "
        "Give it to nobody, not even to us."
    ),
    "payment_proof": _(
        "[%(bank)s] %(code)s is your code to pay %(amount)s to %(payee)s, valid for %(minutes)s "
        "minutes. If you are not paying this, call %(support_phone)s. Give it to nobody."
    ),
    "support": _(
        "[%(bank)s] %(code)s is the code for your call with our support, valid for %(minutes)s "
        "minutes. Read it out only if you called us."
    ),
    "case": _(
        "[%(bank)s] %(code)s is your code to read your case with our support, valid for "
        "%(minutes)s minutes. Give it to nobody, not even to us."
    ),
    "case_unknown": _(
        "[%(bank)s] Somebody wanted to read a case with our support, but none with that number "
        "was opened for this phone. If it was not you, there is nothing to do."
    ),
    "case_answered": _(
        "[%(bank)s] Our support has answered case %(case)s. Read it on our help page with the "
        "number of the case; we never ask for a code or password."
    ),
    "wallet_frozen": _(
        "[%(bank)s] Your wallet is frozen: no money leaves it. You lift this in the security "
        "centre. If it was not you, call %(support_phone)s."
    ),
    "wallet_unfrozen": _(
        "[%(bank)s] The freeze of your wallet is lifted. If it was not you, call %(support_phone)s."
    ),
    "wallet_closed": _(
        "[%(bank)s] Your wallet is closed, as you asked. You can open a new one at any time. If it "
        "was not you, call %(support_phone)s."
    ),
    "wallet_closing_stopped": _(
        "[%(bank)s] Your wallet was not closed: money has come in or something is pending. Sign in "
        "to settle it, or keep the wallet."
    ),
    "wallet_closing_taken_back": _(
        "[%(bank)s] Your wallet stays open: closing it was taken back. If it was not you, call "
        "%(support_phone)s."
    ),
    "unfreeze": _(
        "[%(bank)s] %(code)s is your code to lift the freeze of your wallet, valid for "
        "%(minutes)s minutes. Give it to nobody, not even to us."
    ),
    "number_claim": _(
        "[%(bank)s] %(code)s is your code to show that this number is yours, valid for %(minutes)s "
        "minutes. Give it to nobody, not even to us."
    ),
    "phone_change_old": _(
        "[%(bank)s] %(code)s is your code to move your wallet to another number, valid for "
        "%(minutes)s minutes. If you did not ask for it, give it to nobody and call "
        "%(support_phone)s."
    ),
    "phone_change_new": _(
        "[%(bank)s] %(code)s is your code to use this number for your wallet, valid for "
        "%(minutes)s minutes. Give it to nobody, not even to us."
    ),
    "phone_change_taken": _(
        "[%(bank)s] Somebody wants to use your number for a wallet, but yours is open with it. "
        "If it was you, contact support. If not, there is nothing to do."
    ),
    "risky_change": _(
        "[%(bank)s] %(what)s. Number: %(number)s. If it was not you, open our page "
        '"That was not me" or call %(support_phone)s.'
    ),
    "change_undone": _(
        "[%(bank)s] Change %(number)s was taken back. If it was not you, call %(support_phone)s."
    ),
    "not_me": _(
        "[%(bank)s] %(code)s is your code to stop a change that you did not make, valid for "
        "%(minutes)s minutes. Give it to nobody, not even to us."
    ),
    "not_me_unknown": _(
        "[%(bank)s] Somebody wanted to stop a change with your number, but no such change was "
        "made. If it was not you, there is nothing to do."
    ),
    "support_unlocked": _(
        "[%(bank)s] Our support has ended a lock for you after checking who called. If it was not "
        "you, call %(support_phone)s."
    ),
}
_DEFAULT = _(
    "[%(bank)s] %(code)s is your code, valid for %(minutes)s minutes. "
    "Give it to nobody, not even to us."
)


def message_text(*, message: str, code: str, locale: str, params: dict[str, Any]) -> str:
    """The text as the phone will show it, in the reader's language."""
    with translation.override(_known(locale)):
        return str(MESSAGES.get(message, _DEFAULT)) % _facts(code, locale, params)


def message_params(
    *, message: str, code: str, locale: str, params: dict[str, Any]
) -> dict[str, str]:
    """What a provider's own template of the message needs: the facts that our text names, but for
    the bank, which is the signature."""
    with translation.override("en"):
        text = str(MESSAGES.get(message, _DEFAULT))
    facts = _facts(code, locale, params)
    return {name: str(facts[name]) for name in facts if f"%({name})s" in text and name != "bank"}


def message_language(locale: str) -> str:
    """In which of the two languages of our texts a reader gets it: "zh" or "en"."""
    return "zh" if _known(locale).startswith("zh") else "en"


def message_keys() -> list[str]:
    """The messages there are, for whoever keeps a template for each."""
    return sorted(MESSAGES)


def carries_code(message: str) -> bool:
    """Whether there is a code in the text at all."""
    with translation.override("en"):
        return "%(code)s" in str(MESSAGES.get(message, _DEFAULT))


def _known(locale: str) -> str:
    return locale if locale in dict(settings.LANGUAGES) else str(settings.LANGUAGE_CODE)


def _facts(code: str, locale: str, params: dict[str, Any]) -> dict[str, Any]:
    with translation.override(_known(locale)):
        # What happened is said in the reader's language, whoever's page it happened on.
        what = {"what": kind_title(params["kind"])} if "kind" in params else {}
    return {
        **params,
        **what,
        "bank": settings.BANK[f"name_{message_language(locale)}"],
        "support_phone": settings.BANK["support_phone"],
        "minutes": settings.SMS["code_ttl_seconds"] // 60,
        "code": code,
    }
