"""What the rows of a calendar's sheet come to together, stage by stage, and which do not fit."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import TypeVar

from services.schedule_monitor.api.calendar_sheets import CalendarRow, HoursRow
from services.schedule_monitor.app.load_school_hours import outside
from services.schedule_monitor.domain.school_calendar import (
    MOST_BREAKS,
    Break,
    SchoolCalendar,
    misfits,
)
from services.schedule_monitor.domain.school_hours import (
    PERIODS_OVERLAP,
    HoursFrom,
    SchoolHours,
    overlapping,
)
from services.schedule_monitor.domain.session import STAGE_NAMES, Stage
from shared.spreadsheets.reading import Bad, Good

Row = TypeVar("Row", CalendarRow, HoursRow)


def calendars_of(
    rows: Sequence[Good[CalendarRow]], school_year: str
) -> tuple[list[SchoolCalendar], list[Bad]]:
    """Return the school year of each stage, and the rows that do not fit together."""
    calendars, bad = [], []
    for stage, mine in _by_stage(rows).items():
        years = [one for one in mine if one.item.kind is None]
        breaks = [one for one in mine if one.item.kind is not None]
        if len(years) != 1:
            bad.append(mine[-1].refused([("kind", f"{STAGE_NAMES[stage]}须有且只有一行“学年”")]))
            continue
        if len(breaks) > MOST_BREAKS:
            bad.append(breaks[-1].refused([("kind", f"一个学年最多{MOST_BREAKS}段假期")]))
            continue
        calendar = _calendar(years[0].item, [one.item for one in breaks], school_year)
        calendars.append(calendar)
        bad += [
            _row_of(at, years[0], breaks).refused([(field, why)])
            for field, at, why in misfits(calendar)
        ]
    return calendars, bad


def hours_of(
    rows: Sequence[Good[HoursRow]], school_year: str, years: Mapping[Stage, SchoolCalendar]
) -> tuple[list[SchoolHours], list[Bad]]:
    """Return the school hours of each stage, and the rows that do not fit together.

    ``years`` are the loaded school years; hours of a stage without one are refused when loaded.
    """
    loaded, bad = [], []
    for stage, mine in _by_stage(rows).items():
        if stage in years:
            outsiders = [(one, outside(years[stage], one.item.since)) for one in mine]
            bad += [one.refused([("since", why)]) for one, why in outsiders if why is not None]
        bases = [one.item.basis for one in mine if one.item.basis]
        if not bases:
            bad.append(mine[0].refused([("basis", f"{STAGE_NAMES[stage]}须至少一行填写依据")]))
            continue
        tables: defaultdict[date, list[Good[HoursRow]]] = defaultdict(list)
        for one in mine:
            tables[one.item.since].append(one)
        for table in tables.values():
            wrong = overlapping(one.item.period for one in table)
            bad += [
                one.refused([("start", PERIODS_OVERLAP)])
                for one in table
                if one.item.period in wrong
            ]
        loaded.append(
            SchoolHours(
                school_year=school_year,
                stage=stage,
                version=1,
                tables=tuple(
                    HoursFrom(since, tuple(sorted(one.item.period for one in table)))
                    for since, table in sorted(tables.items())
                ),
                basis=bases[0],
            )
        )
    return loaded, bad


def _by_stage(
    rows: Iterable[Good[Row]],
) -> dict[Stage, list[Good[Row]]]:
    found: defaultdict[Stage, list[Good[Row]]] = defaultdict(list)
    for one in rows:
        found[one.item.stage].append(one)
    return found


def _calendar(year: CalendarRow, breaks: Sequence[CalendarRow], school_year: str) -> SchoolCalendar:
    return SchoolCalendar(
        school_year=school_year,
        stage=year.stage,
        version=1,
        first_day=year.first_day,
        last_day=year.last_day,
        breaks=tuple(sorted(_break(one) for one in breaks)),
        basis=year.basis or "",
    )


def _break(row: CalendarRow) -> Break:
    assert row.kind is not None  # noqa: S101 - the year itself is no break
    return Break(row.first_day, row.last_day, row.kind, row.reason)


def _row_of(
    at: Break | None, year: Good[CalendarRow], breaks: Sequence[Good[CalendarRow]]
) -> Good[CalendarRow]:
    if at is None:
        return year
    return next(one for one in breaks if _break(one.item) == at)
