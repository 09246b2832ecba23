"""The State Council's yearly notices of rest days, and which of them speaks of a day."""

from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from shared import working_days

_OFFICE = "国务院办公厅关于{year}年部分节假日安排的通知"


@dataclass(frozen=True, slots=True)
class Notice:
    """The notice of one year, as it is cited."""

    year: int
    reference: str
    published_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedNotice:
    """A notice that came as data after the library's release; ``version`` counts from 1.

    What the department of education loads is cited by number; a file that was there at the start
    is not, and never overtakes it.
    """

    year: int
    version: int = 1
    source: Literal["education", "file"]
    document_no: str | None = None
    published_on: date | None = None
    days: working_days.Notice

    @property
    def notice(self) -> Notice:
        """Return the notice as it is cited."""
        if self.source == "file":
            title = _OFFICE.format(year=self.year)
            return Notice(self.year, f"《{title}》（部署时载入的数据）")
        number = "" if self.document_no is None else f"{self.document_no}，"
        assert self.published_on is not None  # noqa: S101 - the department tells it
        return _cited(self.year, number, self.published_on.isoformat())

    def says_the_same_as(self, other: "LoadedNotice") -> bool:
        """Tell whether only the version differs."""
        return (self.source, self.notice, self.days) == (other.source, other.notice, other.days)


def _cited(year: int, number: str, issued: str) -> Notice:
    title = _OFFICE.format(year=year)
    return Notice(year, f"《{title}》（{number}{issued}）", date.fromisoformat(issued))


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

# Named in the notice of the year after: its New Year block began before the year.
IN_THE_NEXT: Final = frozenset({date(2022, 12, 31)})
