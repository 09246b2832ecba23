"""The sheets by which the department of education keeps calendars: columns, and what a row is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from services.schedule_monitor.domain.calendars.overrides import Change, Override
from services.schedule_monitor.domain.calendars.school_calendar import (
    BREAK_NAMES,
    BreakKind,
)
from services.schedule_monitor.domain.calendars.school_hours import Period
from services.schedule_monitor.domain.session import STAGE_NAMES, Stage
from shared.spreadsheets.calendar_kinds import clock_time, day, weekday
from shared.spreadsheets.kinds import choice, text
from shared.spreadsheets.sheet import Column, RowWrong, Sheet, Values

_SHORT_STAGES: Final[Mapping[str, Stage]] = {
    "学龄前": "preschool",
    "义务教育": "compulsory",
    "高中": "senior_secondary",
}
# As timetables say it too. Not 小学 and 初中: of one stage there is one school year.
_STAGES: Final = dict(_SHORT_STAGES) | {name: code for code, name in STAGE_NAMES.items()}
_YEAR: Final = "学年"
_MOST_ROWS: Final = 600
_STAGE: Final = Column(
    key="stage",
    header="学段",
    kind=choice(_STAGES, offered=tuple(_SHORT_STAGES)),
    example="义务教育",
)
_BASIS: Final = Column(
    key="basis", header="依据", kind=text(most=200), example="海教〔2026〕12号", required=False
)


@dataclass(frozen=True, slots=True)
class CalendarRow:
    """A row of a school year's sheet: the year itself (without a kind) or one of its breaks."""

    stage: Stage
    kind: BreakKind | None
    first_day: date
    last_day: date
    basis: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class HoursRow:
    """A row of the sheet of school hours: one period of a weekday from a day on."""

    stage: Stage
    since: date
    period: Period
    basis: str | None


def _calendar_row(values: Values) -> CalendarRow:
    if values["last_day"] < values["first_day"]:
        raise RowWrong([("last_day", "末日不得早于首日")])
    kind = None if values["kind"] == _YEAR else values["kind"]
    if kind is None and not values["basis"]:
        raise RowWrong([("basis", "“学年”一行须填写依据的校历文件")])
    if kind == "adhoc" and not values["reason"]:
        raise RowWrong([("reason", "临时停课须填写原因")])
    return CalendarRow(
        stage=values["stage"],
        kind=kind,
        first_day=values["first_day"],
        last_day=values["last_day"],
        basis=values["basis"],
        reason=values["reason"] or "",
    )


CALENDAR_SHEET: Final = Sheet(
    name="校历",
    columns=(
        _STAGE,
        Column(
            key="kind",
            header="类别",
            kind=choice({_YEAR: _YEAR, **{name: kind for kind, name in BREAK_NAMES.items()}}),
            example="寒假",
            help="每个学段填一行“学年”，写明首日和末日（含其后的暑假），其余各行为假期",
        ),
        Column(key="first_day", header="首日", kind=day(), example="2026-09-01"),
        Column(key="last_day", header="末日", kind=day(), example="2027-08-31", help="含当日"),
        _BASIS,
        Column(
            key="reason", header="停课原因", kind=text(most=200), example="台风停课", required=False
        ),
    ),
    make=_calendar_row,
    notes=("一份表格为一个学年，可含多个学段；各学段以本表为准，表中没有的假期和停课即被取消。",),
    unique=("stage", "kind", "first_day"),
    most_rows=_MOST_ROWS,
)


def _hours_row(values: Values) -> HoursRow:
    if values["end"] <= values["start"]:
        raise RowWrong([("end", "结束时间须晚于开始时间")])
    period = Period(values["weekday"], values["start"], values["end"])
    return HoursRow(values["stage"], values["since"], period, values["basis"])


HOURS_SHEET: Final = Sheet(
    name="作息时间",
    columns=(
        _STAGE,
        Column(
            key="since",
            header="起始日",
            kind=day(),
            example="2026-09-01",
            help="自该日起执行，如夏令、冬令作息分别从各自的首日起",
        ),
        Column(key="weekday", header="星期", kind=weekday(), example="星期一"),
        Column(key="start", header="开始", kind=clock_time(), example="08:00"),
        Column(key="end", header="结束", kind=clock_time(), example="11:30"),
        _BASIS,
    ),
    make=_hours_row,
    notes=("一行为一天中的一段在校时间，上午、下午分两行填写；每个学段至少一行填写依据。",),
    unique=("stage", "since", "weekday", "start"),
    most_rows=_MOST_ROWS,
)

_CHANGES: Final[Mapping[str, Change]] = {
    "休息": "rest_day",
    "上班": "workday",
    "按通知": "as_announced",
}


def _override(values: Values) -> Override:
    return Override(
        on=values["date"],
        change=values["change"],
        banking=values["banking"],
        reference=values["reference"],
        reason=values["reason"],
    )


OVERRIDE_SHEET: Final = Sheet(
    name="个别日期",
    columns=(
        Column(key="date", header="日期", kind=day(), example="2026-09-22"),
        Column(key="change", header="安排", kind=choice(_CHANGES), example="休息"),
        Column(
            key="banking",
            header="银行对公业务",
            kind=choice({"办理": True, "不办理": False}),
            example="不办理",
            required=False,
            help="与上班安排不同时填写",
        ),
        Column(key="reference", header="依据", kind=text(most=200), example="海政发〔2026〕9号"),
        Column(key="reason", header="理由", kind=text(most=200), example="防御台风"),
    ),
    make=_override,
    unique=("date",),
    most_rows=100,
)
