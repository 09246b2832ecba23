"""Why a place is worth a visit on a day: each reason with its points, article and hours."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, time, timedelta
from typing import Final

from services.schedule_monitor.domain.judge import Judged
from services.schedule_monitor.domain.patrol_day import DayClass
from services.schedule_monitor.domain.patrol_weights import (
    AGAIN,
    CLOSED_DAYS,
    CONFIRMED_DAYS,
    FEWEST_FILED,
    HELD_DAYS,
    LATELY_DAYS,
    PROPOSAL,
    REFUSED_DAYS,
    REPEAT_DAYS,
    ReasonKind,
    Weights,
)
from services.schedule_monitor.domain.premises import DOUBT_NAMES
from services.schedule_monitor.domain.rules.cards import CARDS, title_of
from services.schedule_monitor.domain.rules.rule import Level
from services.schedule_monitor.domain.visit import Visit
from services.schedule_monitor.domain.whereabouts import HeldThere
from shared.city_time import month_of
from shared.rules import Article

# Who comes for a late end has to be there before it, and see whether they leave.
_BEFORE_END: Final = timedelta(minutes=30)
_AFTER_END: Final = timedelta(minutes=15)
_ENDS: Final = ("_end", "_end_2021")
_LONGEST: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """From when until when there is something to see."""

    opens: time
    closes: time


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One reason for a visit; ``rule`` is the rule that it is about, if it is about one."""

    kind: ReasonKind
    points: int
    message: str
    article: Article
    rule: str | None = None
    hours: Hours | None = None


@dataclass(slots=True)
class Known:
    """What is known of one place before a day; the classes are those filed for the day."""

    classes: list[DayClass] = field(default_factory=list)
    filed_lately: int = 0
    held: list[HeldThere] = field(default_factory=list)
    visits: list[Visit] = field(default_factory=list)

    def is_busy_on(self, day: date) -> bool:
        """Tell whether anybody is likely to be met: filed for the day, or held on its weekday."""
        return bool(self.classes) or any(
            one.on.weekday() == day.weekday() and _within(one.on, day, HELD_DAYS)
            for one in self.held
        )


def reasons_for(known: Known, day: date, weights: Weights) -> list[Reason]:
    """Return the reasons for a visit on a day, the weightiest first.

    Where nobody is likely to be met, what was told before is no reason to go just then: what a
    visit confirmed, or could not see, still is.
    """
    visits = sorted(known.visits, key=lambda one: (one.visited_at, one.visit_id))
    found = list(_visited(visits, day, weights))
    if known.is_busy_on(day):
        found += _filed(known.classes, weights)
        found += _near(known.classes, weights)
        found += _told(_uncleared(known.held, visits), visits, day, weights)
        found += _never_held(known, day, weights)
    return sorted(found, key=lambda one: (-one.points, one.kind, one.rule or "", one.message))


def _filed(classes: Iterable[DayClass], weights: Weights) -> Iterator[Reason]:
    broken: dict[str, list[tuple[Judged, str, Level, bool]]] = {}
    for one in classes:
        for found in one.judged.findings:
            told = (one.judged, found.message, found.rule.level, found.rule.review)
            broken.setdefault(found.rule.card.code, []).append(told)
    for code, some in broken.items():
        first, message, level, review = min(some, key=lambda each: each[0].session.reference)
        kind: ReasonKind = "clue" if review else "filed_unlawful"
        yield Reason(
            kind=kind,
            points=weights.of(kind, level),
            message=_worded(
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
            message=_worded(
                f"当日{len(some)}节{near.limit.title}；"
                f"{first.judged.session.class_group}{near.message}"
            ),
            article=near.limit.article,
            hours=_hours([one.judged for one in some], code),
        )


def _uncleared(held: Iterable[HeldThere], visits: Iterable[Visit]) -> list[HeldThere]:
    """Leave out of what was told the rules that a later visit looked into and did not find."""
    cleared: dict[str, date] = {}
    for visit in visits:
        cleared |= dict.fromkeys(visit.unfounded, visit.on)
    return [
        replace(
            one,
            rules=tuple(rule for rule in one.rules if one.on > cleared.get(rule[0], date.min)),
        )
        for one in held
    ]


def _told(
    held: Sequence[HeldThere], visits: Sequence[Visit], day: date, weights: Weights
) -> Iterator[Reason]:
    by_rule: dict[str, list[tuple[HeldThere, Level]]] = {}
    for one in held:
        for code, level in one.rules:
            by_rule.setdefault(code, []).append((one, level))
    for code, some in by_rule.items():
        recent = [each for each in some if _within(each[0].on, day, HELD_DAYS)]
        if recent:
            yield _held_before(code, recent, day, weights)
    yield from _repeats(by_rule, visits, day, weights)
    yield from _doubted(held, day, weights)


def _repeats(
    by_rule: Mapping[str, Sequence[tuple[HeldThere, Level]]],
    visits: Iterable[Visit],
    day: date,
    weights: Weights,
) -> Iterator[Reason]:
    months: dict[str, set[str]] = {
        code: {month_of(one.on) for one, _ in some if _within(one.on, day, REPEAT_DAYS)}
        for code, some in by_rule.items()
    }
    for visit in visits:
        if _within(visit.on, day, REPEAT_DAYS):
            for code in visit.confirmed:
                months.setdefault(code, set()).add(visit.month)
    for code, broken in months.items():
        if len(broken) > 1:
            yield Reason(
                kind="repeat",
                points=weights.of("repeat"),
                message=_worded(
                    f"近{REPEAT_DAYS}天在{len(broken)}个月份出现：{title_of(code)}"
                    f"（{'、'.join(sorted(broken))}）"
                ),
                article=AGAIN,
                rule=code,
            )


def _held_before(
    code: str, some: Sequence[tuple[HeldThere, Level]], day: date, weights: Weights
) -> Reason:
    last, level = max(some, key=lambda each: each[0].on)
    days = len({one.on for one, _ in some})
    card = CARDS.get(code)
    return Reason(
        kind="held_before",
        points=weights.of("held_before", level),
        message=_worded(f"近{HELD_DAYS}天有{days}天：{title_of(code)}，最近{last.on}"),
        article=PROPOSAL if card is None else card.article,
        rule=code,
        hours=_usual([one for one, _ in some], day),
    )


def _doubted(held: Iterable[HeldThere], day: date, weights: Weights) -> Iterator[Reason]:
    doubted = [one for one in held if one.doubt and _within(one.on, day, REPEAT_DAYS)]
    if not doubted:
        return
    last = max(doubted, key=lambda one: one.on)
    assert last.doubt is not None  # noqa: S101 - only those were kept
    level: Level = "yellow" if last.doubt == "address_unknown" else "red"
    days = len({one.on for one in doubted})
    yield Reason(
        kind="unapproved_place",
        points=weights.of("unapproved_place", level),
        message=_worded(
            f"近{REPEAT_DAYS}天有{days}天在此上课：{DOUBT_NAMES[last.doubt]}，最近{last.on}"
        ),
        article=_UNAPPROVED,
        rule="registry.unapproved_site",
        hours=_usual(doubted, day),
    )


def _usual(held: Iterable[HeldThere], day: date) -> Hours | None:
    """Return the hours of the last time on the same day of the week, if there was one."""
    alike = [one for one in held if one.on.weekday() == day.weekday()]
    last = max(alike, key=lambda one: one.on, default=None)
    return None if last is None else Hours(opens=last.earliest, closes=last.latest)


_UNAPPROVED: Final = Article(
    "海宁市“双减”实施方案", "任务28：查处未经审批多址开展培训", "Seed", PROPOSAL.in_force_from
)


def _never_held(known: Known, day: date, weights: Weights) -> Iterator[Reason]:
    if known.filed_lately < FEWEST_FILED or any(
        _within(one.on, day, REPEAT_DAYS) for one in known.held
    ):
        return
    yield Reason(
        kind="never_held",
        points=weights.of("never_held"),
        message=f"此前四周备案{known.filed_lately}节，近{REPEAT_DAYS}天没有任何上课记录",
        article=PROPOSAL,
        hours=_hours([one.judged for one in known.classes], ""),
    )


def _visited(visits: Sequence[Visit], day: date, weights: Weights) -> Iterator[Reason]:
    confirmed = {
        code: visit
        for visit in visits
        if _within(visit.on, day, CONFIRMED_DAYS)
        for code in visit.confirmed
    }
    for code, visit in confirmed.items():
        card = CARDS.get(code)
        message = f"{visit.on}巡查确认：{title_of(code)}"
        article = AGAIN if card is None else card.article
        yield _of_visit("confirmed", message, weights, article=article, rule=code)
    if not visits:
        return
    last = visits[-1]
    if last.outcome == "refused_entry" and _within(last.on, day, REFUSED_DAYS):
        yield _of_visit("refused_entry", f"{last.on}巡查被拒绝进入", weights)
    if last.outcome == "closed" and _within(last.on, day, CLOSED_DAYS):
        yield _of_visit("found_closed", f"{last.on}巡查时关门", weights)
    looked = last.outcome == "open" and not last.confirmed
    if looked and _within(last.on, day, LATELY_DAYS):
        yield _of_visit("visited_lately", f"{last.on}巡查过，未确认问题", weights)


def _of_visit(
    kind: ReasonKind,
    message: str,
    weights: Weights,
    *,
    article: Article = PROPOSAL,
    rule: str | None = None,
) -> Reason:
    return Reason(
        kind=kind, points=weights.of(kind), message=_worded(message), article=article, rule=rule
    )


def _within(on: date, day: date, days: int) -> bool:
    return timedelta(0) < day - on <= timedelta(days=days)


def _hours(judged: Sequence[Judged], code: str) -> Hours | None:
    """Return from the first start to the last end; of late ends, the time around them."""
    if not judged:
        return None
    first = min(one.session.start for one in judged)
    last = max(one.session.end for one in judged)
    if not code.endswith(_ENDS):
        return Hours(opens=first, closes=last)
    early = min(one.session.end for one in judged)
    return Hours(opens=max(first, _moved(early, -_BEFORE_END)), closes=_moved(last, _AFTER_END))


def _moved(moment: time, by: timedelta) -> time:
    """Return a wall time moved within its day."""
    seconds = timedelta(hours=moment.hour, minutes=moment.minute, seconds=moment.second) + by
    whole = min(max(int(seconds.total_seconds()), 0), 24 * 3600 - 1)
    return time(whole // 3600, whole // 60 % 60, whole % 60)


def _worded(message: str) -> str:
    return message if len(message) <= _LONGEST else f"{message[: _LONGEST - 1]}…"
