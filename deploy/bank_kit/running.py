"""Try every case at a door, some at a time; a case that fails does not stop the others."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import httpx

from deploy.bank_kit.case import Case, Ended, Outcome
from deploy.bank_kit.cases import CASES
from deploy.bank_kit.checking import Desk, Differs
from deploy.bank_kit.plan import Plan
from deploy.bank_kit.result import Result
from deploy.bank_kit.sending import Sending
from shared.clock import machine_now

PATIENCE_SECONDS: Final = 20.0
_LONGEST_VERSION: Final = 32
_LEAST_GRACE_MINUTES: Final = 5
# Each asks ten times a second what became of its events, and a reader may ask fifty times.
_AT_A_TIME: Final = 4


async def run(
    client: httpx.AsyncClient,
    plan: Plan,
    *,
    cases: Sequence[Case] = CASES,
    patience_seconds: float = PATIENCE_SECONDS,
) -> Result:
    """Return how the cases ended; an outcome is waited for so long and no longer."""
    at = machine_now()
    plan = replace(plan, feed_declared=await _feed_declared(client, plan))
    sending = Sending(client, plan)
    version = await _version(client)
    ended = {
        case.number: await _ended(case, sending, plan, patience_seconds)
        for case in cases
        if case.alone
    }
    places = asyncio.Semaphore(_AT_A_TIME)

    async def in_its_place(case: Case) -> None:
        async with places:
            ended[case.number] = await _ended(case, sending, plan, patience_seconds)

    async with asyncio.TaskGroup() as tasks:
        for case in cases:
            if not case.alone:
                tasks.create_task(in_its_place(case))
    return Result(plan, at, version, tuple(ended[case.number] for case in cases))


async def _ended(case: Case, sending: Sending, plan: Plan, patience_seconds: float) -> Ended:
    lacking = case.needs(plan)
    if lacking is not None:
        return _told(case, [lacking], "skipped")
    desk = Desk(sending, plan, case=case.number, patience_seconds=patience_seconds)
    try:
        await case.play(desk)
    except Differs as differs:
        return _told(case, [*desk.seen, f"✗ {differs}"], "failed")
    except httpx.TransportError as error:
        return _told(case, [*desk.seen, f"✗ 没有应答：{error}"], "failed")
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        # An answer without the fields that the interface promises, or no JSON at all.
        return _told(case, [*desk.seen, f"✗ 答复不合接口：{type(error).__name__}"], "failed")
    return _told(case, desk.seen, "passed")


def _told(case: Case, seen: Sequence[str], outcome: Outcome) -> Ended:
    return Ended(case.number, case.shows, case.expected, "；".join(seen), outcome)


async def _feed_declared(client: httpx.AsyncClient, plan: Plan) -> bool:
    """Tell whether what the bank has declared lets its gaps and chains be tried."""
    try:
        told = (await Sending(client, plan).read(f"/v1/banks/{plan.bank}/feed")).json()
        begun = [one for one in told["declarations"] if one["valid_from"] <= plan.day.isoformat()]
        last = max(begun, key=lambda one: str(one["valid_from"]), default=None)
        return last is not None and all(
            (
                last["numbering"] == "per_account",
                last["first_no"] == 1,
                last["balance_after"],
                last["grace_minutes"] >= _LEAST_GRACE_MINUTES,
            )
        )
    except (httpx.TransportError, ValueError, LookupError, TypeError):
        return False


async def _version(client: httpx.AsyncClient) -> str:
    """Return which version of the interface the door says it has."""
    try:
        told = (await client.get("/openapi.json")).json()
        return str(told["info"]["version"])[:_LONGEST_VERSION]
    except (httpx.TransportError, ValueError, LookupError, TypeError):
        return "未知"
