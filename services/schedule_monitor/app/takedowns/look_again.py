"""Re-checks by the record itself: what is held or filed after the time was up is still there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.schedule_monitor.app.held.judge_held import HeldCourt, judged_month
from services.schedule_monitor.domain.calendars.calendar import named
from services.schedule_monitor.domain.held.held import HeldSession, Kept
from services.schedule_monitor.domain.session import Mode, Registered, Stated
from services.schedule_monitor.domain.takedowns import CLASS_GROUP, COURSE, INSTITUTION
from services.schedule_monitor.domain.timetables.refusals import broken_by
from services.schedule_monitor.store.timetables.courses import CourseStore
from shared.city_time import city_date
from shared.mongo import Session, transact
from shared.takedown.changes import Check
from shared.takedown.desk import TakedownDesk
from shared.takedown.model import Takedown

MOST_EVIDENCE = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """What looks whether things that were to be taken down are still there."""

    desk: TakedownDesk
    court: HeldCourt
    courses: CourseStore


async def look_again(institution_id: str, *, watch: Watch, now: datetime) -> None:
    """Ask again for whatever of an institution the record shows after it should have been gone.

    Asking again begins a new round, so that what was seen once is not counted twice.
    """
    marks = {INSTITUTION: institution_id}
    if not await watch.desk.store.watched(marks):
        return

    async def work(session: Session) -> None:
        registered = await watch.court.institutions.find(institution_id, session=session)
        if registered is None:
            return
        for takedown in await watch.desk.store.watched(marks, session=session):
            seen = await _still_there(takedown, registered, watch, session)
            if seen:
                check = Check(
                    passed=False,
                    note=f"期限届满或对方称已办理后仍有：{seen[0]}" + _more(len(seen) - 1),
                    evidence=tuple(seen[:MOST_EVIDENCE]),
                )
                await watch.desk.found_again(takedown, check, session=session, now=now)

    await transact(watch.court.db, work)


async def _still_there(
    takedown: Takedown, registered: Registered, watch: Watch, session: Session
) -> list[str]:
    current = takedown.round
    since = None if current is None else current.over_since(watch.desk.store.calendar)
    if since is None:
        return []
    held = await watch.court.held.begun_after(registered.institution_id, since, session=session)
    alike = [one for one in held if _is_thing(one.held, takedown, registered.mode)]
    if takedown.measure == "rectify":
        alike = await _still_breaking(alike, takedown, registered, watch, session)
        return [_told(one.held) for one in alike]
    filed = await _filed_after(takedown, registered, since, watch, session)
    return [*(_told(one.held) for one in alike), *filed]


async def _still_breaking(
    held: Sequence[Kept],
    takedown: Takedown,
    registered: Registered,
    watch: Watch,
    session: Session,
) -> list[Kept]:
    """Return those that break a rule again on which the request rests: mended ones may go on."""
    rules = {ground.rule for ground in takedown.grounds}
    ids = {one.session_id for one in held}
    found = []
    for month in sorted({one.held.month for one in held}):
        for one in await judged_month(registered, month, court=watch.court, session=session):
            differing = {differs.rule.card.code for differs in one.findings}
            clues = {finding.rule.card.code for finding in one.judged.findings}
            broken = broken_by(one.judged) | differing | clues
            if one.kept.session_id in ids and broken & rules:
                found.append(one.kept)
    return found


async def _filed_after(
    takedown: Takedown, registered: Registered, since: datetime, watch: Watch, session: Session
) -> list[str]:
    """Return what was filed after the time was up and plans the thing for later days."""
    marks = takedown.thing.marks
    found = []
    timetables = await watch.court.timetables.filed_after(
        registered.institution_id, since, session=session
    )
    for timetable in timetables:
        later = (one for one in timetable.filing.sessions if one.on > city_date(since))
        if any(_plans(one, takedown, registered.mode) for one in later):
            found.append(f"备案课表{timetable.timetable_id}")
    course = marks.get(COURSE)
    if takedown.thing.kind == "course" and course is not None:
        filed = await watch.courses.filed_after(
            registered.institution_id, course, since, session=session
        )
        if filed is not None and filed.filed.mode == "online":
            found.append(f"备案课程{course}第{filed.version}版")
    return found


def _is_thing(held: HeldSession, takedown: Takedown, usual: Mode) -> bool:
    thing, code = takedown.thing, takedown.recipient.code
    on_platform = code is not None and held.sender.key == f"platform:{code}"
    if thing.url is not None and held.url is not None:
        return _plain(thing.url) == _plain(held.url)
    if not on_platform and (held.mode or usual) != "online":
        return False
    match thing.kind:
        case "class":
            return held.class_group == thing.marks.get(CLASS_GROUP)
        case "course":
            return held.course is not None and held.course == thing.marks.get(COURSE)
        case "recording":
            same = held.course is not None and held.course == thing.marks.get(COURSE)
            return same and held.delivery == "recorded"
        case _:
            return on_platform


def _plans(stated: Stated, takedown: Takedown, usual: Mode) -> bool:
    if (stated.mode or usual) != "online":
        return False
    thing = takedown.thing
    if thing.kind == "class":
        return stated.class_group == thing.marks.get(CLASS_GROUP)
    if thing.kind == "course":
        return stated.setting.course == thing.marks.get(COURSE)
    return False


def _told(held: HeldSession) -> str:
    when = f"{named(held.on)}{held.start:%H:%M}"
    return f"{when} {held.class_group}（{held.sender.code}报送，课次{held.reference}）"


def _more(count: int) -> str:
    return f"，另有{count}项" if count > 0 else ""


def _plain(url: str) -> str:
    return url.split("#", 1)[0].rstrip("/")
