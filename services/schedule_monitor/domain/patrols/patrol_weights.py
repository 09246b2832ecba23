"""What a reason for a visit counts, in versions with a date: proposals [P], to be explained.

What is unlawful on paper for the very day weighs most: whoever goes there sees it happen. Next
comes what a visit has confirmed before, then what was told of the place or reported, then clues. A
visit that found nothing lets others come first for two weeks.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from services.schedule_monitor.domain.rules.articles import NATIONAL
from shared.rules import Article, Level

ReasonKind = Literal[
    "filed_unlawful",
    "clue",
    "near_limit",
    "held_before",
    "repeat",
    "unapproved_place",
    "reported",
    "never_held",
    "confirmed",
    "refused_entry",
    "found_closed",
    "visited_lately",
]
KIND_NAMES: Final[Mapping[ReasonKind, str]] = {
    "filed_unlawful": "备案课违规",
    "clue": "线索",
    "near_limit": "临近时限或上限",
    "held_before": "近期实际上课违规或与备案不符",
    "repeat": "同一问题反复出现",
    "unapproved_place": "地点未经许可",
    "reported": "有培训行为的反映",
    "never_held": "备案而没有上课记录",
    "confirmed": "巡查曾确认问题",
    "refused_entry": "曾拒绝进入",
    "found_closed": "上次巡查关门",
    "visited_lately": "近期已巡查，未发现问题",
}
HELD_DAYS: Final = 60
REPEAT_DAYS: Final = 180
"""Within it, a rule that was broken in two calendar months is a repeat."""
CONFIRMED_DAYS: Final = 730
CLOSED_DAYS: Final = 30
REFUSED_DAYS: Final = 180
LATELY_DAYS: Final = 14
FILED_FROM_DAYS: Final = 35
FILED_UNTIL_DAYS: Final = 7
"""Classes filed from so many to so many days before: whoever held them has told by now."""
FEWEST_FILED: Final = 4

PROPOSAL: Final = Article("巡查建议（建议值，非法律规定）", "按备案和上课记录推算", "P", NATIONAL)
AGAIN: Final = Article(
    "校外培训行政处罚暂行办法（教育部令第53号）",
    "两年内再次违法的从重处罚",
    "S",
    date(2023, 10, 15),
)


@dataclass(frozen=True, slots=True)
class Weights:
    """The points of each kind of reason from a day on; where gravity counts, red and yellow."""

    version: int
    since: date
    points: Mapping[ReasonKind, int | Mapping[Level, int]]

    def of(self, kind: ReasonKind, level: Level = "yellow") -> int:
        """Return the points of one reason."""
        found = self.points[kind]
        return found if isinstance(found, int) else found[level]


WEIGHTS: Final = (
    Weights(
        1,
        NATIONAL,
        {
            "filed_unlawful": {"red": 40, "yellow": 25},
            "unapproved_place": {"red": 35, "yellow": 20},
            "confirmed": 30,
            "held_before": {"red": 25, "yellow": 15},
            "reported": {"red": 25, "yellow": 15},
            "refused_entry": 20,
            "repeat": 15,
            "clue": 10,
            "near_limit": 8,
            "never_held": 8,
            "found_closed": 6,
            "visited_lately": -20,
        },
    ),
)


def weights_on(day: date) -> Weights:
    """Return the weights of a day: the last that had begun by then, else the first."""
    begun = [one for one in WEIGHTS if one.since <= day]
    return begun[-1] if begun else WEIGHTS[0]
