"""What is planned, as a request states it: single classes, and classes that come back weekly."""

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from services.schedule_monitor.api.deps import refused_at
from services.schedule_monitor.api.fields import ClassIn, SessionIn
from services.schedule_monitor.domain.timetables.pattern import (
    LONGEST_PATTERN_DAYS,
    Plan,
    WeeklyPattern,
)
from shared.iso_date import IsoDate

MOST_SESSIONS: Final = 2_000
MOST_PATTERNS: Final = 300
_MOST_EXCEPTIONS: Final = 100

Weekday = Annotated[int, Field(ge=1, le=7, description="1 周一 … 7 周日", examples=[2])]


class PatternIn(ClassIn):
    """A class that comes back every week on one weekday, the first and last day included."""

    weekday: Weekday
    first_day: IsoDate = Field(description="首日（含），不必是该星期几")
    last_day: IsoDate = Field(description="末日（含）")
    skip_days_off: bool = Field(
        default=False,
        description="跳过已载入日历中的法定节假日、补假调休日和学校假期；周末不跳过",
    )
    exceptions: Annotated[frozenset[IsoDate], Field(max_length=_MOST_EXCEPTIONS)] = Field(
        default=frozenset(), description="停课的日期"
    )

    @field_validator("last_day")
    @classmethod
    def _a_term_at_most(cls, last_day: date, info: ValidationInfo) -> date:
        first_day = info.data.get("first_day")
        if first_day is not None and last_day < first_day:
            raise ValueError("末日不得早于首日")
        if first_day is not None and (last_day - first_day).days > LONGEST_PATTERN_DAYS:
            raise ValueError(f"周课表至多{LONGEST_PATTERN_DAYS}天")
        return last_day

    def pattern(self) -> WeeklyPattern:
        """Return the pattern as the domain knows it."""
        return WeeklyPattern(
            first=self.stated_on(self.first_day),
            weekday=self.weekday,
            last_day=self.last_day,
            skip_days_off=self.skip_days_off,
            exceptions=self.exceptions,
        )


class PlanIn(BaseModel):
    """Single classes and weekly patterns of one request."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sessions: Annotated[list[SessionIn], Field(max_length=MOST_SESSIONS)] = Field(
        default_factory=list, description="单次课"
    )
    patterns: Annotated[list[PatternIn], Field(max_length=MOST_PATTERNS)] = Field(
        default_factory=list, description="每周重复的课"
    )

    def plan(self) -> Plan:
        """Return the plan as the domain knows it."""
        return Plan(
            singles=tuple(one.stated() for one in self.sessions),
            patterns=tuple(one.pattern() for one in self.patterns),
        )

    def tell_kind_and_mode(self) -> None:
        """Refuse classes that leave to a registration what no registration tells."""
        for place, index, one in self._classes():
            for field in ("kind", "mode"):
                if getattr(one, field) is None:
                    raise refused_at(place, index, field, kind="missing")

    def _classes(self) -> Iterator[tuple[str, int, ClassIn]]:
        for index, single in enumerate(self.sessions):
            yield "sessions", index, single
        for index, pattern in enumerate(self.patterns):
            yield "patterns", index, pattern
