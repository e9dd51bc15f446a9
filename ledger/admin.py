"""The books in the admin: everybody with the right may look, nobody may change anything."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.http import HttpRequest, HttpResponse

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


# What stands before a row that names these accounts; the books know no people, who knows says so.
Gate = Callable[[HttpRequest, Sequence[int], str], HttpResponse | None]
_GATES: list[Gate] = []


def register_gate(gate: Gate) -> None:
    """`gate(request, account_ids, what)` answers None for a row that may be shown."""
    if gate not in _GATES:
        _GATES.append(gate)


class BookAdmin(ReadOnlyAdmin):
    """One row of the books names accounts, and some of them are somebody's."""

    def account_ids(self, row: Any) -> list[int]:
        raise NotImplementedError

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        row = self.get_object(request, unquote(object_id))
        if row is not None and self.has_view_permission(request, row):
            for gate in _GATES:
                answer = gate(request, self.account_ids(row), self.opts.label_lower)
                if answer is not None:
                    return answer
        return super().change_view(request, object_id, form_url, extra_context)


# Whose money an account holds is somebody's: what is in it stands in its row alone.
Private = Callable[[models.LedgerAccount], bool]
_PRIVATE: list[Private] = []


def register_private(private: Private) -> None:
    """`private(account)` says whether lists leave out what is in this account."""
    if private not in _PRIVATE:
        _PRIVATE.append(private)


def _counter(name: str) -> Callable[[Any, models.LedgerAccount], str]:
    """A column of a counter that is left out for private accounts."""

    field = models.LedgerAccount._meta.get_field(name)

    @admin.display(description=getattr(field, "verbose_name", name))
    def column(_admin: Any, account: models.LedgerAccount) -> str:
        is_private = any(private(account) for private in _PRIVATE)
        return "***" if is_private else str(getattr(account, name))

    return column


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
class LedgerAccountAdmin(BookAdmin):
    list_display = [
        "code",
        "kind",
        "currency",
        "shown_debits_posted",
        "shown_credits_posted",
        "shown_debits_pending",
        "shown_credits_pending",
        "balance_cap_minor",
        "closed_at",
    ]
    list_filter = ["kind", "currency", "is_hot"]
    search_fields = ["code"]
    shown_debits_posted = _counter("debits_posted")
    shown_credits_posted = _counter("credits_posted")
    shown_debits_pending = _counter("debits_pending")
    shown_credits_pending = _counter("credits_pending")

    def account_ids(self, row: models.LedgerAccount) -> list[int]:
        return [row.pk]


@admin.register(models.JournalEntry)
class JournalEntryAdmin(BookAdmin):
    list_display = ["id", "created_at", "event", "key", "note", "reverses"]
    list_filter = ["event", "created_at"]
    search_fields = ["key"]
    inlines = [PostingInline]

    def account_ids(self, row: models.JournalEntry) -> list[int]:
        sides = row.postings.values_list("debit_account_id", "credit_account_id")
        return [account for pair in sides for account in pair]


@admin.register(models.Hold)
class HoldAdmin(BookAdmin):
    list_display = ["id", "key", "amount_minor", "created_at", "expires_at"]
    search_fields = ["key"]

    def account_ids(self, row: models.Hold) -> list[int]:
        return [row.debit_account_id, row.credit_account_id]


@admin.register(models.HoldResolution)
class HoldResolutionAdmin(BookAdmin):
    list_display = ["id", "hold", "outcome", "captured_minor", "entry", "created_at"]
    list_filter = ["outcome"]
    search_fields = ["key"]

    def account_ids(self, row: models.HoldResolution) -> list[int]:
        return [row.hold.debit_account_id, row.hold.credit_account_id]


@admin.register(models.SealedBlock)
class SealedBlockAdmin(ReadOnlyAdmin):
    list_display = ["id", "last_entry_id", "entry_count", "chain_digest", "created_at"]


@admin.register(models.VerificationRun)
class VerificationRunAdmin(ReadOnlyAdmin):
    list_display = ["finished_at", "is_right", "problem_count", "entry_count", "head"]
    list_filter = ["is_right"]
