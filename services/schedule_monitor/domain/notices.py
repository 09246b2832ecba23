"""The State Council's yearly notices of rest days, and which of them speaks of a day."""

from dataclasses import dataclass
from datetime import date
from typing import Final

_OFFICE = "国务院办公厅关于{year}年部分节假日安排的通知"


@dataclass(frozen=True, slots=True)
class Notice:
    """The notice of one year, as it is cited."""

    year: int
    reference: str


def _cited(year: int, number: str, issued: str) -> Notice:
    title = _OFFICE.format(year=year)
    return Notice(year, f"《{title}》（{number}{issued}）")


# The years whose days the calendar library was compared with, each with its notice.
KNOWN_NOTICES: Final[dict[int, Notice]] = {
    notice.year: notice
    for notice in (
        _cited(2021, "国办发明电〔2020〕27号，", "2020-11-25"),
        _cited(2022, "国办发明电〔2021〕11号，", "2021-10-25"),
        _cited(2023, "", "2022-12-08"),
        _cited(2024, "国办发明电〔2023〕7号，", "2023-10-25"),
        _cited(2025, "国办发明电〔2024〕12号，", "2024-11-12"),
        _cited(2026, "", "2025-11-04"),
    )
}

# A New Year block may begin in the year before: these days stand in the next year's notice.
_IN_THE_NEXT: Final = frozenset({date(2022, 12, 31)})
_NEW_YEAR_BLOCK_REACHES = (12, 25)


def notice_year(day: date) -> int:
    """Return the year whose notice arranges a day."""
    return day.year + 1 if day in _IN_THE_NEXT else day.year


def may_stand_in_the_next(day: date) -> bool:
    """Tell whether a day lies where the next year's notice may still reach back."""
    return (day.month, day.day) >= _NEW_YEAR_BLOCK_REACHES


def supplied(year: int) -> Notice:
    """Cite a notice that was loaded as data after the library's release."""
    return Notice(year, f"《{_OFFICE.format(year=year)}》（部署时载入的数据）")
