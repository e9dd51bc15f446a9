"""What beat wakes up exists, and every message carries numbers of rows at most."""

from __future__ import annotations

import inspect

from django.conf import settings

from walletsite.celery import app

APPS = ("accounts.", "ledger.", "payments.")


def own_tasks() -> dict[str, object]:
    app.loader.import_default_modules()
    return {name: task for name, task in app.tasks.items() if name.startswith(APPS)}


def test_every_sweep_is_a_task_that_a_worker_knows() -> None:
    assert set(settings.SWEEPS) <= set(own_tasks())


def test_a_sweep_that_nobody_took_does_not_pile_up() -> None:
    assert settings.CELERY_BEAT_SCHEDULE
    for entry in settings.CELERY_BEAT_SCHEDULE.values():
        assert entry["options"]["expires"] == entry["schedule"]


def test_no_task_takes_more_than_the_number_of_a_row() -> None:
    for name, task in own_tasks().items():
        parameters = inspect.signature(task.run).parameters.values()  # type: ignore[attr-defined]
        assert all(each.annotation in {"int", int} for each in parameters), name
