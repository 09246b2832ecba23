"""Load a notice of the State Council as data; everybody is judged by it at once."""

from collections.abc import Mapping
from dataclasses import replace

from services.schedule_monitor.app.calendars.calendar_changed import (
    CalendarChange,
    CalendarOffice,
    calendar_changed,
)
from services.schedule_monitor.app.calendars.tell_calendar import tell_school_years, tell_years
from services.schedule_monitor.domain.calendars.notices import LoadedNotice
from shared.audit.log import SERVICE, Entry, Who
from shared.logs import log
from shared.mongo import Session, transact
from shared.working_days import Notice


async def load_notice(
    loaded: LoadedNotice, *, who: Who, office: CalendarOffice
) -> tuple[LoadedNotice, bool]:
    """Make a notice the current version of its year; a repeat changes nothing."""

    async def work(session: Session) -> tuple[LoadedNotice, bool]:
        known = await office.national.notice(loaded.year, session=session)
        if known is not None and known.says_the_same_as(loaded):
            return known, False
        return await _put(loaded, known, who=who, office=office, session=session), True

    return await transact(office.db, work)


async def begin_calendar(supplied: Mapping[int, Notice], *, office: CalendarOffice) -> None:
    """Take the notices of the file that was there at the start, and tell what is not yet told.

    What the department has loaded of a year stays before the file. In a database that has no name
    for what is loaded, everybody is judged.
    """

    async def work(session: Session) -> None:
        for year, days in sorted(supplied.items()):
            await _take(LoadedNotice(year=year, source="file", days=days), office, session)
        if await office.basis.name(session=session) is None:
            await office.basis.renew(session=session)
            await office.timetables.mark_all(stage=None, cause="calendar", session=session)
        calendars, now = await office.desk.calendars(session=session), office.now()
        years = calendars.city.known_years()
        await tell_years(years, calendars, announced=office.announced, now=now, session=session)
        await tell_school_years(
            [(one.school_year, one.stage) for one in calendars.schools],
            calendars,
            announced=office.announced,
            now=now,
            session=session,
        )

    await transact(office.db, work)


async def _take(loaded: LoadedNotice, office: CalendarOffice, session: Session) -> None:
    known = await office.national.notice(loaded.year, session=session)
    if known is not None and known.source == "education":
        log.info("calendar.file_overtaken", year=loaded.year, version=known.version)
    elif known is None or not known.says_the_same_as(loaded):
        await _put(loaded, known, who=SERVICE, office=office, session=session)


async def _put(
    loaded: LoadedNotice,
    known: LoadedNotice | None,
    *,
    who: Who,
    office: CalendarOffice,
    session: Session,
) -> LoadedNotice:
    new = replace(loaded, version=1 if known is None else known.version + 1)
    await office.national.put_notice(new, now=office.now(), session=session)
    change = CalendarChange(
        cause=f"calendar-notice:{new.year}:v{new.version}",
        entries=(_entry(new, who),),
        # The New Year block may begin in the year before.
        years=(new.year - 1, new.year),
    )
    await calendar_changed(change, office=office, session=session)
    return new


def _entry(loaded: LoadedNotice, who: Who) -> Entry:
    return Entry(
        action="calendar_notice.loaded",
        about_kind="calendar_notice",
        about_id=str(loaded.year),
        who=who,
        details={
            "version": loaded.version,
            "source": loaded.source,
            "rest_days": len(loaded.days.rest_days),
            "workdays": len(loaded.days.workdays),
        },
    )
