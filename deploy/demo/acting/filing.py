"""Load school years and hours, and file the term's timetables through schedule_monitor's door."""

import asyncio
from collections.abc import Mapping, Sequence
from itertools import groupby

from deploy.demo.acting.doors import Call, Doors, as_json, expect, patiently
from deploy.demo.sample.watched.model import Filing
from deploy.demo.sample.watched.school_year import (
    BREAKS,
    HOURS,
    SCHOOL_YEAR,
    calendar_of,
    hours_of,
)

_AT_ONCE = 4
_OK, _CREATED = 200, 201
IN_CHARGE = {
    "subject": "education",
    "culture_arts": "culture_tourism_sports",
    "sports": "culture_tourism_sports",
    "science_tech": "science_tech",
}
"""Which department files for institutions of a kind that do not do so themselves."""


async def load_school_year(doors: Doors) -> None:
    """Load the school year of every stage and the hours of its schools, as 市教育局 does."""
    for stage in BREAKS:
        await _load(doors, SCHOOL_YEAR, calendar_of(stage))
    for stage in HOURS:
        await _load(doors, f"{SCHOOL_YEAR}/hours", hours_of(stage))


async def _load(doors: Doors, what: str, body: Mapping[str, object]) -> None:
    call = Call(
        method="PUT",
        url=doors.url("schedule_monitor", f"/v1/school-calendars/{what}"),
        headers=lambda: doors.bearer(role="staff", department="education"),
        content=as_json(body),
    )
    expect(await patiently(doors, call), _OK, _CREATED)


async def file_timetables(doors: Doors, filings: Sequence[Filing], ids: Mapping[str, str]) -> None:
    """File timetables, several institutions at once, each its own versions in their order."""
    at_once = asyncio.Semaphore(_AT_ONCE)

    async def one(versions: Sequence[Filing]) -> None:
        async with at_once:
            for filing in versions:
                await _file(doors, filing, ids[filing.institution.uscc])

    by_institution = groupby(filings, key=lambda each: each.institution.uscc)
    await asyncio.gather(*[one(list(versions)) for _, versions in by_institution])


async def _file(doors: Doors, filing: Filing, institution_id: str) -> None:
    body = {
        "institution_id": institution_id,
        "label": filing.label,
        "version": filing.version,
        "sessions": filing.lessons,
    }

    def headers() -> Mapping[str, str]:
        if filing.by_itself:
            return doors.bearer(role="institution", institution=institution_id)
        return doors.bearer(role="staff", department=IN_CHARGE[filing.institution.kind])

    # Until the register's word of an institution has come, the door asks to wait a moment.
    url = doors.url("schedule_monitor", "/v1/timetables")
    call = Call(url=url, headers=headers, content=as_json(body))
    expect(await patiently(doors, call), _OK, _CREATED)
