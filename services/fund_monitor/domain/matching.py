"""The three-way match of one contract: what was filed, what was taught, what the bank released.

Released money must follow held lessons in step and in proportion. Every difference has a name; it
is a difference whoever has applied for the release.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal

from services.fund_monitor.domain.lessons import value_fen
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
ROUNDING_FEN: Final = 1
"""A bank may round each lesson's fee for itself: by so much may it be off a lesson."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a filed contract says: its price, and its lessons in hundredths.

    One that is charged by period alone has none: no lesson of it has a price to hold money against.
    """

    price_fen: int
    lessons: int


@dataclass(frozen=True, slots=True)
class Taught:
    """One lesson that stays consumed, in hundredths of lessons."""

    lesson: str
    consumed_at: datetime
    lessons: int


@dataclass(frozen=True, slots=True)
class Released:
    """One posted release that stands."""

    event: str
    occurred_at: datetime
    amount_fen: int


@dataclass(frozen=True, slots=True)
class Approved:
    """One release by hand that a second person has approved."""

    id: str
    approved_at: datetime
    amount_fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractBook:
    """All that is known of one contract since its institution's lessons are known."""

    contract_no: str | None
    terms: Terms | None
    taught: Sequence[Taught] = ()
    released: Sequence[Released] = ()
    approved: Sequence[Approved] = ()
    refunded_fen: int = 0

    @property
    def by_lessons(self) -> Terms | None:
        """The terms of a contract whose lessons have a price."""
        return self.terms if self.terms is not None and self.terms.lessons > 0 else None

    @property
    def consumed(self) -> int:
        return sum(one.lessons for one in self.taught)

    @property
    def released_fen(self) -> int:
        return sum(one.amount_fen for one in self.released)

    @property
    def consumed_fen(self) -> int:
        return self.value_fen(self.consumed)

    def value_fen(self, lessons: int) -> int:
        """Return what so many hundredths of lessons are worth; nothing without a filed contract."""
        if self.terms is None:
            return 0
        return value_fen(lessons, price_fen=self.terms.price_fen, lessons=self.terms.lessons)


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
    found = [*_of_releases(book), *_of_lessons(book), *_late(book, deadlines)]
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
