"""A patrol's sheet on its way back: the same columns, with what people found written into them."""

import re
from datetime import time
from typing import Final

from services.schedule_monitor.api.patrols.patrol_sheet import HEADERS
from services.schedule_monitor.domain.patrols.patrol_results import FilledPlace, LeftOut, SeenClass
from services.schedule_monitor.domain.patrols.visit import Outcome
from services.schedule_monitor.domain.session import Stage
from shared.contracts.schedule import MOST_PRESENT
from shared.contracts.visits import MOST_FOUND, MOST_SEEN
from shared.plain_text import one_form
from shared.spreadsheets.calendar_kinds import clock_time
from shared.spreadsheets.kinds import choice, plain
from shared.spreadsheets.raw import CellUnreadable, Value, as_text
from shared.spreadsheets.sheet import Column, Kind, RowWrong, Sheet, Values

_CODE, *_PRINTED, _AT, _OUTCOME, _SEEN, _CONCLUDED, _BY = HEADERS
_OUTCOMES: Final[dict[str, Outcome]] = {
    "已进入": "open",
    "关门": "closed",
    "拒绝进入": "refused_entry",
    "被拒绝进入": "refused_entry",
}
_STAGES: Final[dict[str, Stage]] = {
    "学龄前": "preschool",
    "义务教育": "compulsory",
    "高中": "senior_secondary",
}
_PLACE: Final = re.compile(r"([a-z_]{1,32})-([1-9][0-9]{0,8})-([1-9][0-9]{0,2})")
_CLASS: Final = re.compile(
    r"(?P<group>\S.{0,63}?)(?:[(（](?P<stage>学龄前|义务教育|高中)[)）])?\s+"
    r"(?P<start>[0-9]{1,2}[:：][0-9]{2})\s*[-–—~～至]\s*(?P<end>[0-9]{1,2}[:：][0-9]{2})\s+"
    r"(?P<heads>[0-9]{1,3})\s*人?"
)
_CONCLUSION: Final = re.compile(r"([0-9]{1,2}(?:[、,]?[0-9]{1,2})*?)[.:]?(不?属实)")
_BETWEEN: Final = re.compile(r"[;；\n]+")
_CLASS_FORM: Final = "每节课写作“三年级1班 18:00-18:30 12人”，用分号或换行隔开"
_CONCLUSION_FORM: Final = "按理由的序号写作“1属实；2、3不属实”"


def _place(cell: Value) -> tuple[str, int, int]:
    found = _PLACE.fullmatch(plain(cell))
    if found is None:
        raise CellUnreadable("须为巡查表上印好的编号，如 xiashi-1-1")
    return found[1], int(found[2]), int(found[3])


def _seen(cell: Value) -> tuple[SeenClass, ...]:
    told = [one.strip() for one in _BETWEEN.split(as_text(cell)) if one.strip()]
    if len(told) > MOST_SEEN:
        raise CellUnreadable(f"最多 {MOST_SEEN} 节课")
    return tuple(_class(one) for one in told)


def _class(told: str) -> SeenClass:
    found = _CLASS.fullmatch(told)
    if found is None:
        raise CellUnreadable(_CLASS_FORM)
    start, end = (_moment(found[name]) for name in ("start", "end"))
    if end <= start:
        raise CellUnreadable("结束时间须晚于开始时间，且在同一天")
    if int(found["heads"]) > MOST_PRESENT:
        raise CellUnreadable(f"人数最多 {MOST_PRESENT}")
    return SeenClass(
        class_group=one_form(found["group"]).strip(),
        start=start,
        end=end,
        heads=int(found["heads"]),
        # Where it is not written, whom the city's institutions mostly teach.
        stage=_STAGES[found["stage"] or "义务教育"],
    )


def _moment(told: str) -> time:
    hour, minute = (int(part) for part in re.split("[:：]", told))
    try:
        return time(hour, minute)
    except ValueError:
        raise CellUnreadable("没有这个时间：当天最晚填写 23:59") from None


def _concluded(cell: Value) -> dict[int, bool]:
    concluded: dict[int, bool] = {}
    for told in _BETWEEN.split(as_text(cell)):
        if not told.strip():
            continue
        found = _CONCLUSION.fullmatch(plain(told))
        if found is None:
            raise CellUnreadable(_CONCLUSION_FORM)
        for number in map(int, re.split("[、,]", found[1])):
            if concluded.setdefault(number, found[2] == "属实") != (found[2] == "属实"):
                raise CellUnreadable(f"第{number}条理由既属实又不属实")
    if len(concluded) > MOST_FOUND:
        raise CellUnreadable(f"最多 {MOST_FOUND} 条")
    return concluded


def _made(values: Values) -> FilledPlace | LeftOut:
    outcome, at = values[_OUTCOME], values[_AT]
    seen, concluded = values[_SEEN] or (), values[_CONCLUDED] or {}
    if outcome is None:
        if at or seen or concluded:
            raise RowWrong([(_OUTCOME, "填写了巡查结果的，须写明现场情况")])
        return LeftOut()
    if at is None:
        raise RowWrong([(_AT, "须填写巡查时间")])
    if seen and outcome != "open":
        raise RowWrong([(_SEEN, "没有进入的地点看不到上课")])
    town, version, number = values[_CODE]
    return FilledPlace(
        town=town,
        version=version,
        number=number,
        at=at,
        outcome=outcome,
        seen=seen,
        concluded=concluded,
    )


def _column(header: str, kind: Kind, example: str = "", *, personal: bool = False) -> Column:
    """Return a column by its printed header; people fill in only rows of places they went to."""
    return Column(
        key=header,
        header=header,
        kind=kind,
        example=example,
        required=header == PLACE,
        personal=personal,
    )


PLACE: Final = _CODE
"""The key of the column that says which place of which proposal a row is."""
CONCLUDED: Final = _CONCLUDED
"""The key of the column that says which reasons were found to be so."""
_OUTCOME_KIND: Final = choice(_OUTCOMES, offered=("已进入", "关门", "拒绝进入"))
RESULTS_SHEET: Final = Sheet[FilledPlace | LeftOut](
    name="巡查表",
    columns=(
        _column(_CODE, Kind(parse=_place, form="印好的编号"), "xiashi-1-1"),
        *(_column(header, Kind(parse=as_text, form="印好的内容")) for header in _PRINTED),
        _column(_AT, clock_time(), "19:40"),
        _column(_OUTCOME, _OUTCOME_KIND, "已进入"),
        _column(_SEEN, Kind(parse=_seen, form=_CLASS_FORM), "三年级1班 18:00-18:30 12人"),
        _column(_CONCLUDED, Kind(parse=_concluded, form=_CONCLUSION_FORM), "1属实；2不属实"),
        # Who went there stays on the sheet: results carry no names.
        _column(_BY, Kind(parse=as_text, form="不收取"), personal=True),
    ),
    make=_made,
    unique=(_CODE,),
    most_rows=1_000,
)
