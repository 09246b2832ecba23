"""Reasons in what was told of a place before, and in what visits came to."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Final

from services.schedule_monitor.domain.held.whereabouts import HeldThere
from services.schedule_monitor.domain.patrols.patrol_reason import (
    Hours,
    Known,
    Reason,
    cleared_by,
    within,
    worded,
)
from services.schedule_monitor.domain.patrols.patrol_weights import (
    AGAIN,
    CLOSED_DAYS,
    CONFIRMED_DAYS,
    HELD_DAYS,
    LATELY_DAYS,
    PROPOSAL,
    REFUSED_DAYS,
    REPEAT_DAYS,
    ReasonKind,
    Weights,
)
from services.schedule_monitor.domain.patrols.visit import Visit
from services.schedule_monitor.domain.premises import DOUBT_NAMES
from services.schedule_monitor.domain.rules.cards import CARDS, title_of
from shared.city_time import month_of
from shared.rules import Article, Level


def told_reasons(known: Known, day: date, weights: Weights) -> Iterator[Reason]:
    """Give what speaks for a visit in sessions that were told of."""
    visits = _in_order(known.visits)
    yield from _told(_uncleared(known.held, visits), visits, day, weights)


def visit_reasons(known: Known, day: date, weights: Weights) -> Iterator[Reason]:
    """Give what speaks for a visit, or against one so soon, in earlier ones."""
    yield from _visited(_in_order(known.visits), day, weights)


def _in_order(visits: Iterable[Visit]) -> list[Visit]:
    return sorted(visits, key=lambda one: (one.visited_at, one.visit_id))


def _uncleared(held: Iterable[HeldThere], visits: Iterable[Visit]) -> list[HeldThere]:
    """Leave out of what was told the rules that a later visit looked into and did not find."""
    cleared = cleared_by(visits)
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
        recent = [each for each in some if within(each[0].on, day, HELD_DAYS)]
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
        code: {month_of(one.on) for one, _ in some if within(one.on, day, REPEAT_DAYS)}
        for code, some in by_rule.items()
    }
    for visit in visits:
        if within(visit.on, day, REPEAT_DAYS):
            for code in visit.confirmed:
                months.setdefault(code, set()).add(visit.month)
    for code, broken in months.items():
        if len(broken) > 1:
            yield Reason(
                kind="repeat",
                points=weights.of("repeat"),
                message=worded(
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
        message=worded(f"近{HELD_DAYS}天有{days}天：{title_of(code)}，最近{last.on}"),
        article=PROPOSAL if card is None else card.article,
        rule=code,
        hours=_usual([one for one, _ in some], day),
    )


def _doubted(held: Iterable[HeldThere], day: date, weights: Weights) -> Iterator[Reason]:
    doubted = [one for one in held if one.doubt and within(one.on, day, REPEAT_DAYS)]
    if not doubted:
        return
    last = max(doubted, key=lambda one: one.on)
    assert last.doubt is not None  # noqa: S101 - only those were kept
    level: Level = "yellow" if last.doubt == "address_unknown" else "red"
    days = len({one.on for one in doubted})
    yield Reason(
        kind="unapproved_place",
        points=weights.of("unapproved_place", level),
        message=worded(
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


def _visited(visits: Sequence[Visit], day: date, weights: Weights) -> Iterator[Reason]:
    confirmed = {
        code: visit
        for visit in visits
        if within(visit.on, day, CONFIRMED_DAYS)
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
    if last.outcome == "refused_entry" and within(last.on, day, REFUSED_DAYS):
        yield _of_visit("refused_entry", f"{last.on}巡查被拒绝进入", weights)
    if last.outcome == "closed" and within(last.on, day, CLOSED_DAYS):
        yield _of_visit("found_closed", f"{last.on}巡查时关门", weights)
    looked = last.outcome == "open" and not last.confirmed
    if looked and within(last.on, day, LATELY_DAYS):
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
        kind=kind, points=weights.of(kind), message=worded(message), article=article, rule=rule
    )
