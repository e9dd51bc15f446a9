"""Gathers the rooms' models for Django."""

from accounts.approvals.models import Proposal, ProposalDecision
from accounts.audit.models import AuditMark, AuditRecord
from accounts.cases.models import Case, CaseChange, CaseMessage, CaseNote, CaseReading
from accounts.caution.models import Caution
from accounts.changes.models import Change, ChangeSeen, NotMeWalk
from accounts.closing.models import FormerCustomer
from accounts.factors.models import Authenticator, Passkey, RecoveryCode, UsedPasskeyChallenge
from accounts.guiding.models import GuidedView, HelperCode
from accounts.identity.models import Identity, IdentityCheck
from accounts.payment_password.models import (
    PaymentPassword,
    PaymentPasswordReset,
    UsedPaymentPassword,
)
from accounts.phone.models import (
    Challenge,
    DemoMessage,
    SendGate,
    SmsAlarm,
    SmsAttempt,
    SmsCode,
    SmsProvider,
    SmsReceipt,
    SmsResult,
    SmsTally,
)
from accounts.phone_change.models import PhoneChange
from accounts.recycled.models import FormerNumber, NumberClaim, NumberWalk
from accounts.security.models import (
    KnownDevice,
    SecurityEvent,
    StaffLook,
    ThrottledAct,
    Tries,
    UserSession,
)
from accounts.signin.models import KeptForm, LoginRecovery, PendingSignIn
from accounts.signup.models import Application
from accounts.support.models import CallerCheck, SupportAction, SupportVisit
from accounts.users.models import User

__all__ = [
    "Application",
    "AuditMark",
    "AuditRecord",
    "Authenticator",
    "CallerCheck",
    "Case",
    "CaseChange",
    "CaseMessage",
    "CaseNote",
    "CaseReading",
    "Caution",
    "Challenge",
    "Change",
    "ChangeSeen",
    "DemoMessage",
    "FormerCustomer",
    "FormerNumber",
    "GuidedView",
    "HelperCode",
    "Identity",
    "IdentityCheck",
    "KeptForm",
    "KnownDevice",
    "LoginRecovery",
    "NotMeWalk",
    "NumberClaim",
    "NumberWalk",
    "Passkey",
    "PaymentPassword",
    "PaymentPasswordReset",
    "PendingSignIn",
    "PhoneChange",
    "Proposal",
    "ProposalDecision",
    "RecoveryCode",
    "SecurityEvent",
    "SendGate",
    "SmsAlarm",
    "SmsAttempt",
    "SmsCode",
    "SmsProvider",
    "SmsReceipt",
    "SmsResult",
    "SmsTally",
    "StaffLook",
    "SupportAction",
    "SupportVisit",
    "ThrottledAct",
    "Tries",
    "UsedPasskeyChallenge",
    "UsedPaymentPassword",
    "User",
    "UserSession",
]
