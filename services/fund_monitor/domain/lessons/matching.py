"""The three-way match of one contract: what was filed, what was taught, what the bank released.

Released money must follow held lessons in step and in proportion. Every difference has a name; it
is a difference whoever has applied for the release.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal

from services.fund_monitor.domain.lessons.contract_book import (
    ROUNDING_FEN,
    ContractBook,
    Released,
    Taught,
    Terms,
)
from shared.city_time import city_date

Kind = Literal[
    "no_contract",
    "release_not_filed",
    "released_before_lesson",
    "released_more_than_consumed",
    "manual_release",
    "lesson_not_filed",
    "lesson_beyond_contract",
    "not_released_in_time",
    "more_than_present",
    "told_twice",
    "confirmed_otherwise",
    "objected",
    "refund_stated_otherwise",
]
TITLES: Final[dict[Kind, str]] = {
    "no_contract": "划拨未注明合同",
    "release_not_filed": "划拨所属合同未备案",
    "released_before_lesson": "先划拨后授课",
    "released_more_than_consumed": "划拨多于已消课金额",
    "manual_release": "人工划拨",
    "lesson_not_filed": "消课所属合同未备案",
    "lesson_beyond_contract": "已用完或已退费的合同仍在消课",
    "not_released_in_time": "消课后逾期未划拨",
    "more_than_present": "消课人数多于到课人数",
    "told_twice": "同一时段重复记课，只计一次",
    "confirmed_otherwise": "消课确认与上课记录不一致",
    "objected": "消课确认有异议，待主管部门决定",
    "refund_stated_otherwise": "退费时机构所称已消课金额与记录不符",
}
OF_RELEASES: Final[frozenset[Kind]] = frozenset(
    {
        "no_contract",
        "release_not_filed",
        "released_before_lesson",
        "released_more_than_consumed",
        "manual_release",
    }
)


@dataclass(frozen=True, slots=True)
class Difference:
    """One named difference: when, how grave, of which amount, and what it rests on."""

    kind: Kind
    level: Literal["yellow", "red"]
    contract_no: str | None
    at: datetime
    fen: int
    source: str


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Until when the fee of each day's lessons should be released, and what time it is.

    A day whose deadline is only an estimate is left out: nothing is late by an estimate.
    """

    now: datetime
    of_day: Mapping[date, datetime]

    def passed(self, day: date) -> bool:
        """Tell whether the fee of a day's lessons should have been released by now."""
        deadline = self.of_day.get(day)
        return deadline is not None and deadline <= self.now


def more_than_present(lesson: str, at: datetime) -> Difference:
    """Return the difference of a session that charges more contracts than pupils were there."""
    return Difference("more_than_present", "red", None, at, 0, lesson)


def next_look(books: Iterable[ContractBook], deadlines: Deadlines) -> date | None:
    """Return the first coming day on which a lesson's fee will be late."""
    days = {city_date(one.consumed_at) for book in books for one in book.taught}
    known = [deadlines.of_day[day] for day in days if day in deadlines.of_day]
    coming = [moment for moment in known if moment > deadlines.now]
    return city_date(min(coming)) if coming else None


def differences(book: ContractBook, deadlines: Deadlines) -> list[Difference]:
    """Return what does not match, in the order in which it happened."""
    found = [
        *_of_releases(book),
        *_of_lessons(book),
        *_late(book, deadlines),
        *_of_tellings(book),
        *_of_refunds(book),
    ]
    return sorted(found, key=lambda one: (one.at, one.kind, one.source))


def _of_releases(book: ContractBook) -> Iterator[Difference]:
    by_hand = _by_hand(book)
    released = 0
    for one in _in_order(book.released):
        released += one.amount_fen
        if one.event in by_hand:
            yield _release("manual_release", "yellow", book, one, one.amount_fen)
        elif book.contract_no is None:
            yield _release("no_contract", "red", book, one, one.amount_fen)
        elif book.terms is None:
            yield _release("release_not_filed", "red", book, one, one.amount_fen)
        elif book.by_lessons is not None:
            yield from _out_of_step(book, one, released)


def _out_of_step(book: ContractBook, one: Released, released: int) -> Iterator[Difference]:
    """Compare all that was released up to here with all that had been consumed by then."""
    then = [lesson for lesson in book.taught if lesson.consumed_at <= one.occurred_at]
    excess = _excess(book, released, then)
    if excess <= 0:
        return
    # What has been taught since makes it early; what has not, too much.
    still = _excess(book, released, book.taught)
    if still > 0:
        fen = min(still, one.amount_fen)
        yield _release("released_more_than_consumed", "red", book, one, fen)
    else:
        fen = min(excess, one.amount_fen)
        yield _release("released_before_lesson", "yellow", book, one, fen)


def _excess(book: ContractBook, released: int, taught: Sequence[Taught]) -> int:
    excess = released - book.value_fen(sum(one.lessons for one in taught))
    return excess if excess > ROUNDING_FEN * len(taught) else 0


def _by_hand(book: ContractBook) -> set[str]:
    """Return the releases that carry out an approved one: the first of its amount after it."""
    found: set[str] = set()
    for approved in sorted(book.approved, key=lambda one: (one.approved_at, one.id)):
        for one in _in_order(book.released):
            fits = one.amount_fen == approved.amount_fen and one.occurred_at >= approved.approved_at
            if fits and one.event not in found:
                found.add(one.event)
                break
    return found


def _of_lessons(book: ContractBook) -> Iterator[Difference]:
    consumed = 0
    for one in sorted(book.taught, key=lambda lesson: (lesson.consumed_at, lesson.lesson)):
        consumed += one.lessons
        if book.terms is None:
            yield _lesson("lesson_not_filed", "yellow", book, one, 0)
        elif book.by_lessons is not None and _beyond(book, book.by_lessons, consumed):
            yield _lesson("lesson_beyond_contract", "red", book, one, 0)


def _beyond(book: ContractBook, terms: Terms, consumed: int) -> bool:
    if consumed > terms.lessons:
        return True
    left = terms.price_fen - book.refunded_fen
    rounding = ROUNDING_FEN * (consumed // 100)
    return book.refunded_fen > 0 and book.value_fen(consumed) > left + rounding


def _late(book: ContractBook, deadlines: Deadlines) -> Iterator[Difference]:
    """Give the first lesson whose fee should have been released by now and was not."""
    if book.by_lessons is None:
        return
    lessons, count = 0, 0
    for one in sorted(book.taught, key=lambda lesson: (lesson.consumed_at, lesson.lesson)):
        lessons, count = lessons + one.lessons, count + 1
        if not deadlines.passed(city_date(one.consumed_at)):
            return
        missing = book.value_fen(lessons) - book.released_fen - book.refunded_fen
        if missing > ROUNDING_FEN * count:
            yield _lesson("not_released_in_time", "yellow", book, one, missing)
            return


def _of_tellings(book: ContractBook) -> Iterator[Difference]:
    """Name what was told of a lesson more than once, otherwise, or against an objection."""
    for lesson in book.taught:
        at = lesson.consumed_at
        for one in lesson.twice:
            yield Difference("told_twice", "yellow", book.contract_no, at, 0, one)
        for one in lesson.otherwise:
            yield Difference("confirmed_otherwise", "yellow", book.contract_no, at, 0, one)
    for objection in book.objections:
        yield Difference("objected", "yellow", book.contract_no, objection.at, 0, objection.lesson)


def _of_refunds(book: ContractBook) -> Iterator[Difference]:
    """Hold what an institution says is consumed against the lessons that are known."""
    for one in book.stated if book.by_lessons is not None and book.taught else ():
        fen = abs(one.fen - book.consumed_until(one.asked_at))
        if fen > ROUNDING_FEN * len(book.taught):
            yield Difference(
                "refund_stated_otherwise", "yellow", book.contract_no, one.asked_at, fen, one.refund
            )


def _in_order(released: Sequence[Released]) -> list[Released]:
    return sorted(released, key=lambda one: (one.occurred_at, one.event))


def _release(
    kind: Kind, level: Literal["yellow", "red"], book: ContractBook, one: Released, fen: int
) -> Difference:
    return Difference(kind, level, book.contract_no, one.occurred_at, fen, one.event)


def _lesson(
    kind: Kind, level: Literal["yellow", "red"], book: ContractBook, one: Taught, fen: int
) -> Difference:
    return Difference(kind, level, book.contract_no, one.consumed_at, fen, one.lesson)
