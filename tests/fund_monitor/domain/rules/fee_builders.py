"""Contracts and payments as the tests of fee rules need them."""

from datetime import date, timedelta
from decimal import Decimal

from services.fund_monitor.domain.contracts.contract import TrainingContract
from services.fund_monitor.domain.fees.fee_rules import FeeBook
from services.fund_monitor.domain.rules.fee_collections import (
    Collection,
    Payment,
    bought,
    collections,
)

SIGNED = date(2026, 3, 2)


def a_contract(number: str = "C1", **more: object) -> TrainingContract:
    fields: dict[str, object] = {
        "institution_id": "inst-1",
        "contract_no": number,
        "version": 1,
        "student_ref": "pupil-1",
        "subject": "数学",
        "course_kind": "non_subject",
        "mode": "offline",
        "stage": "compulsory",
        "class_size": 12,
        "lesson_minutes": 45,
        "lessons": Decimal(40),
        "period_from": None,
        "period_until": None,
        "price_fen": 400_000,
        "signed_on": SIGNED,
        "starts_on": SIGNED,
        **more,
    }
    return TrainingContract(**fields)  # type: ignore[arg-type]


def a_payment(fen: int, *, day: date = SIGNED, contract: str = "C1", days: int = 0) -> Payment:
    paid_on = day + timedelta(days=days)
    return Payment(f"{contract}@{paid_on}:{fen}", contract, paid_on, fen)


def collected(
    *contracts: TrainingContract, paid: list[Payment] | None = None, book: FeeBook | None = None
) -> list[Collection]:
    """Return the collections of some contracts; without payments each is paid on signing."""
    known = book or FeeBook()
    by_number = {one.contract_no: one for one in contracts}
    payments = paid or [
        a_payment(one.price_fen, day=one.signed_on, contract=one.contract_no) for one in contracts
    ]
    return collections(bought(by_number, payments, known), known)
