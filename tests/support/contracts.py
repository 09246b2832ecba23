"""Contracts as institutions file them, for tests."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from services.fund_monitor.domain.contracts.contract import TrainingContract

INSTITUTION = "inst-1"
STUDENT = {"kind": "id_card", "number": "330481201501011240", "name": "王小禾"}
_CONTRACT = TrainingContract(
    institution_id=INSTITUTION,
    contract_no="C1",
    version=0,
    student_ref="stu_" + "a" * 26,
    subject="美术",
    course_kind="non_subject",
    mode="offline",
    stage="compulsory",
    class_size=10,
    lesson_minutes=45,
    lessons=Decimal("48.00"),
    period_from=None,
    period_until=None,
    price_fen=120_000,
    signed_on=date(2026, 3, 1),
    starts_on=date(2026, 3, 7),
)


def a_contract(**more: Any) -> TrainingContract:
    return replace(_CONTRACT, **more)


def a_contract_body(**more: object) -> dict[str, Any]:
    """Return the body of a contract without its institution and student."""
    return {
        "contract_no": "C1",
        "subject": "美术",
        "course_kind": "non_subject",
        "mode": "offline",
        "stage": "compulsory",
        "class_size": 10,
        "lesson_minutes": 45,
        "lessons": "48.00",
        "price_fen": 120_000,
        "signed_on": "2026-03-01",
        "starts_on": "2026-03-07",
        **more,
    }


def a_filing(**more: object) -> dict[str, Any]:
    body = {"institution_id": INSTITUTION, **a_contract_body()}
    if "student_ref" not in more:
        body["student"] = STUDENT
    return {**body, **more}
