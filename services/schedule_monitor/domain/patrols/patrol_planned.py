"""Reasons in what is filed for the day, and in classes filed of which nothing was ever told."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, time, timedelta
from typing import Final

from services.schedule_monitor.domain.judge import Judged
from services.schedule_monitor.domain.patrols.patrol_day import DayClass
from services.schedule_monitor.domain.patrols.patrol_reason import (
    Hours,
    Known,
    Reason,
    within,
    worded,
)
from services.schedule_monitor.domain.patrols.patrol_weights import (
    FEWEST_FILED,
    PROPOSAL,
    REPEAT_DAYS,
    ReasonKind,
    Weights,
)
from services.schedule_monitor.domain.rules.cards import CARDS, title_of
from shared.rules import Level

# Who comes for a late end has to be there before it, and see whether they leave.
_BEFORE_END: Final = timedelta(minutes=30)
_AFTER_END: Final = timedelta(minutes=15)
_END: Final = "_end"


def planned_reasons(known: Known, day: date, weights: Weights) -> Iterator[Reason]:
    """Give what speaks for a visit in what was filed."""
    yield from _filed(known.classes, weights)
    yield from _near(known.classes, weights)
    yield from _never_held(known, day, weights)


def _filed(classes: Iterable[DayClass], weights: Weights) -> Iterator[Reason]:
    broken: dict[str, list[tuple[Judged, str, Level, bool]]] = {}
    for one in classes:
        for found in one.judged.findings:
            told = (one.judged, found.message, found.rule.level, found.rule.review)
            broken.setdefault(found.rule.card.code, []).append(told)
    for code, some in broken.items():
        first, message, level, review = min(
            some, key=lambda each: (each[0].session.reference, each[1])
        )
        kind: ReasonKind = "clue" if review else "filed_unlawful"
        yield Reason(
            kind=kind,
            points=weights.of(kind, level),
            message=worded(
                f"当日备案{len(some)}节：{title_of(code)}；{first.session.class_group}{message}"
            ),
            article=CARDS[code].article,
            rule=code,
            hours=_hours([one for one, *_ in some], code),
        )


def _near(classes: Iterable[DayClass], weights: Weights) -> Iterator[Reason]:
    found: dict[str, list[DayClass]] = {}
    for one in classes:
        # What breaks a rule is named for that already.
        if one.judged.verdict != "unlawful":
            for near in one.near:
                found.setdefault(near.limit.code, []).append(one)
    for code, some in found.items():
        first = min(some, key=lambda each: each.judged.session.reference)
        near = next(one for one in first.near if one.limit.code == code)
        yield Reason(
            kind="near_limit",
            points=weights.of("near_limit"),
            message=worded(
                f"当日{len(some)}节{near.limit.title}；"
                f"{first.judged.session.class_group}{near.message}"
            ),
            article=near.limit.article,
            hours=_hours([one.judged for one in some], code),
        )


def _never_held(known: Known, day: date, weights: Weights) -> Iterator[Reason]:
    if known.filed_lately < FEWEST_FILED or any(
        within(one.on, day, REPEAT_DAYS) for one in known.held
    ):
        return
    yield Reason(
        kind="never_held",
        points=weights.of("never_held"),
        message=f"此前四周备案{known.filed_lately}节，近{REPEAT_DAYS}天没有任何上课记录",
        article=PROPOSAL,
        hours=_hours([one.judged for one in known.classes], ""),
    )


def _hours(judged: Sequence[Judged], code: str) -> Hours | None:
    """Return from the first start to the last end; of late ends, the time around them."""
    if not judged:
        return None
    first = min(one.session.start for one in judged)
    last = max(one.session.end for one in judged)
    if not code.endswith(_END):
        return Hours(opens=first, closes=last)
    early = min(one.session.end for one in judged)
    return Hours(opens=max(first, _moved(early, -_BEFORE_END)), closes=_moved(last, _AFTER_END))


def _moved(moment: time, by: timedelta) -> time:
    """Return a wall time moved within its day."""
    seconds = timedelta(hours=moment.hour, minutes=moment.minute, seconds=moment.second) + by
    whole = min(max(int(seconds.total_seconds()), 0), 24 * 3600 - 1)
    return time(whole // 3600, whole // 60 % 60, whole % 60)
