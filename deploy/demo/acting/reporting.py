"""Report the sightings through ads_watch's door, as the offices' own staff."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import httpx

from deploy.demo.acting.doors import Call, Doors, as_json, expect, patiently
from deploy.demo.sample.watched.model import Plan, Sighting

_AT_ONCE = 8
_OK, _CREATED = 200, 201
_REFUSED = (400, 403, 422)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """What the door answered: how each sighting's leads are to be answered, and why some are not.

    ``refused`` holds the title of the problem for every report that a door would not have.
    """

    plans: Mapping[str, Plan]
    refused: tuple[str, ...]


async def report_sightings(
    doors: Doors, sightings: Sequence[Sighting], ids: Mapping[str, str]
) -> Reported:
    """Report everything, several at once; a report is repeatable by what it says."""
    at_once = asyncio.Semaphore(_AT_ONCE)

    async def one(sighting: Sighting) -> httpx.Response:
        async with at_once:
            return await _report(doors, sighting, ids)

    answers = await asyncio.gather(*(one(each) for each in sightings))
    plans: dict[str, Plan] = {}
    refused: list[str] = []
    for sighting, answer in zip(sightings, answers, strict=True):
        if answer.status_code in _REFUSED:
            refused.append(str(answer.json()["title"]))
        else:
            plans[str(expect(answer, _OK, _CREATED)["sighting_id"])] = sighting.plan
    return Reported(plans=plans, refused=tuple(refused))


async def _report(doors: Doors, sighting: Sighting, ids: Mapping[str, str]) -> httpx.Response:
    body = dict(sighting.body)
    if sighting.institution is not None:
        body["institution_id"] = ids[sighting.institution.uscc]
    call = Call(
        url=doors.url("ads_watch", "/v1/sightings"),
        headers=lambda: doors.bearer(role="staff", **sighting.office.claims),
        content=as_json(body),
    )
    return await patiently(doors, call)
