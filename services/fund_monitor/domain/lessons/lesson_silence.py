"""After how many days of silence a stated lesson is confirmed: dated data, one rule per source.

The source is whose rule it is: a platform's own by its code, else the ``national`` one. What began
last of what covers a day is in force, as with the fee rules.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from services.fund_monitor.domain.fees.fee_rules import in_force_on
from shared.rules import Article

Counting = Literal["calendar_days", "working_days"]
NATIONAL: Final = "national"
NATIONAL_RULE: Final = Article(
    "全国校外教育培训监管与服务综合平台",
    "一课一消：机构发起消课确认，15个工作日内未处理的视为确认",
    "S",
    date(2021, 1, 1),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LessonSilence:
    """How long one source's silence runs; the day of the statement is not counted."""

    source: str
    effective_from: date
    effective_until: date | None = None
    """The first day on which it is no longer in force."""
    days: int
    counting: Counting = "calendar_days"
    version: int = 0


DEFAULT_SILENCE: Final = LessonSilence(
    source=NATIONAL,
    effective_from=NATIONAL_RULE.in_force_from,
    days=15,
    counting="working_days",
)
"""The national platform's rule, while no office has decided another one."""


def silence_of(
    decided: Iterable[LessonSilence], *, platform: str | None, day: date
) -> LessonSilence:
    """Return the rule for what is stated on a day: the platform's own, else the national one."""
    known = list(decided)
    for source in (platform, NATIONAL):
        found = in_force_on((one for one in known if one.source == source), day)
        if found is not None:
            return found
    return DEFAULT_SILENCE
