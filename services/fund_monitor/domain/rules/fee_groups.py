"""All fee rules over one pupil's contracts and payments in one subject, and over an institution's.

A group is judged alone; what it breaches is kept, and an institution's months are made of that.
"""

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from services.fund_monitor.domain.contracts.contract import TrainingContract
from services.fund_monitor.domain.fees.fee_rules import FeeBook
from services.fund_monitor.domain.rules.breach import Breach
from services.fund_monitor.domain.rules.fee_cards import (
    FEE_CEILING,
    FEE_CEILING_SUBJECT,
    FEE_EARLY,
    FEE_LESSONS,
    FEE_PERIOD,
    GUIDE_PRICE,
)
from services.fund_monitor.domain.rules.fee_collections import (
    Bought,
    Collection,
    Payment,
    bought,
    collections,
    planned,
)
from services.fund_monitor.domain.rules.fees import (
    Left,
    collected_in_time,
    lessons_within_limit,
    period_within_limit,
    sum_within_ceiling,
)
from services.fund_monitor.domain.rules.guide_price import has_guide_price, price_within_guide
from services.fund_monitor.domain.rules.limits import PUPIL_SPAN, RED_PUPILS
from shared.city_time import month_of
from shared.rules import RuleCard

# Many pupils make a single lapse grave where F06 says so; a hint or a price is not made so.
_GRAVE_BY_PUPILS = frozenset(
    card.code for card in (FEE_LESSONS, FEE_PERIOD, FEE_CEILING, FEE_EARLY)
)


@dataclass(frozen=True, slots=True)
class Consumed:
    """Lessons of a contract that were released or given back on a city day."""

    contract_no: str
    day: date
    lessons: Decimal | None
    fen: int


@dataclass(frozen=True, slots=True)
class FeeGroup:
    """One pupil's contracts in one subject, with what was paid and consumed of them."""

    student_ref: str
    contracts: tuple[TrainingContract, ...]
    payments: tuple[Payment, ...] = ()
    consumed: tuple[Consumed, ...] = ()


@dataclass(frozen=True, slots=True)
class FeeBreach:
    """What one rule finds in one group in one month: the worst of it."""

    rule: str
    day: date
    student_ref: str
    breach: Breach

    @property
    def month(self) -> str:
        return month_of(self.day)


def judge_group(group: FeeGroup, book: FeeBook) -> list[FeeBreach]:
    """Judge what was agreed, as of the signing, and what was paid, as of the payment."""
    contracts = {one.contract_no: one for one in group.contracts}
    agreed = collections(bought(contracts, planned(group.contracts), book), book)
    paid = bought(contracts, group.payments, book)
    found = [
        *_collected(agreed, book, signed=True),
        *_collected(collections(paid, book), book, signed=False),
        *_early(paid, group),
        *_priced(group.contracts, book),
    ]
    worst: dict[tuple[str, str], FeeBreach] = {}
    for card, day, breach in found:
        if not card.article.applies_on(day):
            continue
        one = FeeBreach(card.code, day, group.student_ref, breach)
        key = (one.rule, one.month)
        worst[key] = _worse(worst[key], one) if key in worst else one
    return [worst[key] for key in sorted(worst)]


def judge_institution(known: Sequence[FeeBreach]) -> dict[tuple[str, str], Breach]:
    """Return what an institution's groups together breach, by rule and month."""
    by_rule: defaultdict[str, list[FeeBreach]] = defaultdict(list)
    for one in sorted(known, key=lambda one: (one.day, one.student_ref)):
        by_rule[one.rule].append(one)
    return {
        (rule, month): breach
        for rule, some in by_rule.items()
        for month, breach in _months(rule, some)
    }


def _collected(
    found: Iterable[Collection], book: FeeBook, *, signed: bool
) -> Iterator[tuple[RuleCard, date, Breach]]:
    for one in found:
        subject = one.parts[-1].contract.course_kind == "subject"
        ceiling = FEE_CEILING_SUBJECT if subject else FEE_CEILING
        day = max(part.contract.signed_on for part in one.parts) if signed else one.day
        for card, breach in (
            (FEE_LESSONS, lessons_within_limit(one)),
            (FEE_PERIOD, period_within_limit(one)),
            (ceiling, sum_within_ceiling(one, book.policy(one.day))),
        ):
            if breach is not None:
                yield card, day, breach


def _early(paid: Sequence[Bought], group: FeeGroup) -> Iterator[tuple[RuleCard, date, Breach]]:
    for part in paid:
        breach = collected_in_time(
            part.contract,
            part.payment.day,
            _left_before(part, paid, group.consumed),
            evidence=part.payment.identity,
        )
        if breach is not None:
            yield FEE_EARLY, part.payment.day, breach


def _left_before(part: Bought, paid: Sequence[Bought], consumed: Sequence[Consumed]) -> Left:
    """The pupil's lessons of other contracts in the subject that were left that day."""
    others = [
        one
        for one in paid
        if one.contract.contract_no != part.contract.contract_no
        and one.contract.lessons is not None
        and one.payment.day < part.payment.day
    ]
    if not others:
        return Left(None)
    contracts = {one.contract.contract_no: one.contract for one in others}
    bought_so_far = sum(
        (_lessons_for(one.payment.fen, one.contract) for one in others), Fraction(0)
    )
    gone = sum(
        (
            _gone(one, contracts[one.contract_no])
            for one in consumed
            if one.contract_no in contracts and one.day <= part.payment.day
        ),
        Fraction(0),
    )
    return Left(max(Fraction(0), bought_so_far - gone))


def _lessons_for(fen: int, contract: TrainingContract) -> Fraction:
    return Fraction(contract.lessons or 0) * Fraction(fen, max(contract.price_fen, 1))


def _gone(one: Consumed, contract: TrainingContract) -> Fraction:
    return _lessons_for(one.fen, contract) if one.lessons is None else Fraction(one.lessons)


def _priced(
    contracts: Iterable[TrainingContract], book: FeeBook
) -> Iterator[tuple[RuleCard, date, Breach]]:
    for contract in contracts:
        guide = book.price(contract.mode, contract.signed_on)
        if guide is None or not has_guide_price(contract):
            continue
        breach = price_within_guide(contract, guide)
        if breach is not None:
            yield GUIDE_PRICE, contract.signed_on, breach


def _worse(one: FeeBreach, other: FeeBreach) -> FeeBreach:
    """The graver of two, the later when equal; both rest on the evidence of both."""
    chosen = one if one.breach.level == "red" and other.breach.level != "red" else other
    breach = chosen.breach
    events = tuple(sorted({*one.breach.events, *other.breach.events}))
    return FeeBreach(
        chosen.rule,
        chosen.day,
        chosen.student_ref,
        Breach(breach.level, breach.message, events, breach.figures),
    )


def _months(rule: str, some: Sequence[FeeBreach]) -> Iterator[tuple[str, Breach]]:
    by_month: defaultdict[str, list[FeeBreach]] = defaultdict(list)
    for one in some:
        by_month[one.month].append(one)
    many = _many_pupils(some) if rule in _GRAVE_BY_PUPILS else {}
    for month, here in by_month.items():
        yield month, _month(here, many.get(month, 0))


def _month(here: Sequence[FeeBreach], many: int) -> Breach:
    reds = [one for one in here if one.breach.level == "red"]
    worst = (reds or here)[-1].breach
    pupils = len({one.student_ref for one in here})
    message = worst.message if pupils == 1 else f"涉及{pupils}名学员，其中：{worst.message}"
    figures = {**worst.figures, "pupils": pupils}
    if many:
        message = f"30日内涉及{many}名学员；{message}"
        figures["pupils_in_30_days"] = many
    events = tuple(sorted({event for one in here for event in one.breach.events}))
    return Breach("red" if reds or many else "yellow", message, events, figures)


def _many_pupils(some: Sequence[FeeBreach]) -> dict[str, int]:
    """In which months a breach makes five pupils or more in 30 days, and how many at most."""
    window: deque[FeeBreach] = deque()
    found: dict[str, int] = {}
    for one in some:
        window.append(one)
        while one.day - window[0].day > PUPIL_SPAN:
            window.popleft()
        pupils = len({each.student_ref for each in window})
        if pupils >= RED_PUPILS:
            found[one.month] = max(found.get(one.month, 0), pupils)
    return found
