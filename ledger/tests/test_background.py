"""What runs beside the requests, and what the staff may see."""

from __future__ import annotations

import pytest
from celery import current_app
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.test import RequestFactory

from ledger import tasks
from ledger.models import JournalPosting, SealedBlock, UnfoldedIncrease
from ledger.tests.books import Books


class Superuser:
    """Somebody with every right there is."""

    is_active = is_staff = is_superuser = True

    # type: ignore[assignment]
    def has_perm(self, perm: str, obj: object = None) -> bool:
        return True


def test_the_beat_runs_every_task_of_the_books(books: Books) -> None:
    books.wallet(holds_minor=5_00)
    for name in ("fold_pending_credits", "expire_holds", "seal_entries"):
        assert f"ledger.{name}" in {each["task"] for each in settings.CELERY_BEAT_SCHEDULE.values()}
        task = getattr(tasks, name)
        assert task.name == f"ledger.{name}"
        assert current_app.tasks[task.name].name == task.name
        task()
        task()
    assert not UnfoldedIncrease.objects.exists()
    assert SealedBlock.objects.count() == 1


@pytest.mark.parametrize("model", list(apps.get_app_config("ledger").get_models()))
def test_nobody_changes_the_books_in_the_admin(model: type) -> None:
    request = RequestFactory().get("/")
    request.user = Superuser()  # type: ignore[assignment]
    shown = admin.site._registry.get(model)
    if shown is None:
        # A queue is no record; postings are seen on their entry.
        assert model in (UnfoldedIncrease, JournalPosting)
        return
    assert shown.has_view_permission(request)
    assert not shown.has_add_permission(request)
    assert not shown.has_change_permission(request)
    assert not shown.has_delete_permission(request)
    assert shown.get_actions(request) == {}
    for inline in shown.get_inline_instances(request):
        assert inline.has_view_permission(request)
        assert not inline.has_add_permission(request, None)
        assert not inline.has_change_permission(request)
        assert not inline.has_delete_permission(request)
