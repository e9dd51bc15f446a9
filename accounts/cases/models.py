"""Cases: what somebody asked support for, what both sides wrote, and what was done about it."""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.cases.numbers import new_number
from accounts.cases.sealing import unseal
from accounts.cases.states import OUR_TURN, CaseState, ChangeKind, Party, Topic
from accounts.identity import vault


class Case(models.Model):
    """One question to support, of a customer who was signed in or of a phone number."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # Of the form that opened it: sent twice, it is one case.
    form_key = models.UUIDField(null=True, blank=True, unique=True, editable=False)
    number = models.CharField(_("number"), max_length=11, unique=True, default=new_number)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="support_cases",
        verbose_name=_("customer"),
    )
    # Of somebody who was not signed in; nobody has proved that it is theirs.
    phone_encrypted = models.TextField(blank=True, default="")
    phone_index = models.CharField(max_length=64, blank=True, default="", db_index=True)
    # One more for a number that many were opened for in a short time, by nobody knows whom: it
    # waits behind the others until somebody has shown the phone.
    is_repeat = models.BooleanField(_("one of many for its number"), default=False)
    # Of the reading code, which was shown once to who wrote without signing in; it opens this case
    # in any browser and shows nobody who they are.
    reading_hash = models.CharField(
        max_length=64, blank=True, default="", db_default="", editable=False
    )
    topic = models.CharField(_("topic"), max_length=24, choices=Topic)
    key_encrypted = models.TextField(blank=True, default="")
    subject_sealed = models.TextField(blank=True, default="")
    payment_reference = models.CharField(
        _("payment reference"), max_length=12, blank=True, default=""
    )
    language = models.CharField(_("language"), max_length=10, blank=True, default="")
    state = models.CharField(_("state"), max_length=10, choices=CaseState, default=CaseState.OPEN)
    opened_at = models.DateTimeField(_("opened"), default=timezone.now, editable=False)
    # Since when the customer waits for us; None while it is their turn.
    waiting_since = models.DateTimeField(_("waits since"), null=True, blank=True)
    first_answered_at = models.DateTimeField(_("first answered"), null=True, blank=True)
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("who is on it"),
    )
    assigned_at = models.DateTimeField(_("taken"), null=True, blank=True)
    # Since when there is an answer that the customer has not read.
    unread_since = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    forgotten_at = models.DateTimeField(_("forgotten"), null=True, blank=True)

    class Meta:
        verbose_name = _("support case")
        verbose_name_plural = _("support cases")
        ordering = ("-pk",)
        permissions = (("work_cases", "Can work on support cases"),)
        indexes = (
            models.Index(
                fields=["is_repeat", "waiting_since", "id"],
                condition=Q(waiting_since__isnull=False),
                name="case_queue",
            ),
            models.Index(
                fields=["user"], condition=Q(unread_since__isnull=False), name="case_unread"
            ),
            models.Index(
                fields=["-first_answered_at"],
                condition=Q(first_answered_at__isnull=False),
                name="case_answered",
            ),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(user__isnull=False, phone_encrypted="")
                | (Q(user=None) & ~Q(phone_encrypted=""))
                | Q(forgotten_at__isnull=False),
                name="case_has_one_owner",
            ),
            models.CheckConstraint(
                condition=Q(state=CaseState.CLOSED, closed_at__isnull=False)
                | (~Q(state=CaseState.CLOSED) & Q(closed_at=None)),
                name="case_closed_has_its_time",
            ),
            models.CheckConstraint(
                condition=Q(state__in=OUR_TURN, waiting_since__isnull=False)
                | (~Q(state__in=OUR_TURN) & Q(waiting_since=None)),
                name="case_waits_when_it_is_our_turn",
            ),
        )

    def __str__(self) -> str:
        return self.number

    @property
    def subject(self) -> str:
        """What it is about, in the customer's words."""
        return unseal(self.key_encrypted, self.subject_sealed)

    @property
    def phone(self) -> str:
        """Where to reach them: the customer's number, or the one that was given. Mask it."""
        if self.user is not None:
            return str(self.user.phone)
        return vault.decrypt(self.phone_encrypted) if self.phone_encrypted else ""

    @property
    def is_closed(self) -> bool:
        """Whether nobody writes any more."""
        return self.state == CaseState.CLOSED

    @property
    def is_our_turn(self) -> bool:
        """Whether the customer waits for us."""
        return self.state in OUR_TURN

    @property
    def waited_seconds(self) -> int | None:
        """How long the customer has waited for us; None while it is their turn."""
        since = self.waiting_since
        return int((timezone.now() - since).total_seconds()) if since else None

    @property
    def may_be_reopened(self) -> bool:
        """Whether it was closed a short while ago."""
        if self.closed_at is None or self.forgotten_at is not None:
            return False
        days = timedelta(days=settings.CASES["reopen_days"])
        return timezone.now() - self.closed_at < days


class CaseMessage(models.Model):
    """What one side wrote to the other. Append-only."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="messages")
    author = models.CharField(max_length=8, choices=Party)
    # The member of staff; the customer sees only that it was support.
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    text_sealed = models.TextField()
    # Something that looked like a secret was taken out before it was stored.
    has_blanks = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("message of a case")
        verbose_name_plural = _("messages of cases")
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"message {self.pk} of case {self.case_id}"

    @property
    def text(self) -> str:
        """The words; empty once the case is forgotten."""
        return unseal(self.case.key_encrypted, self.text_sealed)


class CaseNote(models.Model):
    """What staff wrote for each other; no customer sees it. Append-only."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="notes")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    text_sealed = models.TextField()
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("note on a case")
        verbose_name_plural = _("notes on cases")
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"note {self.pk} on case {self.case_id}"

    @property
    def text(self) -> str:
        """The words; empty once the case is forgotten."""
        return unseal(self.case.key_encrypted, self.text_sealed)


class CaseChange(models.Model):
    """What was done about a case: when, by whom, from which state to which. Append-only."""

    case = models.ForeignKey(
        Case, on_delete=models.PROTECT, related_name="changes", verbose_name=_("support case")
    )
    kind = models.CharField(_("what"), max_length=10, choices=ChangeKind)
    party = models.CharField(_("who"), max_length=8, choices=Party)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("by"),
    )
    state_before = models.CharField(_("state before"), max_length=10, blank=True, default="")
    state_after = models.CharField(_("state after"), max_length=10, choices=CaseState)
    at = models.DateTimeField(_("when"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("change of a case")
        verbose_name_plural = _("changes of cases")
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.kind} of case {self.case_id}"


class CaseReading(models.Model):
    """One walk to a case without signing in: its number and phone, the code, the thread."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # None when number and phone do not belong together; nobody is told.
    case = models.ForeignKey(Case, on_delete=models.CASCADE, null=True, blank=True)
    phone_encrypted = models.TextField()
    challenge_id = models.UUIDField()
    proved_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("reading of a case")
        verbose_name_plural = _("readings of cases")

    def __str__(self) -> str:
        return f"reading {self.pk}"

    @property
    def phone(self) -> str:
        """The number that the code goes to. Mask it."""
        return vault.decrypt(self.phone_encrypted)
