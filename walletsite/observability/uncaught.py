"""What nobody caught, on its way to stderr and from there into the journal: masked like the logs.

The text of an exception may quote a row ("Key (phone)=(...) already exists"), and a command that
ends with one, or a thread, writes it past every logger.
"""

from __future__ import annotations

import sys
import threading
import traceback
from types import TracebackType

from walletsite.observability.masks import mask


def mask_uncaught() -> None:
    """Have this process mask what it writes about errors that nobody caught."""
    sys.excepthook = _say
    threading.excepthook = _say_of_thread


def _say(
    kind: type[BaseException], error: BaseException | None, trace: TracebackType | None
) -> None:
    sys.stderr.write(mask("".join(traceback.format_exception(kind, error, trace))))


def _say_of_thread(given: threading.ExceptHookArgs) -> None:
    if given.exc_type is not SystemExit:
        _say(given.exc_type, given.exc_value, given.exc_traceback)
