"""What is counted where it happens, beside requests: see also `accounts.security.counters`."""

from __future__ import annotations

from prometheus_client import Counter, Histogram

REQUESTS = Counter(
    "wallet_http_requests",
    "Answers to requests, by view (its name in the URL table), method and status.",
    ["view", "method", "status"],
)
REQUEST_SECONDS = Histogram(
    "wallet_http_request_seconds",
    "Time from the first middleware to the answer, by view.",
    ["view"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0),
)
DATABASE_ERRORS = Counter(
    "wallet_database_errors", "Statements that the database did not carry out.", ["error"]
)
PROBE_FAILURES = Counter(
    "wallet_readiness_failures", "Parts that /readyz found out of order.", ["part"]
)
TASKS = Counter("wallet_tasks", "Celery tasks that ended, by task and how.", ["task", "outcome"])
TASK_SECONDS = Histogram(
    "wallet_task_seconds",
    "How long Celery tasks ran, by task.",
    ["task"],
    buckets=(0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 15.0, 60.0),
)
