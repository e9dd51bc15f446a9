"""What the worker does for this room, so that it happens without anybody asking."""

from __future__ import annotations

import logging
from pathlib import Path

from celery import shared_task
from django.conf import settings

from payments.banking.reconciliation.folders import NotReadable, list_settled_files, move_away
from payments.banking.reconciliation.services import (
    finish_what_waits,
    import_bank_file,
    reconcile_bank,
    write_due_files,
)

logger = logging.getLogger(__name__)


# A big file takes longer than other tasks may; cut off, the next run goes on with it.
@shared_task(name="payments.banking.exchange_bank_files", soft_time_limit=840, time_limit=900)
def exchange_bank_files() -> int:
    """Put due files into the folder for the bank, take in what lies in the folder from it."""
    try:
        write_due_files()
    except OSError as error:
        logger.error("no bank file can be written (%s)", error.strerror)
    taken = sweep_folder()
    finish_what_waits()
    return taken


def sweep_folder() -> int:
    """Import every file that nobody is writing any more, and archive it; how many.

    A file is archived after it was imported: a crash in between imports it again, which is
    harmless.
    """
    files = settings.BANK_FILES
    found = list_settled_files(Path(files["in"]), untouched_seconds=files["untouched_seconds"])
    done = 0
    for path in found:
        try:
            result = import_bank_file(path=path)
            move_away(
                path,
                folder=Path(files["archive"]) / result.file.state,
                # Names come again with other content; the digest tells them apart.
                name=f"{result.file.sha256[:12]}-{path.name}"[:200],
            )
            done += 1
        except (NotReadable, OSError):
            logger.error("a bank file in the folder cannot be read or moved")
        except Exception:
            logger.exception("a bank file could not be imported")
    return done


@shared_task(name="payments.banking.reconcile_bank", soft_time_limit=840, time_limit=900)
def reconcile_bank_daily() -> bool:
    """Prove that wallet money is bank money; whether it is. Cases say what is not."""
    proof = reconcile_bank()
    if proof.statement is not None and not proof.is_right:
        logger.error(
            "reconciliation: difference %s minor units, %s unresolved cases",
            proof.difference_minor,
            proof.unresolved,
        )
    return proof.is_right
