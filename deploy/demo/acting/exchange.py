"""Departments answer the leads they were sent: over HTTP, or wholly over the bus as themselves."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from deploy.demo.acting.bus_desk import Bus, answer_over_bus
from deploy.demo.acting.doors import Call, Doors, as_json, expect, patiently
from deploy.demo.acting.waiting import until
from deploy.demo.sample.watched.model import Answer, Plan
from deploy.demo.showing.record import leads_in

DESK = "market_regulation"
"""It keeps what other departments return."""
ON_THE_BUS = ("publicity", "urban_enforcement")
"""Their systems answer over the bus, where there is one to reach; the others' staff over HTTP."""
_AT_ONCE = 8
_OK = 200
_VERBS = {"accepted": "accept", "returned": "return", "feedback": "feedback"}

LeadJson = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """What one department is to answer to one lead, in order."""

    lead_id: str
    department: str
    answers: tuple[Answer, ...]


async def answer_leads(
    doors: Doors, plans: Mapping[str, Plan], *, bus: Bus | None, seed: int
) -> None:
    """Have every lead answered as planned, and return when all of it is in the record.

    A lead that an earlier run answered in part is answered whole: a repeat changes nothing.
    """
    turns = [
        due for lead in await leads_in(doors) if (due := _turns(lead, plans)) if _waits(lead, due)
    ]
    first, after = [due[0] for due in turns], [due[1] for due in turns if len(due) > 1]
    await _answer(doors, first, bus=bus, seed=seed)
    # What was returned lies with the desk only now.
    await _over_http(doors, after)
    await _until_answered(doors, [*first, *after])


def _turns(lead: LeadJson, plans: Mapping[str, Plan]) -> list[Due]:
    """Return what the department that was sent the lead answers, and what the desk after it."""
    sent_to = lead["steps"][0]["department"] if lead["steps"] else lead["department"]
    steps = plans.get(lead["sighting_id"], Plan()).by(sent_to, desk=DESK)
    return [
        Due(
            lead_id=lead["lead_id"],
            department=department,
            answers=tuple(answer for _, answer in theirs),
        )
        for department, theirs in groupby(steps, key=lambda step: step[0])
    ]


def _waits(lead: LeadJson, turns: Sequence[Due]) -> bool:
    return len(lead["steps"]) < sum(len(due.answers) for due in turns)


async def _answer(doors: Doors, due: Sequence[Due], *, bus: Bus | None, seed: int) -> None:
    over_bus = () if bus is None else ON_THE_BUS
    await _over_http(doors, [each for each in due if each.department not in over_bus])
    if bus is not None:
        for department in over_bus:
            theirs = {it.lead_id: it.answers for it in due if it.department == department}
            await answer_over_bus(bus, department, theirs, seed=seed)
    await _until_answered(doors, due)


async def _over_http(doors: Doors, due: Sequence[Due]) -> None:
    at_once = asyncio.Semaphore(_AT_ONCE)

    async def one(each: Due) -> None:
        async with at_once:
            for answer in each.answers:
                await _say(doors, each, answer)

    await asyncio.gather(*(one(each) for each in due))


async def _say(doors: Doors, due: Due, answer: Answer) -> None:
    told = {"reason": answer.reason, "outcome": answer.outcome}
    body = {name: value for name, value in told.items() if value is not None}
    call = Call(
        url=doors.url("ads_watch", f"/v1/leads/{due.lead_id}/{_VERBS[answer.kind]}"),
        headers=lambda: doors.bearer(role="staff", department=due.department),
        content=as_json(body) if body else None,
    )
    expect(await patiently(doors, call), _OK)


async def _until_answered(doors: Doors, due: Sequence[Due]) -> None:
    expected: Counter[str] = Counter()
    for each in due:
        expected[each.lead_id] += len(each.answers)

    async def all_in() -> bool:
        known = {each["lead_id"]: len(each["steps"]) for each in await leads_in(doors)}
        return all(known[lead_id] >= steps for lead_id, steps in expected.items())

    await until(all_in, failing="仍有线索的答复没有到广告监测；请用 ./run status 查看各进程。")
