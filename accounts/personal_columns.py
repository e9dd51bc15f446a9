"""What people's rooms keep about somebody, and when it ends (accounts/closing/personal.py)."""

from __future__ import annotations

from django.db.models import Q

from accounts.closing.personal import Ends, Personal, register_personal

_WORDS_OF_STAFF = "staff's own words about what they did; whole numbers are taken out of them"
_LOG = "append-only log of what happened; of whom nothing is left in the end but a number"
_KEYED = "a keyed hash of what was typed: without the key it tells nothing"


def register_columns() -> None:
    """Make them known."""
    register_personal(*_AT_CLOSING, *_KEPT_BY_LAW, *_BY_AGE, *_SWEPT, *_STAYING)


_AT_CLOSING = (
    Personal("accounts.User", ("phone",), Ends.CLOSING, of=("pk",)),
    Personal(
        "accounts.Identity",
        ("name_encrypted", "id_number_encrypted", "id_number_index"),
        Ends.CLOSING,
        of=("user",),
    ),
    Personal("accounts.PaymentPassword", ("hash",), Ends.CLOSING, of=("user",)),
    Personal("accounts.UsedPaymentPassword", ("hash",), Ends.CLOSING, of=("user",)),
    Personal("accounts.Authenticator", ("name", "secret"), Ends.CLOSING, of=("user",)),
    Personal(
        "accounts.Passkey",
        ("name", "credential_id", "public_key"),
        Ends.CLOSING,
        of=("user",),
    ),
    Personal("accounts.RecoveryCode", ("code_hash",), Ends.CLOSING, of=("user",)),
    Personal("accounts.KnownDevice", ("token_hash", "label"), Ends.CLOSING, of=("user",)),
    Personal("accounts.Change", ("undo_encrypted",), Ends.CLOSING, of=("user",)),
)
_KEPT_BY_LAW = (
    Personal(
        "accounts.FormerCustomer",
        (
            "name_encrypted",
            "id_number_encrypted",
            "id_number_index",
            "phone_encrypted",
            "phone_index",
        ),
        Ends.RETENTION,
        of=("user",),
    ),
    Personal("accounts.Change", ("told",), Ends.RETENTION, of=("user",)),
    # A case that is still open; closed ones end before.
    Personal(
        "accounts.Case",
        ("phone_encrypted", "phone_index", "key_encrypted", "subject_sealed", "reading_hash"),
        Ends.RETENTION,
        of=("user",),
    ),
)
_BY_AGE = (
    # What taking a change back needs: phone numbers, keys of authenticators.
    Personal("accounts.Change", ("undo_encrypted",), Ends.TIME, since="undo_until", days=1),
    Personal(
        "accounts.NotMeWalk",
        ("phone_encrypted",),
        Ends.TIME,
        since="expires_at",
        days=1,
        is_deleted=True,
    ),
    Personal(
        "accounts.PhoneChange",
        ("new_phone_encrypted",),
        Ends.TIME,
        since="created_at",
        days=30,
        only=~Q(state="waiting"),
    ),
    # Before somebody closes, so it is older than the end of their retention.
    Personal("accounts.IdentityCheck", ("subject_hash",), Ends.TIME, since="at"),
)
_SWEPT = (
    # It opens nothing but the words at the door that the wallet is closed.
    Personal("accounts.User", ("password",), Ends.SWEEP, how="accounts.closing.forget_former"),
    Personal(
        "accounts.Application",
        (
            "name_encrypted",
            "id_number_encrypted",
            "phone_encrypted",
            "login_password",
            "payment_password_hash",
        ),
        Ends.SWEEP,
        how="accounts.signup.clear_old_applications",
    ),
    Personal(
        "accounts.Challenge",
        ("phone", "bound_to", "message_params"),
        Ends.SWEEP,
        how="accounts.phone.forget_old_codes",
    ),
    Personal(
        "accounts.SmsCode",
        ("phone", "address_hash", "range_hash", "code_encrypted", "code_hash"),
        Ends.SWEEP,
        how="accounts.phone.forget_old_codes",
    ),
    Personal(
        "accounts.DemoMessage",
        ("phone", "text"),
        Ends.SWEEP,
        how="accounts.phone.forget_old_codes",
    ),
    Personal(
        "accounts.Case",
        (
            "phone_encrypted",
            "phone_index",
            "key_encrypted",
            "subject_sealed",
            "reading_hash",
            "payment_reference",
        ),
        Ends.SWEEP,
        how="accounts.cases.forget_old_cases",
    ),
    Personal(
        "accounts.CaseReading",
        ("phone_encrypted",),
        Ends.SWEEP,
        how="accounts.cases.forget_old_cases",
    ),
    Personal(
        "accounts.NumberWalk",
        ("phone_encrypted",),
        Ends.SWEEP,
        how="accounts.recycled.free_numbers",
    ),
    Personal(
        "accounts.NumberClaim",
        ("phone_encrypted",),
        Ends.SWEEP,
        how="accounts.recycled.free_numbers",
    ),
    Personal(
        "accounts.FormerNumber",
        ("phone_encrypted", "phone_index"),
        Ends.SWEEP,
        how="accounts.recycled.free_numbers",
    ),
    Personal(
        "accounts.Proposal",
        ("phone_encrypted",),
        Ends.SWEEP,
        how="accounts.approvals.expire_proposals",
    ),
    Personal(
        "accounts.KeptForm",
        ("page", "action", "fields_encrypted"),
        Ends.SWEEP,
        how="accounts.signin.clear_sessions",
    ),
    Personal(
        "accounts.LoginRecovery",
        ("phone", "auth_hash"),
        Ends.SWEEP,
        how="accounts.signin.clear_sessions",
    ),
    Personal(
        "accounts.PendingSignIn",
        ("auth_hash", "next_path"),
        Ends.SWEEP,
        how="accounts.signin.clear_sessions",
    ),
    Personal(
        "accounts.UserSession",
        ("label", "address_hint"),
        Ends.SWEEP,
        how="accounts.signin.clear_sessions",
    ),
    Personal(
        "accounts.ThrottledAct",
        ("subject_hash",),
        Ends.SWEEP,
        how="accounts.signin.clear_sessions",
    ),
    Personal(
        "sessions.Session",
        ("session_key", "session_data"),
        Ends.SWEEP,
        how="accounts.signin.clear_sessions",
    ),
    Personal(
        "axes.AccessAttempt",
        (
            "username",
            "ip_address",
            "user_agent",
            "http_accept",
            "path_info",
            "get_data",
            "post_data",
        ),
        Ends.SWEEP,
        how="accounts.signin.clear_sessions",
    ),
)
_STAYING = (
    # Both sides' words lie under the case's key; without it they are noise.
    Personal(
        "accounts.CaseMessage", ("text_sealed",), Ends.STAYS, how="sealed with the case's key"
    ),
    Personal("accounts.CaseNote", ("text_sealed",), Ends.STAYS, how="sealed with the case's key"),
    Personal("accounts.SecurityEvent", ("address", "details"), Ends.STAYS, how=_LOG),
    Personal("accounts.AuditRecord", ("content",), Ends.STAYS, how=_LOG),
    Personal("admin.LogEntry", ("object_repr", "change_message"), Ends.STAYS, how=_LOG),
    Personal("accounts.SupportVisit", ("reason",), Ends.STAYS, how=_WORDS_OF_STAFF),
    Personal("accounts.SupportAction", ("reason",), Ends.STAYS, how=_WORDS_OF_STAFF),
    Personal("accounts.StaffLook", ("reason",), Ends.STAYS, how=_WORDS_OF_STAFF),
    Personal("accounts.Proposal", ("facts", "reason"), Ends.STAYS, how=_WORDS_OF_STAFF),
    Personal("accounts.ProposalDecision", ("reason",), Ends.STAYS, how=_WORDS_OF_STAFF),
    Personal(
        "accounts.CallerCheck",
        ("question", "asked"),
        Ends.STAYS,
        how="amounts, months and ends of card numbers that staff were told; no names",
    ),
    Personal("accounts.Tries", ("subject_hash",), Ends.STAYS, how=_KEYED),
    Personal("accounts.SendGate", ("subject_hash",), Ends.STAYS, how=_KEYED),
    Personal(
        "accounts.SmsAlarm",
        ("subject",),
        Ends.STAYS,
        how="what many numbers or networks share, never a whole number",
    ),
)
