"""gunicorn behind a proxy that buffers requests (deploy/nginx/wallet.conf).

    gunicorn -c deploy/gunicorn.conf.py walletsite.wsgi

Numbers come from the environment; .env.example explains them.
"""

import os
from pathlib import Path

bind = os.environ.get("WALLET_BIND", "127.0.0.1:8000")

# Threads wait for the database most of the time; processes use the cores. Each thread keeps one
# connection to PostgreSQL: workers x threads, on all machines, stay below its max_connections.
worker_class = "gthread"
workers = int(os.environ.get("WALLET_WEB_WORKERS", "2"))
threads = int(os.environ.get("WALLET_WEB_THREADS", "8"))
# The settings are judged once, before any worker starts: a wrong one ends the server at once.
preload_app = True

# A worker that hangs as a whole; a single page is ended by the time limits of the database.
timeout = 60
# Longer than any page takes, shorter than what systemd and containers wait before they kill.
graceful_timeout = 25
# The proxy keeps connections open; it closes them first, so that none is closed under a request.
keepalive = 75
# Memory that fragments over weeks is given back, and never by all workers at the same time.
max_requests = int(os.environ.get("WALLET_WEB_MAX_REQUESTS", "10000"))
max_requests_jitter = max_requests // 5

# Longer ones are refused by walletsite/shell/middleware.py too, with a page.
limit_request_line = 8190
limit_request_fields = 64
limit_request_field_size = 8190

# Who is believed about X-Forwarded-*: walletsite/proxies.py, on any server. gunicorn believes nobody.
forwarded_allow_ips = ""
# gunicorn 27 opens a socket for commands below the home folder unless told not to.
control_socket_disable = True
# Heartbeats in memory: a worker never waits for a disk to say that it lives.
_memory = Path("/dev", "shm")
worker_tmp_dir = str(_memory) if _memory.is_dir() else None

# The proxy writes the access log; ours would be a second one. Errors go where all logs go.
accesslog = None
errorlog = "-"
logger_class = "walletsite.observability.server_log.MaskedLogger"
loglevel = "warning"
