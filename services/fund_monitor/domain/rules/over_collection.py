"""Over-collection (indicator F06): more lessons or a longer period than may be paid for at once."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final, Literal

from dateutil.relativedelta import relativedelta

from services.fund_monitor.domain.rules.breach import Breach
from services.fund_monitor.domain.rules.limits import (
    MOST_LESSONS,
    MOST_MONTHS,
    PLAN_24,
    PUPIL_SPAN,
    RED_FACTOR,
    RED_PUPILS,
)
from shared.city_time import city_date, city_month
from shared.rules import RuleCard

OVER_COLLECTION = RuleCard(
    "fund.over_collection",
    "超标准预收费",
    PLAN_24,
    "所有预收费培训机构",
    tells_institution=True,
)


EASES: Final = frozenset({"release", "refund"})
"""What only makes less of what is open: with it nothing is found that was not found without."""


@dataclass(frozen=True, slots=True)
class Order:
    """One posted payment, release or refund that tells lessons or a period."""

    identity: str
    type: Literal["deposit", "release", "refund"]
    occurred_at: datetime
    lessons: Decimal | None
    period_from: date | None
    period_until: date | None
    pupil: str | None
    """The pupil's reference, else the contract's number; a payment with neither stands alone."""


def lessons_stay_within_limit(order: Order) -> bool:
    """At most 60 lessons may be paid for at once; exactly 60 is lawful."""
    return order.lessons is None or order.lessons <= MOST_LESSONS


def period_stays_within_limit(order: Order) -> bool:
    """A paid period ends, its last day included, before three calendar months have passed."""
    if order.period_from is None or order.period_until is None:
        return True
    return order.period_until < order.period_from + relativedelta(months=MOST_MONTHS)


@dataclass(frozen=True, slots=True)
class PupilFacts:
    """What matters of one pupil's orders: those over a limit, and in which months too much is open.

    An institution is judged from these alone, so that a payment has one pupil looked at anew.
    """

    over: tuple[Order, ...]
    open_too_much: tuple[tuple[str, Breach], ...]

    @property
    def months(self) -> set[str]:
        """The months in which something may be found."""
        here = {city_month(order.occurred_at) for order in self.over}
        return here | {month for month, _ in self.open_too_much}


def facts_of_pupil(orders: Iterable[Order]) -> PupilFacts:
    """Return what matters of one pupil's orders, or of a payment that tells no pupil."""
    known = list(orders)
    if _far_from_limits(known):
        return PupilFacts((), ())
    ordered = sorted(known, key=lambda order: (order.occurred_at, order.identity))
    over = tuple(o for o in ordered if o.type == "deposit" and not _lawful(o))
    return PupilFacts(over, tuple(_open_too_much(ordered)))


def over_collection(facts: Iterable[PupilFacts], *, month: str) -> list[Breach]:
    """Judge an institution in one calendar month; earlier orders count as still open."""
    known = list(facts)
    over = sorted(
        (order for each in known for order in each.over),
        key=lambda order: (order.occurred_at, order.identity),
    )
    here = [o for o in over if city_month(o.occurred_at) == month]
    open_here = [breach for each in known for when, breach in each.open_too_much if when == month]
    return [
        *_single(here),
        *_many_pupils(over, month=month),
        *sorted(open_here, key=lambda breach: breach.events),
    ]


def _far_from_limits(orders: Iterable[Order]) -> bool:
    """Tell at a glance that nothing can be found, as is so of nearly every pupil.

    All was paid by lessons, and it is lawful even if it was paid at once and none is consumed.
    """
    lessons = Decimal(0)
    for order in orders:
        if order.type == "deposit":
            if order.period_until is not None:
                return False
            lessons += order.lessons or 0
    return lessons <= MOST_LESSONS


def _lawful(order: Order) -> bool:
    return lessons_stay_within_limit(order) and period_stays_within_limit(order)


def _single(here: Sequence[Order]) -> list[Breach]:
    if not here:
        return []
    most = max((o.lessons for o in here if o.lessons is not None), default=Decimal(0))
    message = f"有{len(here)}笔收费超过60课时或3个月，单笔最多{most.normalize():f}课时"
    return [Breach("yellow", message, _ids(here), {"orders": len(here), "most_lessons": str(most)})]


def _many_pupils(over: Sequence[Order], *, month: str) -> list[Breach]:
    window: deque[Order] = deque()
    for order in over:
        window.append(order)
        while order.occurred_at - window[0].occurred_at > PUPIL_SPAN:
            window.popleft()
        pupils = {o.pupil for o in window if o.pupil is not None}
        if len(pupils) >= RED_PUPILS and city_month(order.occurred_at) == month:
            message = f"30日内对{len(pupils)}名学员超标准收费"
            return [Breach("red", message, _ids(window), {"pupils": len(pupils)})]
    return []


def _open_too_much(orders: Sequence[Order]) -> Iterator[tuple[str, Breach]]:
    """Give the first payment of each month at which one pupil's open orders are too much."""
    lessons, paid, told = Decimal(0), list[Order](), set[str]()
    for order in orders:
        if order.type != "deposit":
            lessons = max(Decimal(0), lessons - (order.lessons or 0))
            continue
        lessons += order.lessons or 0
        paid.append(order)
        month = city_month(order.occurred_at)
        if month in told:
            continue
        breach = _lessons_open(lessons, paid) or _days_open(paid, on=city_date(order.occurred_at))
        if breach is not None:
            told.add(month)
            yield month, breach


def _lessons_open(lessons: Decimal, paid: Sequence[Order]) -> Breach | None:
    if lessons <= RED_FACTOR * MOST_LESSONS:
        return None
    message = f"同一学员未消课时合计{lessons.normalize():f}，超过限额60课时的1.5倍"
    return Breach("red", message, _ids(paid), {"open_lessons": str(lessons)})


def _days_open(paid: Sequence[Order], *, on: date) -> Breach | None:
    days, limit = _open_days(paid, on=on)
    if days <= RED_FACTOR * limit:
        return None
    message = f"同一学员已付未满的服务期合计{days}天，超过3个月限额（{limit}天）的1.5倍"
    return Breach("red", message, _ids(paid), {"open_days": days})


def _open_days(paid: Iterable[Order], *, on: date) -> tuple[int, int]:
    periods = [
        (o.period_from, o.period_until)
        for o in paid
        if o.period_from and o.period_until and o.period_until >= on
    ]
    if not periods:
        return 0, 0
    first = min(start for start, _ in periods)
    limit = (first + relativedelta(months=MOST_MONTHS) - first).days
    return sum((until - start).days + 1 for start, until in periods), limit


def _ids(orders: Iterable[Order]) -> tuple[str, ...]:
    return tuple(sorted(order.identity for order in orders))
