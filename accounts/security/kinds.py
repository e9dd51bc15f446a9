"""What each kind of security event is called in plain words; every room adds its own."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

KIND_TITLES: dict[str, str | Promise] = {
    "sign_in.ok": _("Signed in"),
    "sign_in.wrong": _("Wrong password at sign-in"),
    "sign_in.locked": _("Sign-in paused after wrong passwords"),
    "sign_in.unlocked": _("Sign-in opened again"),
    "sign_in.factor_wrong": _("Wrong second-step code"),
    "sign_in.factor_locked": _("Second step paused after wrong codes"),
    "sign_in.refused": _("Sign-in refused"),
    "session.resumed": _("Went on after a pause"),
    "sign_out.ok": _("Signed out"),
    "session.ended": _("A device was signed out"),
    "session.others_ended": _("Other devices were signed out"),
    "device.forgotten": _("A device was forgotten"),
    "login_password.changed": _("Login password changed"),
    "login_password.reset": _("Login password reset"),
    "login_password.reset_refused": _("A reset of the login password was refused"),
    "step_up.ok": _("Identity confirmed again"),
    "step_up.wrong": _("Wrong answer when asked to confirm"),
    "two_factor.on": _("Two-step sign-in switched on"),
    "two_factor.off": _("Two-step sign-in switched off"),
    "two_factor.enrolled": _("Two-step sign-in set up by an administrator"),
    "recovery_codes.made": _("New recovery codes made"),
    "recovery_codes.used": _("A recovery code was used"),
    "profile.changed": _("Settings changed"),
    "payment_password.set": _("Payment password set"),
    "payment_password.changed": _("Payment password changed"),
    "payment_password.reset": _("Payment password reset"),
    "payment_password.reset_refused": _("A reset of the payment password was refused"),
    "payment_password.wrong": _("Wrong payment password"),
    "payment_password.locked": _("Payment password locked after wrong tries"),
    "payment_password.unlocked": _("Payment password opened again"),
    "caution.begun": _("Limits lowered for a day, for safety"),
    "identity.added": _("Name and ID number added"),
    "identity.level_changed": _("Identity level changed"),
    "phone.changed": _("Phone number changed"),
    "transfer_batch.authorised": _("Transfers from a file authorised"),
    "wallet.opened": _("Wallet opened"),
    "wallet.class_changed": _("Wallet class changed"),
    "wallet.limits_lowered": _("Own limits lowered"),
    "wallet.limits_raised": _("Own limits raised"),
    "wallet.frozen": _("Wallet frozen"),
    "wallet.unfrozen": _("Wallet unfrozen"),
    "standing_order.authorised": _("Planned transfer authorised"),
    "standing_order.active": _("Planned transfer resumed"),
    "standing_order.paused": _("Planned transfer paused"),
    "standing_order.changed": _("Amount of a planned transfer changed"),
    "standing_order.cancelled": _("Planned transfer cancelled"),
    "card.linked": _("Bank card linked"),
    "card.removed": _("Bank card removed"),
    "payment.case_closed": _("Staff settled an open question about a payment"),
    "case.opened": _("You wrote to support"),
    "case.taken": _("Support opened your case"),
    "case.answered": _("Support answered your case"),
    "case.closed": _("A case with support was closed"),
    "case.reopened": _("A case with support was opened again"),
    "support.viewed": _("Support looked at your record"),
    "support.revealed": _("Support read your phone number and name"),
    "support.id_right": _("Support asked for your ID digits: right"),
    "support.id_wrong": _("Support asked for your ID digits: wrong"),
    "support.code_right": _("Support checked a code sent to your phone"),
}


def kind_title(kind: str) -> str:
    """The title of a kind; a kind nobody has named yet reads as itself."""
    return str(KIND_TITLES.get(kind, kind))
