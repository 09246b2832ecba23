"""Pupils of a healthy institution: what they order, how it is taught, and what goes wrong."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from deploy.demo.sample.model import Account, Booking
from deploy.demo.sample.term import LAST_MOMENT, day_between, moment

_BASE32 = "abcdefghijklmnopqrstuvwxyz234567"
_LESSONS = (8, 12, 16, 20, 24, 30, 36, 40, 48, 60)
_PUPIL_LESSONS = 60
_PUPIL_WEEKS = 12
"""What one pupil orders in the term keeps the limits for one order even when it is added up."""
_ANONYMOUS_SHARE = 0.05
_SECOND_ORDER_SHARE = 0.3
_REFUND_SHARE = 0.06
_RETURNED_SHARE = 0.3
_MISTAKE_SHARE = 0.03
_WRONG_RELEASE_SHARE = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Lessons ordered with one contract, taught in equal weeks."""

    account: Account
    contract_no: str
    student_ref: str | None
    lessons: int
    price_fen: int
    paid_on: date
    weeks: int

    @property
    def period_from(self) -> date:
        return self.paid_on + timedelta(days=2)

    @property
    def period_until(self) -> date:
        return self.period_from + timedelta(weeks=self.weeks)


def student_ref(rng: Random) -> str:
    """Return a pseudonymous reference to a pupil."""
    return "stu_" + "".join(rng.choices(_BASE32, k=26))


def contract_no(rng: Random) -> str:
    """Return a number of a service contract."""
    return f"HT2026-{rng.randrange(10**9):09d}"


def pupil_bookings(rng: Random, account: Account, *, first: date, until: date) -> list[Booking]:
    """Return what one pupil's orders bring into an account's books between two days."""
    pupil = None if rng.random() < _ANONYMOUS_SHARE else student_ref(rng)
    order = _order(rng, account, pupil, paid_on=day_between(rng, first, until))
    if rng.random() < _MISTAKE_SHARE and order.lessons * 2 <= _PUPIL_LESSONS:
        return [*_mistaken_payment(rng, order), *_order_bookings(rng, order, until=until)]
    bookings = _order_bookings(rng, order, until=until)
    if rng.random() < _SECOND_ORDER_SHARE:
        bookings += _second_order(rng, order, until=until)
    return bookings


def deposit(rng: Random, order: Order) -> Booking:
    """Return the payment of an order."""
    course = "subject" if order.account.institution.kind == "subject" else "non_subject"
    return Booking(
        account=order.account,
        type="deposit",
        at=moment(rng, order.paid_on),
        fields={
            "amount_fen": order.lessons * order.price_fen,
            **_references(order),
            "lessons": f"{order.lessons}.00",
            "period_from": order.period_from.isoformat(),
            "period_until": order.period_until.isoformat(),
            "course_kind": course,
        },
    )


def _order(rng: Random, account: Account, pupil: str | None, *, paid_on: date) -> Order:
    return Order(
        account=account,
        contract_no=contract_no(rng),
        student_ref=pupil,
        lessons=rng.choice(_LESSONS),
        price_fen=rng.randrange(60, 160) * 100,
        paid_on=paid_on,
        weeks=rng.randint(4, 8),
    )


def _references(order: Order) -> dict[str, str]:
    pupil = {} if order.student_ref is None else {"student_ref": order.student_ref}
    return {"contract_no": order.contract_no, **pupil}


def _second_order(rng: Random, first: Order, *, until: date) -> list[Booking]:
    order = replace(
        _order(rng, first.account, first.student_ref, paid_on=first.period_until),
        weeks=_PUPIL_WEEKS - first.weeks,
    )
    if order.paid_on > until or first.lessons + order.lessons > _PUPIL_LESSONS:
        return []
    return _order_bookings(rng, order, until=until)


def _order_bookings(rng: Random, order: Order, *, until: date) -> list[Booking]:
    bookings = [deposit(rng, order)]
    refunded_after = rng.randrange(order.weeks) if rng.random() < _REFUND_SHARE else order.weeks
    left = order.lessons
    for week in range(order.weeks):
        day = order.period_from + timedelta(weeks=week, days=rng.randrange(6))
        if day > until:
            break
        if week >= refunded_after:
            return bookings + _refund(rng, order, left, day)
        taught = left // (order.weeks - week)
        left -= taught
        bookings += _release(rng, order, taught, day)
    return bookings


def _release(rng: Random, order: Order, lessons: int, day: date) -> list[Booking]:
    release = Booking(
        account=order.account,
        type="release",
        at=moment(rng, day),
        fields={
            "amount_fen": lessons * order.price_fen,
            **_references(order),
            "lessons": f"{lessons}.00",
            "payee_class": "own_settlement",
        },
    )
    if rng.random() < _WRONG_RELEASE_SHARE:
        return [release, reversal(rng, release)]
    return [release]


def _refund(rng: Random, order: Order, lessons: int, day: date) -> list[Booking]:
    fields: dict[str, str | int] = {"amount_fen": lessons * order.price_fen, **_references(order)}
    to_pupil = {**fields, "payee_class": "student"}
    refund = Booking(
        account=order.account, type="refund", at=moment(rng, day), fields=dict(to_pupil)
    )
    again = refund.at + timedelta(days=3)
    if again > LAST_MOMENT or rng.random() >= _RETURNED_SHARE:
        return [refund]
    # The pupil's card was closed: the money came back and went out once more.
    returned = refund.at + timedelta(days=1)
    return [
        refund,
        Booking(account=order.account, type="refund_returned", at=returned, fields=fields),
        Booking(account=order.account, type="refund", at=again, fields=to_pupil),
    ]


def _mistaken_payment(rng: Random, order: Order) -> list[Booking]:
    mistaken = deposit(rng, order)
    return [mistaken, reversal(rng, mistaken)]


def reversal(rng: Random, original: Booking) -> Booking:
    """Return the reversal of a booking, at once or some days later."""
    later = timedelta(days=rng.choice((0, 0, 1, 2, 5)), minutes=rng.randrange(5, 300))
    return Booking(
        account=original.account,
        type="reversal",
        at=min(original.at + later, LAST_MOMENT),
        fields={"amount_fen": original.amount_fen},
        reverses=original,
    )
