"""A provider on 127.0.0.1 that speaks HTTP for real, and behaves as badly as it is told to."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

Act = Callable[["Request"], None]


@dataclass
class Asked:
    """One request as it arrived."""

    method: str
    path: str
    headers: dict[str, str]
    form: dict[str, str]


class ProviderServer:
    """Answers requests with the next of `acts`, or with `usual` when there is none."""

    def __init__(self, usual: Act) -> None:
        self.usual = usual
        self.acts: list[Act] = []
        self.asked: list[Asked] = []
        self.released = threading.Event()
        self.url = ""
        self._lock = threading.Lock()

    @property
    def sent(self) -> list[Asked]:
        """Requests to send a message, whatever the answer was."""
        return [each for each in self.asked if each.method == "POST" and not _asks(each)]

    def take(self, asked: Asked) -> Act:
        """Note a request and choose what to do with it."""
        with self._lock:
            self.asked.append(asked)
            return self.acts.pop(0) if self.acts else self.usual


class Request(BaseHTTPRequestHandler):
    """One request; the acts below answer it."""

    protocol_version = "HTTP/1.1"
    server: Any

    def do_POST(self) -> None:
        """Read the form, then act."""
        self.provider: ProviderServer = self.server.provider
        length = int(self.headers.get("Content-Length") or 0)
        form = dict(parse_qsl(self.rfile.read(length).decode(), keep_blank_values=True))
        self.asked = Asked(self.command, self.path, dict(self.headers), form)
        self.provider.take(self.asked)(self)

    def do_GET(self) -> None:
        """Questions are answered the same way."""
        self.do_POST()

    def log_message(self, *args: Any) -> None:
        """Keep the terminal of the tests quiet."""

    def say(
        self, status: int, body: bytes, *, kind: str = "application/json", **headers: str
    ) -> None:
        """A whole answer."""
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


class QuietServer(ThreadingHTTPServer):
    """A client that has hung up is what half of these tests are about."""

    daemon_threads = True

    def handle_error(self, *args: Any) -> None:
        """Say nothing."""


def says(status: int, said: Any) -> Act:
    """Answer with JSON."""
    return lambda request: request.say(status, json.dumps(said).encode())


def raw(status: int, body: bytes, *, kind: str = "application/json", **headers: str) -> Act:
    """Answer with these bytes."""
    return lambda request: request.say(status, body, kind=kind, **headers)


def silent(request: Request) -> None:
    """Take it, and never answer."""
    request.provider.released.wait(10)
    request.close_connection = True


def dripping(request: Request) -> None:
    """Answer, one byte at a time: no single read ever takes long."""
    request.wfile.write(b"HTTP/1.1 201 Created\r\n")
    for _byte in range(200):
        if request.provider.released.wait(0.05):
            break
        try:
            request.wfile.write(b"X")
            request.wfile.flush()
        except OSError:
            break
    request.close_connection = True


def cut(request: Request) -> None:
    """Close in the middle of the answer."""
    request.wfile.write(b'HTTP/1.1 201 Created\r\nContent-Length: 500\r\n\r\n{"sid": "SM')
    request.wfile.flush()
    request.close_connection = True


def twilio_ok(request: Request) -> None:
    """Take the message, as Twilio does."""
    request.say(201, json.dumps(twilio_message(request)).encode())


def twilio_message(request: Request, **changes: Any) -> dict[str, Any]:
    """A message resource for what was asked."""
    number = len(request.provider.asked)
    return {
        "sid": f"SM{number:032x}",
        "status": "queued",
        "to": request.asked.form.get("To"),
        "error_code": None,
        **changes,
    }


def aliyun_ok(request: Request) -> None:
    """Take the message, as Aliyun does; know nothing of it when asked."""
    if _asks(request.asked):
        request.say(200, b'{"Code": "OK", "SmsSendDetailDTOs": {"SmsSendDetailDTO": []}}')
        return
    number = len(request.provider.asked)
    said = {"Code": "OK", "Message": "OK", "BizId": f"9000{number}^0", "RequestId": "R"}
    request.say(200, json.dumps(said).encode())


def aliyun_details(out_id: str, status: int) -> Act:
    """Answer a question about a number with one message."""
    detail = {"OutId": out_id, "SendStatus": status, "ErrCode": "DELIVERED", "Content": "x"}
    said = {"Code": "OK", "SmsSendDetailDTOs": {"SmsSendDetailDTO": [detail]}}
    return says(200, said)


def _asks(asked: Asked) -> bool:
    return asked.form.get("Action") == "QuerySendDetails"


def self_signed(folder: Path) -> Path:
    """A certificate for 127.0.0.1 and its key in one file, signed by nobody but itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file = folder / "certificate.pem"
    file.write_bytes(private + certificate.public_bytes(pem))
    return file


@contextmanager
def serving(usual: Act, *, certificate: Path | None = None) -> Iterator[ProviderServer]:
    """A provider that listens while the block runs."""
    provider = ProviderServer(usual)
    server = QuietServer(("127.0.0.1", 0), Request)
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    server.provider = provider  # type: ignore[attr-defined]
    provider.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield provider
    finally:
        provider.released.set()
        server.shutdown()
        server.server_close()
        thread.join()
