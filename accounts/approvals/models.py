"""Proposals and what was decided about them."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.approvals.states import ProposalState
from accounts.identity import vault


class Proposal(models.Model):
    """Something that takes two people. Its content never changes: another content is another one.

    `facts` hold what the kind needs to carry it out; no secrets. `digest` is over all of the
    content, so that what is approved is what was read; of what is private over a keyed hash.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(_("what"), max_length=60)
    subject = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("customer"),
    )
    facts = models.JSONField(_("facts"), default=dict)
    # What must not lie about in clear, such as a whole phone number; gone once it is decided.
    private_encrypted = models.TextField(blank=True, default="", db_default="")
    digest = models.CharField(max_length=64, editable=False)
    reason = models.CharField(_("reason"), max_length=200)
    maker = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("proposed by"),
    )
    state = models.CharField(
        _("state"), max_length=10, choices=ProposalState, default=ProposalState.OPEN
    )
    checker = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("decided by"),
    )
    created_at = models.DateTimeField(_("proposed"), default=timezone.now, editable=False)
    expires_at = models.DateTimeField(_("open until"))
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)

    class Meta:
        verbose_name = _("proposal")
        verbose_name_plural = _("proposals")
        ordering = ("-pk",)
        indexes = (models.Index(fields=["state", "expires_at"], name="proposal_open"),)
        constraints = (
            # Checked by the database too: whatever a program forgets, no row says otherwise.
            models.CheckConstraint(
                condition=Q(checker=None) | ~Q(checker=F("maker")), name="proposal_two_people"
            ),
            models.CheckConstraint(
                condition=~Q(state=ProposalState.APPROVED) | Q(checker__isnull=False),
                name="proposal_approved_by_somebody",
            ),
        )
        permissions = (
            ("propose_support", "Can propose what support needs a second person for"),
            ("decide_support", "Can decide what support proposes"),
            ("propose_money", "Can propose adjustments and exceptions of limits"),
            ("decide_money", "Can decide adjustments and exceptions of limits"),
        )

    def __str__(self) -> str:
        return f"proposal {self.pk}"

    @property
    def private(self) -> str:
        """What is kept encrypted until it is decided; "" afterwards. Mask it."""
        return vault.decrypt(self.private_encrypted) if self.private_encrypted else ""

    @property
    def is_open(self) -> bool:
        """Whether it can still be decided."""
        return self.state == ProposalState.OPEN and timezone.now() < self.expires_at

    @property
    def shown_state(self) -> str:
        """The state as it is now, also before the sweep has written down that time is over."""
        is_late = self.state == ProposalState.OPEN and not self.is_open
        return ProposalState.EXPIRED if is_late else ProposalState(self.state)


class ProposalDecision(models.Model):
    """Who did what with a proposal, and why. Append-only."""

    proposal = models.ForeignKey(
        Proposal,
        on_delete=models.PROTECT,
        related_name="decisions",
        verbose_name=_("proposal"),
    )
    state = models.CharField(_("state"), max_length=10, choices=ProposalState)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("by"),
    )
    reason = models.CharField(_("reason"), max_length=200, blank=True, default="")
    created_at = models.DateTimeField(_("when"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("decision on a proposal")
        verbose_name_plural = _("decisions on proposals")
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.state} of proposal {self.proposal_id}"
