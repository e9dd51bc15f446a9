"""Seeing inside a running wallet: probes, metrics, logs.

- `readiness`, `probes`: may this process be sent requests (`/healthz`, `/readyz`).
- `processes`: counts born in many processes, added up in one place.
- `counters`, `rows`, `metrics`: what is counted, what is computed from rows, and `/metrics`.
- `logs`, `context`, `masks`: lines that say which request and which payment, and no secret.
"""
