"""Departments answer the leads they were sent: over HTTP, or wholly over the bus as themselves."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from deploy.demo.bus_desk import Bus, answer_over_bus
from deploy.demo.doors import Call, Doors, as_json, expect, patiently
from deploy.demo.record import leads_in
from deploy.demo.waiting import until
from deploy.demo.watched import Answer, Plan

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
    everything = await leads_in(doors)
    steps = {each["lead_id"]: _steps(each, plans) for each in everything}
    leads = [each for each in everything if len(each["steps"]) < len(steps[each["lead_id"]])]
    first = [due for each in leads for due in _due(each, steps, desk=False)]
    on_the_bus = [due for due in first if bus is not None and due.department in ON_THE_BUS]
    await _over_http(doors, [due for due in first if due not in on_the_bus])
    if bus is not None:
        for department in ON_THE_BUS:
            theirs = {it.lead_id: it.answers for it in on_the_bus if it.department == department}
            await answer_over_bus(bus, department, theirs, seed=seed)
    await _until_answered(doors, {it.lead_id: len(it.answers) for it in first})
    # What was returned lies with the desk only now.
    await _over_http(doors, [due for each in leads for due in _due(each, steps, desk=True)])
    await _until_answered(doors, {lead_id: len(given) for lead_id, given in steps.items()})


def _steps(lead: LeadJson, plans: Mapping[str, Plan]) -> tuple[tuple[str, Answer], ...]:
    sent_to = lead["steps"][0]["department"] if lead["steps"] else lead["department"]
    return plans.get(lead["sighting_id"], Plan()).by(sent_to, desk=DESK)


def _due(
    lead: LeadJson, steps: Mapping[str, tuple[tuple[str, Answer], ...]], *, desk: bool
) -> Iterator[Due]:
    """Return what the department that was sent the lead answers, or else the desk after it."""
    given = steps[lead["lead_id"]]
    if not given:
        return
    sent_to = given[0][0]
    whose = {office: [a for by, a in given if by == office] for office in (sent_to, DESK)}
    office = DESK if desk else sent_to
    if whose[office] and (not desk or sent_to != DESK):
        yield Due(lead_id=lead["lead_id"], department=office, answers=tuple(whose[office]))


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


async def _until_answered(doors: Doors, expected: Mapping[str, int]) -> None:
    async def all_in() -> bool:
        known = {each["lead_id"]: len(each["steps"]) for each in await leads_in(doors)}
        return all(known.get(lead_id, 0) >= steps for lead_id, steps in expected.items())

    await until(all_in, failing="仍有线索的答复没有到广告监测；请用 ./run status 查看各进程。")
