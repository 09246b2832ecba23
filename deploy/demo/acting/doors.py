"""The public doors of the services: HTTP with patience, because any process may be killed."""

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import httpx

from deploy.local.problem import StackProblem

_FIRST_PAUSE_SECONDS = 0.1
_LONGEST_PAUSE_SECONDS = 2.0
_PATIENCE_SECONDS = 60.0
_TIMEOUT_SECONDS = 30.0
_SERVER_ERRORS = 500
_TOO_MANY_REQUESTS = 429
_CONFLICT = 409


class DemoFailed(StackProblem):
    """The demo cannot go on; the message says why and what to do."""


class Tokens(Protocol):
    """Whoever issues bearer tokens of this stack."""

    def __call__(
        self,
        *,
        role: str,
        department: str | None = None,
        town: str | None = None,
        institution: str | None = None,
    ) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """Where the services listen, and how to be let in."""

    http: httpx.AsyncClient
    urls: Mapping[str, str]
    tokens: Tokens

    def url(self, service: str, path: str) -> str:
        return f"{self.urls[service]}{path}"

    def bearer(self, *, role: str, **bound: str) -> dict[str, str]:
        """Return the headers of a JSON request with a fresh token, bound to whom it is for."""
        token = self.tokens(role=role, **bound)
        return {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request, as often as it must be sent.

    The headers are made anew for each attempt: signatures and tokens carry the time.
    """

    url: str
    headers: Callable[[], Mapping[str, str]]
    method: str = "POST"
    content: bytes | None = None
    params: Mapping[str, str | int] | None = None


def client() -> httpx.AsyncClient:
    """Return a client for the doors of this machine, whatever proxies are set for others."""
    return httpx.AsyncClient(timeout=_TIMEOUT_SECONDS, trust_env=False)


async def patiently(doors: Doors, call: Call) -> httpx.Response:
    """Send one request, again and again while the service is away or asks for patience."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    pause = _FIRST_PAUSE_SECONDS
    while True:
        response, trouble = await _attempt(doors, call)
        if response is not None and not _wants_patience(response):
            return response
        if time.monotonic() > deadline:
            raise DemoFailed(f"{call.url} 在 {_PATIENCE_SECONDS:.0f} 秒内没有正常应答：{trouble}")
        await asyncio.sleep(pause)
        pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)


async def _attempt(doors: Doors, call: Call) -> tuple[httpx.Response | None, str]:
    try:
        response = await doors.http.request(
            call.method,
            call.url,
            headers=dict(call.headers()),
            content=call.content,
            params=call.params,
        )
    except httpx.TransportError as error:
        return None, f"{type(error).__name__} {error}"
    return response, f"HTTP {response.status_code} {response.text[:200]}"


def _wants_patience(response: httpx.Response) -> bool:
    return (
        response.status_code >= _SERVER_ERRORS
        or response.status_code == _TOO_MANY_REQUESTS
        # What conflicts only for now says when to come again.
        or (response.status_code == _CONFLICT and "Retry-After" in response.headers)
    )


def as_json(body: object) -> bytes:
    """Return a body as compact JSON."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def expect(response: httpx.Response, *statuses: int) -> Mapping[str, Any]:
    """Return the answer's JSON object, or say clearly what was answered instead."""
    if response.status_code not in statuses:
        raise DemoFailed(
            f"{response.request.method} {response.url} 应答 {response.status_code}："
            f"{response.text[:300]}"
        )
    answer: Mapping[str, Any] = response.json()
    return answer
