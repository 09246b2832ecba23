"""What a pupil is charged at once in one subject: split contracts and top-ups are one collection.

Nothing is rounded: shares are fractions, so that no way of splitting a sum gains anything by it.
"""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from math import ceil, floor

from services.fund_monitor.domain.contracts.contract import TrainingContract
from services.fund_monitor.domain.fees.fee_rules import FeeBook, LessonCount
from services.fund_monitor.domain.rules.fee_cards import UNIT_MINUTES


@dataclass(frozen=True, slots=True)
class Payment:
    """Money that comes in, or by the contract is to come in, for a contract on a city day."""

    identity: str
    contract_no: str
    day: date
    fen: int


@dataclass(frozen=True, slots=True)
class Bought:
    """What one payment buys of its contract: lessons, and the price from where to where."""

    payment: Payment
    contract: TrainingContract
    lessons: Fraction | None
    paid_before_fen: int

    @property
    def paid_until_fen(self) -> int:
        return self.paid_before_fen + self.payment.fen


@dataclass(frozen=True, slots=True)
class Collection:
    """The payments of at most so many days, the last of which is ``day``."""

    parts: tuple[Bought, ...]

    @property
    def day(self) -> date:
        return self.parts[-1].payment.day

    @property
    def fen(self) -> int:
        return sum(part.payment.fen for part in self.parts)

    @property
    def lessons(self) -> Fraction:
        return sum((part.lessons for part in self.parts if part.lessons), Fraction(0))

    @property
    def span(self) -> tuple[date, date] | None:
        """The first and the last day of all periods paid for at once, gaps included."""
        # Parts of one contract are put together before days are counted: a sum split into
        # pieces smaller than a day would lose them.
        by_contract: dict[str, list[Bought]] = {}
        for part in self.parts:
            by_contract.setdefault(part.contract.contract_no, []).append(part)
        spans = [
            span
            for some in by_contract.values()
            if (
                span := _covered(some[0].contract, some[0].paid_before_fen, some[-1].paid_until_fen)
            )
        ]
        return (min(s[0] for s in spans), max(s[1] for s in spans)) if spans else None

    @property
    def identities(self) -> tuple[str, ...]:
        return tuple(sorted({part.payment.identity for part in self.parts}))


def counted_lessons(contract: TrainingContract, count: LessonCount) -> Fraction | None:
    """Return a contract's lessons as they are counted: as sold, or in standard lessons."""
    if contract.lessons is None:
        return None
    sold = Fraction(contract.lessons)
    if count == "lessons":
        return sold
    return sold * contract.lesson_minutes / UNIT_MINUTES[contract.mode]


def planned(contracts: Iterable[TrainingContract]) -> list[Payment]:
    """Return what contracts say will be paid: their instalments, else all of it on signing.

    What is paid after the lessons is never collected in advance.
    """
    return [
        Payment(f"contract:{contract.contract_no}", contract.contract_no, day, fen)
        for contract in contracts
        if contract.supervision != "post_paid"
        for day, fen in (
            [(one.due_on, one.amount_fen) for one in contract.instalments]
            or [(contract.signed_on, contract.price_fen)]
        )
    ]


def bought(
    contracts: Mapping[str, TrainingContract], payments: Iterable[Payment], book: FeeBook
) -> list[Bought]:
    """Return what payments buy, in the order of their days; later ones go on where others end."""
    paid: dict[str, int] = {}
    found: list[Bought] = []
    for payment in sorted(payments, key=lambda one: (one.day, one.identity)):
        contract = contracts[payment.contract_no]
        if contract.supervision == "post_paid" and payment.day >= contract.starts_on:
            continue
        before = paid.get(contract.contract_no, 0)
        paid[contract.contract_no] = before + payment.fen
        found.append(_bought(contract, payment, before, book.policy(payment.day).lesson_count))
    return found


def collections(parts: Sequence[Bought], book: FeeBook) -> list[Collection]:
    """Return the collection that each payment completes: it and all of the days before it."""
    window: deque[Bought] = deque()
    found: list[Collection] = []
    for part in parts:
        window.append(part)
        apart = timedelta(days=book.policy(part.payment.day).window_days)
        while part.payment.day - window[0].payment.day > apart:
            window.popleft()
        found.append(Collection(tuple(window)))
    return found


def _bought(
    contract: TrainingContract, payment: Payment, before: int, count: LessonCount
) -> Bought:
    lessons = counted_lessons(contract, count)
    share = _share(payment.fen, contract)
    return Bought(payment, contract, None if lessons is None else lessons * share, before)


def _covered(contract: TrainingContract, before: int, after: int) -> tuple[date, date] | None:
    """The days of the period that money covers, from its beginning on; only whole days count."""
    start, until = contract.period_from, contract.period_until
    if start is None or until is None:
        return None
    days = (until - start).days + 1
    skipped = ceil(days * min(_share(before, contract), Fraction(1)))
    covered = floor(days * min(_share(after, contract), Fraction(1)))
    if covered <= skipped:
        return None
    return start + timedelta(days=skipped), start + timedelta(days=covered - 1)


def _share(fen: int, contract: TrainingContract) -> Fraction:
    return Fraction(fen, max(contract.price_fen, 1))
