"""Asks the web server of this container whether it lives; exit code 0 when it does.

It asks as the proxy does, or the answer would be: come back over https.
"""

import os
import sys
from http.client import HTTPConnection


def main() -> int:
    host, _, port = os.environ.get("WALLET_BIND", "127.0.0.1:8000").rpartition(":")
    address = "127.0.0.1" if host in {"", "0.0.0.0"} else host.strip("[]")  # noqa: S104
    name = os.environ.get("DJANGO_ALLOWED_HOSTS", "localhost").split(",")[0].strip().lstrip(".")
    connection = HTTPConnection(address, int(port), timeout=4)
    try:
        connection.request("GET", "/healthz", headers={"Host": name, "X-Forwarded-Proto": "https"})
        return 0 if connection.getresponse().status == 200 else 1
    except OSError:
        return 1
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(main())
