"""What a case may do at the door, and what it holds the answers against."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, Final

import httpx

from deploy.bank_kit.events import Books
from deploy.bank_kit.plan import Plan
from deploy.bank_kit.sending import USUAL, Event, Sending, Signing, body_of, problem_of

_ACCEPTED: Final = 202
_OK: Final = 200
_NOT_FOUND: Final = 404
_PAUSE_SECONDS: Final = 0.1
_LONGEST_SEEN: Final = 300


class Differs(Exception):
    """The door did something else than the interface says."""


class Desk:
    """One case at the door: its events, what was seen so far, and the checks."""

    def __init__(self, sending: Sending, plan: Plan, *, case: str, patience_seconds: float) -> None:
        self.sending = sending
        self.plan = plan
        self.books = Books(plan, case)
        self.seen: list[str] = []
        self.patience_seconds = patience_seconds

    async def accepted(self, *events: Event) -> None:
        """Send events of which each must be accepted."""
        await self.answered(events, *["accepted"] * len(events))

    async def answered(
        self, events: Sequence[Event], *statuses: str, signing: Signing = USUAL
    ) -> list[dict[str, Any]]:
        """Send events and hold the result of each against what it must be."""
        answer = await self.sending.post(body_of(events), signing)
        if answer.status_code != _ACCEPTED:
            raise _differs(f"{answer.status_code} {problem_of(answer)}")
        results: list[dict[str, Any]] = answer.json()["results"]
        found = [str(result["status"]) for result in results]
        self.note(f"202 {_counted(found)}")
        if found != list(statuses):
            raise _differs(f"应为 {_counted(statuses)}，次序与请求相同{_why(results, statuses)}")
        return results

    async def turned_away(
        self, status: int, problem: str, body: bytes, signing: Signing = USUAL
    ) -> None:
        """Send a request that must be refused as a whole."""
        answer = await self.sending.post(body, signing)
        self.note(f"{answer.status_code} {problem_of(answer)}")
        if (answer.status_code, problem_of(answer)) != (status, problem):
            raise _differs(f"应为 {status} {problem}")

    async def refused_at(self, event: Event, pointer: str) -> None:
        """Send one event that must be refused, with the field in which it is wrong."""
        [result] = await self.answered([event], "refused")
        pointers = [error["pointer"] for error in result["problem"]["errors"]]
        self.note(f"指出 {' '.join(pointers) or '（无）'}")
        if pointer not in pointers:
            raise _differs(f"应指出 {pointer}")

    async def stands(self, event: Event, state: str, *, conflicts: int = 0) -> None:
        """Wait until an event stands so, with so many conflicting bodies kept beside it."""
        path = f"/v1/banks/{self.plan.bank}/events/{event['serial_no']}"
        wanted = _standing(state, conflicts)

        def found(answer: httpx.Response) -> str:
            if answer.status_code == _NOT_FOUND:
                return "尚无记录"
            mine = [one for one in answer.json()["results"] if _is_of(one, event, self.plan)]
            shown = (_standing(one["status"], len(one["conflicts"])) for one in mine)
            return "、".join(shown) or "没有这一笔"

        await self._becomes(path, found, wanted, of=str(event["serial_no"])[-4:])

    async def balance_is(self, fen: int) -> None:
        """Wait until this case's account has this balance."""
        path = f"/v1/banks/{self.plan.bank}/accounts/{self.books.account}"

        def found(answer: httpx.Response) -> str:
            if answer.status_code == _NOT_FOUND:
                return "没有账户"
            return str(answer.json()["balance_fen"])

        await self._becomes(path, found, str(fen), of="余额")

    async def differs_by(self, kind: str, wanted: str, *, state: str = "waiting") -> None:
        """Wait until this is what differs on this case's account, before its grace has passed."""
        path = f"/v1/banks/{self.plan.bank}/differences?state={state}&limit=200&kind={kind}"

        def found(answer: httpx.Response) -> str:
            mine = [
                one
                for one in answer.json()["differences"]
                if one["account_no"] == self.books.account
            ]
            return "、".join(sorted(_difference(one) for one in mine))

        await self._becomes(path, found, wanted, of=kind)

    def note(self, seen: str) -> None:
        """Keep what was seen for the table."""
        self.seen.append(seen[:_LONGEST_SEEN])

    async def _becomes(
        self, path: str, found: Callable[[httpx.Response], str], wanted: str, *, of: str
    ) -> None:
        until = time.monotonic() + self.patience_seconds
        while True:
            answer = await self.sending.read(path)
            if answer.status_code not in {_OK, _NOT_FOUND}:
                raise _differs(f"查询 {answer.status_code} {problem_of(answer)}")
            now = found(answer)
            if now == wanted:
                self.note(f"{of} {now}")
                return
            if time.monotonic() > until:
                self.note(f"{of} {now}")
                raise _differs(f"应为 {wanted}")
            await asyncio.sleep(_PAUSE_SECONDS)


def _difference(told: dict[str, Any]) -> str:
    if told["kind"].startswith("feed_"):
        return f"{told['first_no']}–{told['last_no']}"
    return f"{told['stated_fen']}≠{told['reported_fen']}"


def _differs(what: str) -> Differs:
    return Differs(what[:_LONGEST_SEEN])


def _why(results: Sequence[dict[str, Any]], statuses: Sequence[str]) -> str:
    """Return what the door says of the first event that it refused and should not have."""
    for result, wanted in zip(results, statuses, strict=False):
        if result["status"] == "refused" != wanted and result.get("problem"):
            told = result["problem"].get("errors") or [{"detail": result["problem"].get("title")}]
            return f"；退回的原因：{told[0].get('pointer', '')} {told[0]['detail']}"
    return ""


def _counted(statuses: Sequence[str]) -> str:
    return " ".join(f"{status}×{count}" for status, count in Counter(statuses).items())


def _standing(state: str, conflicts: int) -> str:
    return f"{state}（冲突 {conflicts}）" if conflicts else state


def _is_of(result: dict[str, Any], event: Event, plan: Plan) -> bool:
    """Tell whether a result is of this very event: serial numbers may restart on another day."""
    names = ("account_no", *plan.identity_fields)
    return all(result.get(name) == event.get(name) for name in names)
