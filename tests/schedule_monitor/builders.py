"""Classes, school years and filings for tests; every default is lawful."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from services.schedule_monitor.domain.calendars.calendar import CityCalendar
from services.schedule_monitor.domain.calendars.calendars import Calendars
from services.schedule_monitor.domain.calendars.notices import LoadedNotice
from services.schedule_monitor.domain.calendars.policies import Decision, Policies, Switch
from services.schedule_monitor.domain.calendars.school_calendar import Break, SchoolCalendar
from services.schedule_monitor.domain.judge import judge_sessions
from services.schedule_monitor.domain.practices.practice import Opinion, Report, Told
from services.schedule_monitor.domain.session import Registered, Session, Stated
from services.schedule_monitor.domain.timetables.surroundings import NOTHING_FILED, Surroundings
from shared.rules import RuleCard
from shared.working_days import Notice

CITY = CityCalendar()
TUESDAY = "2026-03-03"
INSTITUTION = "01890000-0000-7000-8000-000000000001"
NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)
"""Monday noon in the city, as aware UTC."""


def at(written: str) -> time:
    return time.fromisoformat(written)


def on(written: str) -> date:
    return date.fromisoformat(written)


def a_session(day: str = TUESDAY, start: str = "18:00", end: str = "18:30", **more: Any) -> Session:
    defaults = {
        "class_group": "三年级1班",
        "stage": "compulsory",
        "kind": "subject",
        "mode": "offline",
    }
    return Session(on=on(day), start=at(start), end=at(end), **(defaults | more))


def a_stated(day: str = TUESDAY, **more: Any) -> Stated:
    defaults = {
        "start": at("18:00"),
        "end": at("18:30"),
        "class_group": "三年级1班",
        "stage": "compulsory",
    }
    return Stated(on=on(day), **(defaults | more))


def said(
    card: RuleCard,
    *sessions: Session,
    breaks: tuple[Break, ...] = (),
    surroundings: Surroundings = NOTHING_FILED,
    **how: Any,
) -> str | None:
    """Return how the last of some classes breaks a rule, in words, or nothing."""
    loaded = calendars(a_school_year(breaks=breaks), **how)
    *_, last = judge_sessions(sessions, loaded, surroundings)
    return next((one.message for one in last.findings if one.rule.card is card), None)


def a_break(first_day: str, last_day: str, kind: Any = "winter") -> Break:
    return Break(on(first_day), on(last_day), kind)


WINTER = a_break("2026-01-31", "2026-03-01")
SUMMER = a_break("2026-07-01", "2026-08-31", "summer")


def a_school_year(**more: Any) -> SchoolCalendar:
    defaults = {
        "school_year": "2025-2026",
        "stage": "compulsory",
        "version": 1,
        "first_day": on("2025-09-01"),
        "last_day": on("2026-08-31"),
        "breaks": (WINTER, SUMMER),
        "basis": "校历",
    }
    return SchoolCalendar(**(defaults | more))


def calendars(*schools: SchoolCalendar, policies: Policies | None = None) -> Calendars:
    return Calendars(CITY, schools or (a_school_year(),), policies or Policies())


def a_notice(year: int = 2027, **more: Any) -> LoadedNotice:
    """Return a notice that the department of education has loaded."""
    defaults = {
        "version": 1,
        "source": "education",
        "document_no": f"国办发明电〔{year - 1}〕1号",
        "published_on": on(f"{year - 1}-11-04"),
        "days": Notice(frozenset(), frozenset()),
    }
    return LoadedNotice(year=year, **(defaults | more))


def a_notice_body(**more: Any) -> dict[str, Any]:
    """Return a notice of 2027 as a request states it: invented, and lawful."""
    return {
        "document_no": "国办发明电〔2026〕1号",
        "published_on": "2026-02-27",
        "rest_days": [
            *("2027-01-01", "2027-01-02", "2027-01-03"),
            *(f"2027-02-{day:02}" for day in range(5, 13)),
            *("2027-04-03", "2027-04-04", "2027-04-05", "2027-05-01", "2027-05-02", "2027-05-03"),
            *("2027-06-09", "2027-09-15"),
            *(f"2027-10-{day:02}" for day in range(1, 8)),
        ],
        "workdays": ["2027-02-14", "2027-02-20", "2027-10-09"],
        **more,
    }


def decided(*decisions: tuple[str, str], switch: Switch = "adjusted_workdays") -> Policies:
    """Return the city's decisions on one switch, each with the day it begins on."""
    return Policies(
        tuple(
            Decision(switch=switch, since=on(since), value=value, reference="海教〔2026〕1号")
            for since, value in decisions
        )
    )


def a_registered(**more: Any) -> Registered:
    defaults = {
        "institution_id": INSTITUTION,
        "name": "青禾培训中心",
        "kind": "subject",
        "mode": "offline",
        "town": "xiashi",
        "competent_department": "education",
    }
    return Registered(**(defaults | more))


def a_state(version: int = 1, **more: Any) -> dict[str, Any]:
    """Return a state of the register as the replica takes it."""
    return {
        "_id": INSTITUTION,
        "version": version,
        "name": "青禾培训中心",
        "uscc": "52330481MJ000001XJ",
        "kind": "subject",
        "stages": ["compulsory"],
        "mode": "offline",
        "town": "xiashi",
        "competent_department": "education",
        "status": "active",
        **more,
    }


def a_class(day: str = TUESDAY, **more: Any) -> dict[str, Any]:
    """Return a class as a request states it."""
    return {
        "date": day,
        "start": "18:00:00",
        "end": "18:30:00",
        "class_group": "三年级1班",
        "stage": "compulsory",
        "kind": "subject",
        "mode": "offline",
        **more,
    }


def a_filing(*classes: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "institution_id": INSTITUTION,
        "label": "2025-2026学年第二学期",
        "version": 1,
        "sessions": list(classes),
        **more,
    }


def a_calendar_body(**more: Any) -> dict[str, Any]:
    return {
        "stage": "compulsory",
        "first_day": "2025-09-01",
        "last_day": "2026-08-31",
        "breaks": [
            {"kind": "winter", "first_day": "2026-01-31", "last_day": "2026-03-01"},
            {"kind": "summer", "first_day": "2026-07-01", "last_day": "2026-08-31"},
        ],
        "basis": "本市2025学年校历",
        **more,
    }


def a_held_item(day: str = TUESDAY, **more: Any) -> dict[str, Any]:
    """Return a held session as a batch tells it: the default class, as it was filed."""
    start, end = more.pop("start", "18:00:00"), more.pop("end", "18:30:00")
    return {
        "reference": "L1",
        "institution_id": INSTITUTION,
        "started_at": f"{day}T{start}+08:00",
        "ended_at": f"{day}T{end}+08:00",
        "class_group": "三年级1班",
        "stage": "compulsory",
        "head_count": 12,
        **more,
    }


def a_licensed_state(version: int = 1, **more: Any) -> dict[str, Any]:
    """Return a state of the register with a licence and one site."""
    return a_state(
        version,
        **{
            "licence": {
                "number": "教民133048170001号",
                "issued_on": "2024-01-01",
                "valid_until": "2027-12-31",
                "first_issued_on": "2018-01-01",
            },
            "sites": [{"site_id": "s1", "address": "海宁市硖石街道文苑路8号", "town": "xiashi"}],
            **more,
        },
    )


def a_report(
    practice: Any = "homework",
    source: Any = "visit",
    first: str = "2026-02-26",
    last: str | None = None,
    **more: Any,
) -> Report:
    told = Told(
        practice=practice,
        source=source,
        institution_id=INSTITUTION,
        first_on=on(first),
        last_on=on(last or first),
        seen="所见",
        **more,
    )
    return Report(
        report_id="r1",
        told=told,
        reported_at=NOON,
        office="education",
        institution=None,
        responsible=("education",),
    )


def an_opinion(number: int, says: Any = None) -> Opinion:
    given: dict[str, Any] = {}
    if says:
        given = {"says": says, "reasons": "理由", "given_at": NOON + timedelta(number)}
    return Opinion(
        number=number,
        expert=f"专家{number}",
        office="委员会",
        question="是否超标",
        of_version=1,
        asked_at=NOON,
        **given,
    )
