"""How log lines look: one JSON object each in production, plain lines on one's own machine.

A line says when, how bad, who (the logger), what, and the facts of `context`. Of what libraries
attach to a record nothing else is written: Django attaches the request, SQL its values. Paths are
written as their pattern, so no id and no query stands in a line; then comes the mask.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest
from pythonjsonlogger.json import JsonFormatter

from walletsite.observability.context import FACTS, current_facts
from walletsite.observability.masks import mask

# What our own lines may add: facts of one answer, of one task, of one payment, of the audit log.
_EXTRAS = ("method", "route", "status", "ms", "outcome", "audit_head", *FACTS)


class FactsFilter(logging.Filter):
    """Gives each record the facts of the moment in which it was made; drops none."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Facts that the record brings itself win."""
        record.facts = {
            **current_facts(),
            **{name: record.__dict__[name] for name in _EXTRAS if name in record.__dict__},
        }
        return True


class JsonLines(JsonFormatter):
    """One JSON object a line."""

    def __init__(self) -> None:
        super().__init__(json_ensure_ascii=False)

    def add_fields(
        self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]
    ) -> None:
        """Exactly what is listed here, masked."""
        log_data["time"] = datetime.fromtimestamp(record.created, UTC).isoformat(
            timespec="milliseconds"
        )
        log_data["level"] = record.levelname
        log_data["logger"] = record.name
        log_data["message"] = mask(_message(record))
        for name, value in _facts_of(record).items():
            log_data[name] = mask(value) if isinstance(value, str) else value
        if record.exc_info:
            log_data["exception"] = mask(self._traceback(record))

    def _traceback(self, record: logging.LogRecord) -> str:
        # Never `capture_locals`: the values of variables stay out of the log.
        return logging.Formatter.formatException(self, record.exc_info)  # type: ignore[arg-type]


class PlainLines(logging.Formatter):
    """Time, level, reference, logger, message; then the other facts."""

    def format(self, record: logging.LogRecord) -> str:
        """As `JsonLines`, for eyes."""
        facts = dict(_facts_of(record))
        reference = facts.pop("reference", "-")
        moment = datetime.fromtimestamp(record.created).astimezone()
        head = f"{moment:%Y-%m-%d %H:%M:%S} {record.levelname} {reference} {record.name}"
        rest = "".join(f" {name}={value}" for name, value in facts.items() if value != "")
        line = f"{head} {_message(record)}{rest}"
        if record.exc_info:
            line += f"\n{self.formatException(record.exc_info)}"
        return mask(line)


def _facts_of(record: logging.LogRecord) -> dict[str, Any]:
    facts: dict[str, Any] = getattr(record, "facts", {})
    return facts


def _message(record: logging.LogRecord) -> str:
    """The message, with the path of the request it is about as its pattern."""
    message = record.getMessage()
    request = getattr(record, "request", None)
    if isinstance(request, HttpRequest):
        route = route_of(request)
        for path in (request.get_full_path(), request.path):
            if len(path) > 1:
                message = message.replace(path, route)
    return message


def route_of(request: HttpRequest) -> str:
    """The pattern of the address that was asked for: no id, no query; "none" when it is no page."""
    if probe := getattr(request, "probe", ""):
        return f"/{probe}"
    match = request.resolver_match
    return f"/{match.route}" if match is not None else "none"
