"""The books in the admin: everybody with the right may look, nobody may change anything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.http import HttpRequest

from ledger import models

# The classes take type parameters in the stubs only.
if TYPE_CHECKING:
    AnyAdmin = admin.ModelAdmin[Any]
    PostingsInline = admin.TabularInline[models.JournalPosting, models.JournalEntry]
else:
    AnyAdmin = admin.ModelAdmin
    PostingsInline = admin.TabularInline


class ReadOnlyAdmin(AnyAdmin):
    """No adding, changing or deleting, not even for a superuser."""

    show_full_result_count = False
    list_per_page = 50
    actions = None

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class PostingInline(PostingsInline):
    model = models.JournalPosting
    extra = 0
    can_delete = False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(models.LedgerAccount)
class LedgerAccountAdmin(ReadOnlyAdmin):
    list_display = [
        "code",
        "kind",
        "currency",
        "debits_posted",
        "credits_posted",
        "debits_pending",
        "credits_pending",
        "balance_cap_minor",
        "closed_at",
    ]
    list_filter = ["kind", "currency", "is_hot"]
    search_fields = ["code"]


@admin.register(models.JournalEntry)
class JournalEntryAdmin(ReadOnlyAdmin):
    list_display = ["id", "created_at", "event", "key", "note", "reverses"]
    list_filter = ["event", "created_at"]
    search_fields = ["key"]
    inlines = [PostingInline]


@admin.register(models.Hold)
class HoldAdmin(ReadOnlyAdmin):
    list_display = ["id", "key", "amount_minor", "created_at", "expires_at"]
    search_fields = ["key"]


@admin.register(models.HoldResolution)
class HoldResolutionAdmin(ReadOnlyAdmin):
    list_display = ["id", "hold", "outcome", "captured_minor", "entry", "created_at"]
    list_filter = ["outcome"]
    search_fields = ["key"]


@admin.register(models.SealedBlock)
class SealedBlockAdmin(ReadOnlyAdmin):
    list_display = ["id", "last_entry_id", "entry_count", "chain_digest", "created_at"]


@admin.register(models.VerificationRun)
class VerificationRunAdmin(ReadOnlyAdmin):
    list_display = ["finished_at", "is_right", "problem_count", "entry_count", "head"]
    list_filter = ["is_right"]
