"""A file with notices that are newer than the calendar library, read once at the start."""

from datetime import date
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from shared.working_days import WorkingDays, checked_notice


class CalendarUnreadable(ValueError):
    """The file with newer notices cannot be used; the message says in one line why."""


class _Days(BaseModel):
    model_config = ConfigDict(extra="forbid")

    rest_days: frozenset[date] = Field(max_length=366)
    workdays: frozenset[date] = Field(max_length=366)


_FILE = TypeAdapter(dict[int, _Days])


def load(path: Path | None) -> WorkingDays:
    """Return the calendar with the notices of a file, or the library's alone.

    The file is JSON, ``{"2027": {"rest_days": ["2027-01-01"], "workdays": ["2027-02-20"]}}``:
    days that are free (weekend days may be among them), weekend days that are worked. Whatever else
    it holds is ``CalendarUnreadable``: a wrong calendar would move every deadline in silence.
    """
    if path is None:
        return WorkingDays()
    try:
        years = _FILE.validate_json(path.read_bytes(), strict=True)
    except OSError as error:
        raise CalendarUnreadable(f"日历文件 {path} 无法读取：{error.strerror}") from error
    except ValidationError as error:
        raise CalendarUnreadable(f"日历文件 {path} 有误：{_first_of(error)}") from error
    try:
        return WorkingDays(
            {
                year: checked_notice(year, rest_days=days.rest_days, workdays=days.workdays)
                for year, days in years.items()
            }
        )
    except ValueError as error:
        raise CalendarUnreadable(f"日历文件 {path} 有误：{error}") from error


def _first_of(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    place = "/".join(map(str, first["loc"]))
    return f"{place or '全文'}：{first['msg']}"
