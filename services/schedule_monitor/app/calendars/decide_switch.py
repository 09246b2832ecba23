"""Decide a switch of the city from a day on; everybody is judged by it at once."""

from dataclasses import replace

from services.schedule_monitor.app.calendars.calendar_changed import (
    CalendarChange,
    CalendarOffice,
    calendar_changed,
)
from services.schedule_monitor.domain.calendars.policies import Decision
from shared.audit.log import Entry, Who
from shared.mongo import Session, transact


async def decide_switch(
    decision: Decision, *, reason: str, who: Who, office: CalendarOffice
) -> tuple[Decision, bool]:
    """Make a decision the current version of its switch and day; a repeat changes nothing."""

    async def work(session: Session) -> tuple[Decision, bool]:
        known = await office.switches.decision(decision.switch, decision.since, session=session)
        version = 0 if known is None else known.version
        if known is not None and known == replace(decision, version=version):
            return known, False
        new = replace(decision, version=version + 1)
        await office.switches.put(new, now=office.now(), session=session)
        change = CalendarChange(
            cause=f"calendar-switch:{new.switch}:{new.since.isoformat()}:v{new.version}",
            entries=(_entry(new, reason, who),),
        )
        await calendar_changed(change, office=office, session=session)
        return new, True

    return await transact(office.db, work)


def _entry(decision: Decision, reason: str, who: Who) -> Entry:
    return Entry(
        action="calendar_switch.decided",
        about_kind="calendar_switch",
        about_id=f"{decision.switch}/{decision.since.isoformat()}",
        who=who,
        why=reason,
        details={"version": decision.version, "value": decision.value},
    )
