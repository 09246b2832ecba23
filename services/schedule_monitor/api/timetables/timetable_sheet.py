"""The spreadsheet of a timetable: its columns, what a row becomes, and a filed one written out."""

from collections.abc import Sequence
from datetime import date
from io import BytesIO
from typing import Any, Final, TypeAlias

from services.schedule_monitor.api.fields import MOST_STUDENTS
from services.schedule_monitor.domain.explain import explain_session
from services.schedule_monitor.domain.judge import Judged, Verdict
from services.schedule_monitor.domain.session import (
    KIND_NAMES,
    MODE_NAMES,
    STAGE_NAMES,
    Delivery,
    Setting,
    Stated,
)
from services.schedule_monitor.domain.timetables.pattern import LONGEST_PATTERN_DAYS, WeeklyPattern
from shared.spreadsheets.calendar_kinds import clock_time, day, weekday
from shared.spreadsheets.kinds import choice, in_one_form, text, whole
from shared.spreadsheets.raw import CellUnreadable, Raw, Value, as_text
from shared.spreadsheets.sheet import Column, Kind, RowWrong, Sheet, Values
from shared.spreadsheets.writing import write_cell, written_to

Planned: TypeAlias = Stated | WeeklyPattern

_LONG: Final = 64
_MOST_LISTED: Final = 500
_SEPARATORS: Final = str.maketrans(dict.fromkeys("、；;，,\n", " "))
DELIVERY_NAMES: Final[dict[Delivery, str]] = {"live": "直播或现场", "recorded": "录播"}
VERDICT_NAMES: Final[dict[Verdict, str]] = {
    "lawful": "合规",
    "unlawful": "违规",
    "calendar_incomplete": "缺日历",
}
_STAGES: Final = {name: code for code, name in STAGE_NAMES.items()} | {
    "幼儿": "preschool",
    "小学": "compulsory",
    "初中": "compulsory",
    "义务教育": "compulsory",
    "高中": "senior_secondary",
}
_KINDS: Final = {name: code for code, name in KIND_NAMES.items()}
_MODES: Final = {name: code for code, name in MODE_NAMES.items()}
_DELIVERIES: Final = {name: code for code, name in DELIVERY_NAMES.items()} | {
    "直播": "live",
    "现场": "live",
}
_PATTERN: Final = ("weekday", "first_day", "last_day")
_ONE_DAY: Final = day()
_NAME: Final = in_one_form(text(most=_LONG))


def _listed(each: Kind) -> Kind:
    """Return the kind of several values in one cell."""

    def parse(cell: Value) -> tuple[object, ...]:
        parts = as_text(cell).translate(_SEPARATORS).split()
        if len(parts) > _MOST_LISTED:
            raise CellUnreadable(f"至多 {_MOST_LISTED} 项")
        found = tuple(each.parse(part) for part in parts)
        if len(set(found)) != len(found):
            raise CellUnreadable("同一项只能出现一次")
        return found

    return Kind(parse=parse, form=f"可填多项，以顿号分开；{each.form}")


def _days() -> Kind:
    """Return the kind of several days; a single one may be a day of the office program."""
    several = _listed(_ONE_DAY)

    def parse(cell: Value) -> object:
        return several.parse(cell) if isinstance(cell, str) else (_ONE_DAY.parse(cell),)

    return Kind(parse=parse, form=several.form)


def _made(values: Values) -> Planned:
    """Return what a row plans: one class, where it has a day, else one that comes back weekly."""
    if values["end"] <= values["start"]:
        raise RowWrong([("end", "结束时间须晚于开始时间，且在同一天：课程不得跨越零点")])
    if values["date"] is not None:
        extra = [key for key in (*_PATTERN, "exceptions", "skip") if values[key] is not None]
        if extra:
            raise RowWrong([(key, "已填“日期”的是单次课，不再填写本列") for key in extra])
        return _stated(values, values["date"])
    if missing := [key for key in _PATTERN if values[key] is None]:
        why = "单次课填“日期”；每周重复的课填“星期”“首日”“末日”"
        raise RowWrong([(key, why) for key in missing])
    return _weekly(values)


def _weekly(values: Values) -> WeeklyPattern:
    first, last = values["first_day"], values["last_day"]
    if last < first:
        raise RowWrong([("last_day", "末日不得早于首日")])
    if (last - first).days > LONGEST_PATTERN_DAYS:
        raise RowWrong([("last_day", f"周课表至多 {LONGEST_PATTERN_DAYS} 天")])
    return WeeklyPattern(
        first=_stated(values, first),
        weekday=values["weekday"],
        last_day=last,
        skip_days_off=bool(values["skip"]),
        exceptions=frozenset(values["exceptions"] or ()),
    )


def _stated(values: Values, on: date) -> Stated:
    return Stated(
        on=on,
        start=values["start"],
        end=values["end"],
        class_group=values["class_group"],
        stage=values["stage"],
        kind=values["kind"],
        mode=values["mode"],
        setting=Setting(
            course=values["course"],
            teacher=values["teacher"],
            room=values["room"],
            site=values["site"],
            students=values["students"],
            roster=tuple(sorted(values["roster"] or ())),
            delivery=values["delivery"] or "live",
        ),
    )


def _optional(key: str, header: str, kind: Kind, example: str = "", **more: Any) -> Column:  # noqa: ANN401 - the column's own fields
    return Column(key=key, header=header, kind=kind, example=example, required=False, **more)


TIMETABLE_SHEET: Final = Sheet[Planned](
    name="课表",
    columns=(
        Column(
            key="class_group",
            header="班级",
            kind=_NAME,
            example="三年级1班",
            aliases=("班级名称",),
        ),
        Column(
            key="stage",
            header="学段",
            kind=choice(_STAGES, offered=tuple(STAGE_NAMES.values())),
            example="义务教育阶段",
        ),
        _optional("date", "日期", _ONE_DAY, "2026-03-03", help="单次课填写"),
        _optional("weekday", "星期", weekday(), "星期二", help="每周重复的课填写"),
        _optional("first_day", "首日", day(), "2026-03-02", help="每周重复的课填写，含当天"),
        _optional("last_day", "末日", day(), "2026-06-30", help="每周重复的课填写，含当天"),
        _optional("exceptions", "停课日期", _days(), "2026-04-07", help="重复的课中不上课的日期"),
        _optional(
            "skip",
            "跳过假期",
            choice({"是": True, "否": None}),
            "是",
            help="跳过已载入的法定节假日、补假调休日和学校假期",
        ),
        Column(key="start", header="开始时间", kind=clock_time(), example="18:00"),
        Column(key="end", header="结束时间", kind=clock_time(), example="19:30"),
        _optional("kind", "类别", choice(_KINDS), "学科类", help="不填则按登记的类别"),
        _optional("mode", "方式", choice(_MODES), "线下", help="不填则按登记的方式"),
        _optional("course", "课程代码", _NAME, "SX3A", help="已备案课程的代码"),
        _optional("teacher", "教师", _NAME, "T01", help="机构自编的教师代码"),
        _optional("site", "教学点", _NAME, "", help="登记的教学点编号"),
        _optional("room", "教室", _NAME, "301室"),
        _optional("students", "人数", whole(least=0, most=MOST_STUDENTS), "20"),
        _optional(
            "delivery",
            "授课形式",
            choice(_DELIVERIES, offered=tuple(DELIVERY_NAMES.values())),
            "直播或现场",
        ),
        _optional("roster", "学员代码", _listed(_NAME), "", help="机构自编的代码，不填姓名"),
    ),
    make=_made,
    notes=("一行一节单次课，或一行一门每周重复的课；时间均为北京时间，当天开始当天结束。",),
)
_JUDGED_HEADERS: Final = ("班级", "日期", "开始时间", "结束时间", "判断", "说明")
_WIDTHS: Final = (18, 100)


def filed_workbook(filed: Sequence[Stated], judged: Sequence[Judged]) -> bytes:
    """Return a filed timetable: a page that may be uploaded again, and one of what is found."""
    content = BytesIO()
    with written_to(content) as book:
        forms = [book.add_format({"num_format": it.kind.number_format}) for it in _columns()]
        bold = book.add_format({"bold": True})
        page = book.add_worksheet(TIMETABLE_SHEET.name)
        page.freeze_panes(1, 0)
        page.set_column(0, len(forms) - 1, _WIDTHS[0])
        page.write_row(0, 0, [it.header for it in _columns()], bold)
        for row, stated in enumerate(filed, start=1):
            cells = _cells(stated)
            for at, column in enumerate(_columns()):
                if (cell := cells.get(column.key)) is not None:
                    write_cell(page, row, at, cell, forms[at])
        _write_judged(book, judged, bold)
    return content.getvalue()


def _write_judged(book: Any, judged: Sequence[Judged], bold: Any) -> None:  # noqa: ANN401 - xlsxwriter has no types
    page = book.add_worksheet("判断")
    page.freeze_panes(1, 0)
    page.set_column(0, len(_JUDGED_HEADERS) - 2, _WIDTHS[0])
    page.set_column(len(_JUDGED_HEADERS) - 1, len(_JUDGED_HEADERS) - 1, _WIDTHS[1])
    page.write_row(0, 0, _JUDGED_HEADERS, bold)
    for row, one in enumerate(judged, start=1):
        session = one.session
        cells = (
            session.class_group,
            session.on.isoformat(),
            session.start.isoformat(),
            session.end.isoformat(),
            VERDICT_NAMES[one.verdict],
            explain_session(one),
        )
        for at, cell in enumerate(cells):
            write_cell(page, row, at, cell)


def _columns() -> Sequence[Column]:
    return TIMETABLE_SHEET.columns


def _cells(stated: Stated) -> dict[str, Raw]:
    setting = stated.setting
    recorded = setting.delivery != "live"
    return {
        "class_group": stated.class_group,
        "stage": STAGE_NAMES[stated.stage],
        "date": stated.on,
        "start": stated.start,
        "end": stated.end,
        "kind": None if stated.kind is None else KIND_NAMES[stated.kind],
        "mode": None if stated.mode is None else MODE_NAMES[stated.mode],
        "course": setting.course,
        "teacher": setting.teacher,
        "site": setting.site,
        "room": setting.room,
        "students": setting.students,
        "delivery": DELIVERY_NAMES[setting.delivery] if recorded else None,
        "roster": "、".join(setting.roster) or None,
    }
