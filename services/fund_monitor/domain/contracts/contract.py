"""A training contract as it was filed: what the model contract GF-2021-2604 says about money."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

CourseKind = Literal["subject", "non_subject"]
Mode = Literal["offline", "online"]
Stage = Literal["preschool", "compulsory", "senior_secondary"]
Supervision = Literal["custody", "risk_deposit", "post_paid"]
Source = Literal["platform", "manual"]
"""Where a contract's data come from: a platform's data win over what was entered by hand."""


@dataclass(frozen=True, slots=True)
class Instalment:
    """One part of the price, in fen, and the day it is due."""

    due_on: date
    amount_fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingContract:
    """One filed contract in one version. A contract's number is unique within its institution.

    ``lessons`` is what is bought in lessons of ``lesson_minutes``; ``period_until`` is the last day
    of service, inclusive. One of the two ways of charging is always there, and both may be.
    """

    institution_id: str
    contract_no: str
    version: int
    student_ref: str
    subject: str
    course_kind: CourseKind
    mode: Mode
    stage: Stage
    class_size: int
    lesson_minutes: int
    lessons: Decimal | None
    period_from: date | None
    period_until: date | None
    price_fen: int
    signed_on: date
    starts_on: date
    instalments: tuple[Instalment, ...] = ()
    supervision: Supervision = "custody"
    cooling_off_days: int = 7
    source: Source = "manual"
    platform: str | None = None
