"""Signs and sends as the interface asks of a bank, and repeats what was not surely stored."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

import httpx
from standardwebhooks import Webhook

from deploy.bank_kit.plan import Plan
from shared.clock import machine_now
from shared.ids import new_id

Event = dict[str, Any]
_REPEATS: Final = 6
_LONGEST_WAIT_SECONDS: Final = 10.0
_RATE: Final = "too-many-requests"
_UNKNOWN_WHETHER_STORED: Final = frozenset({500, 502, 503, 504})
_TOO_MANY: Final = 429


@dataclass(frozen=True, slots=True, kw_only=True)
class Signing:
    """How a request departs from the usual one: each of these a case tries."""

    secret: str | None = None
    bank: str | None = None
    message_id: str | None = None
    moved: timedelta = timedelta(0)
    """How far the timestamp stands from this machine's time."""


USUAL: Final = Signing()


def body_of(events: Sequence[object]) -> bytes:
    """Return the body in which a bank sends events."""
    return json.dumps({"events": list(events)}, ensure_ascii=False).encode()


class Sending:
    """A bank at a door, over HTTP."""

    def __init__(self, client: httpx.AsyncClient, plan: Plan) -> None:
        self._client = client
        self._plan = plan
        self.secret = plan.secret

    def change_secret(self, secret: str) -> None:
        """Sign with another secret from now on; it is kept for later runs first."""
        self._plan.keep_secret(secret)
        self.secret = secret

    async def post(self, body: bytes, signing: Signing = USUAL) -> httpx.Response:
        """Send a body; a repeat keeps its id and is signed anew, as its timestamp moves on."""
        signing = replace(signing, message_id=signing.message_id or f"msg_{new_id()}")
        for attempt in range(_REPEATS):
            answer = await self._attempt(body, signing)
            if answer is not None and not _again(answer):
                return answer
            await asyncio.sleep(_wait_seconds(answer, attempt))
        raise httpx.ConnectError(f"连续 {_REPEATS} 次没有得到确定的答复")

    async def once(self, body: bytes, signing: Signing) -> httpx.Response:
        """Send a body and return what is said of it, whatever that is."""
        path = f"/v1/banks/{signing.bank or self._plan.bank}/events"
        return await self._client.post(path, content=body, headers=self._headers(body, signing))

    async def read(self, path: str) -> httpx.Response:
        """Ask as the bank, with its token."""
        return await self._ask("GET", path, self._plan.reader)

    async def ask(
        self, method: str, path: str, body: Mapping[str, object] | None = None
    ) -> httpx.Response:
        """Change something as the bank, with its token."""
        return await self._ask(method, path, self._plan.reader, body)

    async def administer(
        self, method: str, path: str, body: Mapping[str, object] | None = None
    ) -> httpx.Response:
        """Ask as the administrator of banks, whose token this run was given."""
        return await self._ask(method, path, self._plan.administrator or "", body)

    async def _ask(
        self, method: str, path: str, token: str, body: Mapping[str, object] | None = None
    ) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}"}
        for attempt in range(_REPEATS):
            answer = await self._client.request(method, path, headers=headers, json=body)
            if not _again(answer):
                return answer
            await asyncio.sleep(_wait_seconds(answer, attempt))
        return answer

    async def _attempt(self, body: bytes, signing: Signing) -> httpx.Response | None:
        try:
            return await self.once(body, signing)
        except httpx.TransportError:
            # Nobody knows whether it was stored: repeated whole, identities make that safe.
            return None

    def _headers(self, body: bytes, signing: Signing) -> dict[str, str]:
        message_id = signing.message_id or f"msg_{new_id()}"
        moment = machine_now() + signing.moved
        webhook = Webhook(signing.secret or self.secret)
        return {
            "content-type": "application/json",
            "webhook-id": message_id,
            "webhook-timestamp": str(int(moment.timestamp())),
            "webhook-signature": webhook.sign(message_id, moment, body.decode()),
        }


def problem_of(answer: httpx.Response) -> str:
    """Return the last part of a problem's type, by which programs tell problems apart."""
    try:
        told = answer.json()
    except ValueError:
        return "不是 JSON"
    kind = told.get("type", "") if isinstance(told, dict) else ""
    return str(kind).rpartition(":")[2]


def _again(answer: httpx.Response) -> bool:
    if answer.status_code == _TOO_MANY:
        # A lockout lasts a quarter of an hour, and repeating only prolongs it.
        return problem_of(answer) == _RATE
    return answer.status_code in _UNKNOWN_WHETHER_STORED


def _wait_seconds(answer: httpx.Response | None, attempt: int) -> float:
    told = "" if answer is None else answer.headers.get("retry-after", "")
    seconds = float(told) if told.isdigit() else 0.5 * 2**attempt
    return min(seconds, _LONGEST_WAIT_SECONDS)
