"""gunicorn's own lines, which do not go through Django's logging: masked like all others."""

from __future__ import annotations

import logging
from typing import Any

from gunicorn.glogging import Logger

from walletsite.observability.masks import mask


class MaskedFormatter(logging.Formatter):
    """Whatever was going to be written, masked: the line of a broken request names its address."""

    def __init__(self, inner: logging.Formatter) -> None:
        super().__init__()
        self._inner = inner

    def format(self, record: logging.LogRecord) -> str:
        """As the formatter that stood here before."""
        return mask(self._inner.format(record))


class MaskedLogger(Logger):
    """Named in deploy/gunicorn.conf.py."""

    def setup(self, cfg: Any) -> None:
        """As gunicorn does, with another formatter."""
        super().setup(cfg)
        for handler in (*self.error_log.handlers, *self.access_log.handlers):
            handler.setFormatter(MaskedFormatter(handler.formatter or logging.Formatter()))
