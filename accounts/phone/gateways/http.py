"""One HTTP request to a provider: with an end in time and size, and no surprises.

Redirects are not followed (they would carry the message elsewhere), certificates are checked,
proxies and passwords of the environment are not used. Exceptions of httpx name addresses, so
none of them leaves this module.
"""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import httpx

from accounts.phone.gateways.base import GatewayError

_CONNECT_SECONDS = 3.0
_READ_SECONDS = 5.0
_MOST_BYTES = 64 * 1024
_OK = range(200, 300)
_REDIRECTS = range(300, 400)
_SERVER_ERROR = 500
# The provider is there, and says that it did not take the request.
_BUSY = {429, 503}
# Whatever was asked, it was not carried out: nothing had been handed over yet.
_NOT_REACHED = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
    httpx.InvalidURL,
)


@dataclass(frozen=True)
class Answer:
    """A JSON object, or what little a refusal without one says."""

    status: int
    said: dict[str, Any] = field(repr=False)

    @property
    def is_ok(self) -> bool:
        """Whether the status says yes; what the body says is another matter."""
        return self.status in _OK


def ask(
    method: str,
    url: str,
    *,
    deadline_seconds: float,
    form: Mapping[str, str] | None = None,
    basic: tuple[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """Ask and read a JSON object. Raises `GatewayError`, which says whether the request may have
    been carried out: not when the provider was never reached or was busy, yes when its answer
    was lost, late, cut, too long or no JSON. A 4xx is returned: its body says why."""
    request = _request(method, url, form=form, basic=basic, headers=headers)
    try:
        # In a thread of its own: the caller's may have an event loop already.
        with ThreadPoolExecutor(max_workers=1) as thread:
            status, body = thread.submit(asyncio.run, _exchange(request, deadline_seconds)).result()
    except TimeoutError:
        raise GatewayError("timeout", may_be_sent=True) from None
    except _NOT_REACHED as error:
        raise GatewayError(f"not-reached:{type(error).__name__}") from None
    except (httpx.HTTPError, OSError) as error:
        raise GatewayError(f"lost:{type(error).__name__}", may_be_sent=True) from None
    if status in _REDIRECTS or status in _BUSY:
        raise GatewayError(f"http-{status}")
    if status >= _SERVER_ERROR:
        raise GatewayError(f"http-{status}", may_be_sent=True)
    return Answer(status, _object(body, status))


def _request(
    method: str,
    url: str,
    *,
    form: Mapping[str, str] | None,
    basic: tuple[str, str] | None,
    headers: Mapping[str, str] | None,
) -> httpx.Request:
    sent = {"Accept": "application/json", "Accept-Encoding": "identity", **(headers or {})}
    try:
        request = httpx.Request(method, url, data=form, headers=sent)
    except (httpx.InvalidURL, ValueError):
        raise GatewayError("bad-address") from None
    if basic is not None:
        request = next(httpx.BasicAuth(*basic).auth_flow(request))
    return request


async def _exchange(request: httpx.Request, seconds: float) -> tuple[int, bytes]:
    """Status and body, or TimeoutError after `seconds` altogether, however slowly it drips."""
    timeout = httpx.Timeout(_READ_SECONDS, connect=min(_CONNECT_SECONDS, seconds))
    async with (
        asyncio.timeout(seconds),
        httpx.AsyncClient(verify=_tls(), timeout=timeout, trust_env=False) as client,
    ):
        # A request made by hand does not take the client's timeout.
        request.extensions["timeout"] = timeout.as_dict()
        answer = await client.send(request, stream=True, follow_redirects=False)
        try:
            return answer.status_code, await _read(answer)
        finally:
            await answer.aclose()


async def _read(answer: httpx.Response) -> bytes:
    body = b""
    async for chunk in answer.aiter_raw():
        body += chunk
        if len(body) > _MOST_BYTES:
            raise GatewayError("too-long", may_be_sent=answer.status_code in _OK)
    return body


def _object(body: bytes, status: int) -> dict[str, Any]:
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        said = None
    if isinstance(said, dict):
        return said
    if status in _OK:
        raise GatewayError("no-json", may_be_sent=True)
    return {}


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    return httpx.create_ssl_context()
