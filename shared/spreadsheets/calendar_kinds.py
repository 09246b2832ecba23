"""Days, times of day and weekdays as Chinese offices write them."""

import re
from datetime import date, datetime, time, timedelta
from typing import Final

from openpyxl.utils.datetime import from_excel

from shared.spreadsheets.kinds import plain
from shared.spreadsheets.raw import CellUnreadable, Value
from shared.spreadsheets.sheet import Kind

_EARLIEST: Final = date(2000, 1, 1)
_LATEST: Final = date(2099, 12, 31)
_DAY: Final = re.compile(r"([0-9]{4})(?:年|[-/.])([0-9]{1,2})(?:月|[-/.])([0-9]{1,2})日?")
_COMPACT: Final = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_SERIAL: Final = re.compile(r"[0-9]{5}")
_CLOCK: Final = re.compile(
    r"([0-9]{1,2})(?::|时|点)(?:([0-9]{1,2})(?::([0-9]{1,2})(?:\.0+)?|分)?)?"
)
_MIDNIGHT_AT_END: Final = re.compile(r"00:?00(:?00)?(\.0+)?")
_A_DAY: Final = timedelta(days=1)
_CROSSES: Final = "不能填写 24:00 或更晚：当天最晚填写 23:59，一节课不得跨过零点"
_DAY_FORM: Final = "日期须写作 2026-09-01、2026/9/1 或 2026年9月1日"
_CLOCK_FORM: Final = "时间须写作 18:30 或 18:30:00（24 小时制）"
_WEEKDAYS: Final = {
    **{name: at for at, name in enumerate("一二三四五六日", start=1)},
    "天": 7,
    "七": 7,
    **{str(at): at for at in range(1, 8)},
}
_WEEKDAY: Final = re.compile(r"(?:星期|礼拜|周)?(.)")


def day(*, earliest: date = _EARLIEST, latest: date = _LATEST) -> Kind:
    """Return the kind of a day."""

    def parse(cell: Value) -> date:
        found = _day(cell)
        if not earliest <= found <= latest:
            raise CellUnreadable(f"日期须在 {earliest} 至 {latest} 之间")
        return found

    return Kind(parse=parse, form="日期，如 2026-09-01", number_format="yyyy-mm-dd")


def clock_time() -> Kind:
    """Return the kind of a time of day, to the second."""
    return Kind(parse=_clock, form="时间（24 小时制），如 18:30", number_format="hh:mm")


def weekday() -> Kind:
    """Return the kind of a day of the week; Monday is 1 and Sunday 7."""
    offered = tuple(f"星期{name}" for name in "一二三四五六日")
    return Kind(parse=_weekday, form="星期几，如 星期一", choices=offered)


def _day(cell: Value) -> date:
    if isinstance(cell, datetime):
        if cell.time() != time():
            raise CellUnreadable("日期后不得带有时间")
        return cell.date()
    if isinstance(cell, date):
        return cell
    if isinstance(cell, bool | time | timedelta):
        raise CellUnreadable(_DAY_FORM)
    return _day_of_text(plain(cell))


def _day_of_text(found: str) -> date:
    if _SERIAL.fullmatch(found):
        # A cell that is no longer shown as a day holds its number.
        serial = from_excel(int(found))
        return serial.date() if isinstance(serial, datetime) else _EARLIEST
    # Blanks are gone by now: the time of 2026-09-01 00:00:00 stands right behind the day.
    match = _DAY.match(found) or _COMPACT.match(found)
    rest = "" if match is None else found[match.end() :].removeprefix("T")
    if match is None or (rest and _MIDNIGHT_AT_END.fullmatch(rest) is None):
        raise CellUnreadable(_DAY_FORM)
    try:
        return date(*(int(part) for part in match.groups()))
    except ValueError:
        raise CellUnreadable(f"没有这一天。{_DAY_FORM}") from None


def _clock(cell: Value) -> time:
    if isinstance(cell, time):
        return _to_second(datetime.combine(_EARLIEST, cell))
    if isinstance(cell, timedelta):
        return _of_day(cell)
    if isinstance(cell, datetime):
        # A duration of a day and more, shown as a time, is a day at the start of 1900.
        raise CellUnreadable(_CROSSES if cell.year <= 1900 else "只填写时间，不得带有日期")  # noqa: PLR2004 - where serial days begin
    if isinstance(cell, float | int) and not isinstance(cell, bool):
        if 0 <= cell <= 1:
            return _of_day(timedelta(days=cell))
        raise CellUnreadable(_CLOCK_FORM)
    return _clock_of_text(plain(cell))


def _clock_of_text(found: str) -> time:
    match = _CLOCK.fullmatch(found)
    if match is None:
        raise CellUnreadable(_CLOCK_FORM)
    hour, minute, second = (int(part or 0) for part in match.groups())
    if minute > 59 or second > 59:  # noqa: PLR2004 - as clocks have it
        raise CellUnreadable(_CLOCK_FORM)
    return _of_day(timedelta(hours=hour, minutes=minute, seconds=second))


def _of_day(since_midnight: timedelta) -> time:
    if since_midnight < timedelta(0):
        raise CellUnreadable(_CLOCK_FORM)
    if since_midnight >= _A_DAY:
        raise CellUnreadable(_CROSSES)
    return _to_second(datetime.combine(_EARLIEST, time()) + since_midnight)


def _to_second(moment: datetime) -> time:
    """Return a time of day without the parts of a second that binary fractions leave."""
    nearest = moment + timedelta(microseconds=500_000)
    if nearest.date() != moment.date():
        raise CellUnreadable(_CROSSES)
    return nearest.time().replace(microsecond=0)


def _weekday(cell: Value) -> int:
    match = _WEEKDAY.fullmatch(plain(cell))
    found = _WEEKDAYS.get(match[1]) if match is not None and not isinstance(cell, bool) else None
    if found is None:
        raise CellUnreadable("须为星期一至星期日，如 星期一、周一、一 或 1")
    return found
