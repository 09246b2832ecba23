"""More at once than a door takes: it may say so, and whoever is told so sends again."""

import asyncio
from collections.abc import Sequence
from typing import Final

from deploy.bank_kit.case import Case
from deploy.bank_kit.checking import Desk, Differs
from deploy.bank_kit.sending import Event, Signing, body_of, problem_of

_PAID = 100
_AT_ONCE: Final = 16
# As large as a request may be: together they are more than one process of ours has in hand.
_BYTES: Final = 768 * 1024
_REPEATS: Final = 30
_LONGEST_WAIT_SECONDS: Final = 10
_TAKEN: Final = 202
_BUSY: Final = (503, "busy")


async def _more_than_can_be_done(desk: Desk) -> None:
    books = desk.books
    paid = [books.money("deposit", _PAID) for _ in range(_AT_ONCE)]
    await desk.accepted(books.opened())
    refusals = await asyncio.gather(*(_until_taken(desk, one) for one in paid))
    desk.note(f"202 accepted×{len(paid)}，其间 503 busy×{sum(refusals)}")
    await desk.stands(paid[-1], "posted")
    await desk.balance_is(len(paid) * _PAID)


async def _until_taken(desk: Desk, event: Event) -> int:
    """Send an event as often as the door is busy, unchanged; return how often that was."""
    body = body_of([event]).ljust(_BYTES)
    signing = Signing(message_id=f"kit-{event['serial_no']}")
    for refused in range(_REPEATS):
        answer = await desk.sending.once(body, signing)
        if answer.status_code == _TAKEN:
            _hold_accepted([one["status"] for one in answer.json()["results"]])
            return refused
        if (answer.status_code, problem_of(answer)) != _BUSY:
            raise Differs(f"应为 202 或 503 busy，所见 {answer.status_code} {problem_of(answer)}")
        wait = answer.headers.get("retry-after", "")
        if not wait.isdigit():
            raise Differs("503 busy 应带 Retry-After（秒）")
        await asyncio.sleep(min(int(wait), _LONGEST_WAIT_SECONDS))
    raise Differs(f"连续 {_REPEATS} 次 503 busy")


def _hold_accepted(statuses: Sequence[str]) -> None:
    # A duplicate would mean that something of a refused request was kept.
    if statuses != ["accepted"]:
        raise Differs("503 busy 的请求不得留下任何事件：重发应为 accepted")


CASES = (
    Case(
        "K88",
        "同时报送 16 个 768 KiB 的请求（E1018）",
        "202，或 503 busy 带 Retry-After，原样重发后各入账一次",
        _more_than_can_be_done,
        alone=True,
    ),
)
