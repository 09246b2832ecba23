"""A contract on the wire: as it is filed, and as it is read."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from services.fund_monitor.domain.contracts.contract import Instalment, TrainingContract
from services.fund_monitor.domain.contracts.filing import (
    MOST_COOLING_OFF_DAYS,
    MOST_INSTALMENTS,
    MOST_MINUTES,
    MOST_PUPILS,
    Filed,
)
from services.fund_monitor.domain.contracts.student import Identification, IdKind, fault_of
from services.fund_monitor.domain.lessons.contract_book import ContractBook
from services.fund_monitor.domain.lessons.lessons import lessons_text
from services.fund_monitor.store.contracts.contracts import FiledContract, contract_fields
from shared.contracts.bank import Day, Fen, Lessons, Number, StudentRef, Text
from shared.contracts.registry import InstitutionId, Stage, TeachingMode


class StudentIn(BaseModel):
    """Who a student is; digested at once, and kept nowhere."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    kind: IdKind = Field(description="id_card 身份证，student_no 学籍号，other 其他证件")
    number: Annotated[str, Field(min_length=4, max_length=32, pattern=r"^[^\x00-\x1f\x7f]+$")]
    name: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f]+$")]

    @field_validator("number")
    @classmethod
    def _may_be_of_its_kind(cls, number: str, told: ValidationInfo) -> str:
        kind = told.data.get("kind")
        if kind is not None and (fault := fault_of(kind, number)):
            raise ValueError(fault)
        return number

    def identification(self) -> Identification:
        """Return what is digested."""
        return Identification(self.kind, self.number, self.name)


class InstalmentBody(BaseModel):
    """One part of the price, and the day it is due."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    due_on: Day
    amount_fen: Fen


class ContractBody(BaseModel):
    """What the model contract says of money; ``period_until`` is the last day of service."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    contract_no: Number
    subject: Text = Field(examples=["数学"])
    course_kind: Literal["subject", "non_subject"] = Field(description="学科类或非学科类")
    mode: TeachingMode
    stage: Stage
    class_size: Annotated[int, Field(strict=True, ge=1, le=MOST_PUPILS, description="班级人数")]
    lesson_minutes: Annotated[
        int, Field(strict=True, ge=1, le=MOST_MINUTES, description="每课时分钟数")
    ]
    lessons: Lessons | None = None
    period_from: Day | None = None
    period_until: Day | None = None
    price_fen: Fen
    signed_on: Day
    starts_on: Day
    instalments: Annotated[list[InstalmentBody], Field(max_length=MOST_INSTALMENTS)] = Field(
        default_factory=list
    )
    supervision: Literal["custody", "risk_deposit", "post_paid"] = "custody"
    cooling_off_days: Annotated[int, Field(strict=True, ge=0, le=MOST_COOLING_OFF_DAYS)] = 7

    def contract(
        self, institution_id: str, student_ref: str, *, platform: str | None = None
    ) -> TrainingContract:
        """Return the contract as filed; its version is given when it is written."""
        return TrainingContract(
            institution_id=institution_id,
            student_ref=student_ref,
            version=0,
            lessons=None if self.lessons is None else Decimal(self.lessons),
            instalments=tuple(Instalment(one.due_on, one.amount_fen) for one in self.instalments),
            source="manual" if platform is None else "platform",
            platform=platform,
            **{name: getattr(self, name) for name in _AS_GIVEN},
        )


_AS_GIVEN = (
    "contract_no",
    "subject",
    "course_kind",
    "mode",
    "stage",
    "class_size",
    "lesson_minutes",
    "period_from",
    "period_until",
    "price_fen",
    "signed_on",
    "starts_on",
    "supervision",
    "cooling_off_days",
)


class ContractFiling(ContractBody):
    """A contract to be filed, with its student's reference or with who the student is."""

    institution_id: InstitutionId
    student_ref: StudentRef | None = None
    student: StudentIn | None = None

    @model_validator(mode="after")
    def _one_student(self) -> Self:
        if (self.student_ref is None) == (self.student is None):
            raise ValueError("student_ref 与 student 须填写且只填写一个")
        return self


class InstalmentView(BaseModel):
    """One part of the price, and the day it is due."""

    due_on: str
    amount_fen: int


class ContractView(BaseModel):
    """One version of a filed contract."""

    institution_id: str
    contract_no: str
    version: int
    student_ref: str | None = None
    subject: str
    course_kind: str
    mode: str
    stage: str
    class_size: int
    lesson_minutes: int
    lessons: str | None = None
    period_from: str | None = None
    period_until: str | None = None
    price_fen: int
    signed_on: str
    starts_on: str
    instalments: list[InstalmentView]
    supervision: str
    cooling_off_days: int
    source: Literal["platform", "manual"]
    platform: str | None = None
    filed_at: datetime | None = None


class FiledView(BaseModel):
    """What a filing has become; ``changed`` is a new version of what was filed before."""

    status: Literal["filed", "changed", "duplicate"]
    contract: ContractView


class SumsOfContract(BaseModel):
    """What a contract was paid, released and refunded over all accounts of its institution."""

    paid_fen: int = 0
    released_fen: int = 0
    refunded_fen: int = 0
    returned_fen: int = 0


class ConsumptionView(BaseModel):
    """What of a contract is consumed: by lessons that are known, else by what was released.

    ``unconsumed_fen`` is what was paid and is neither consumed nor refunded, never below zero.
    """

    basis: Literal["lessons", "releases"]
    consumed_lessons: str | None = None
    consumed_fen: int
    unconsumed_fen: int


class ContractFile(BaseModel):
    """A contract with its versions, the newest first, and its position in the books."""

    versions: list[ContractView]
    position: SumsOfContract
    consumption: ConsumptionView


class ContractPage(BaseModel):
    """A page of contracts by number."""

    contracts: list[ContractView]
    next_cursor: str | None = None


def consumption_view(sums: SumsOfContract, book: ContractBook | None) -> ConsumptionView:
    """Return what of a contract is consumed; without a book no lesson of it is known."""
    consumed = sums.released_fen if book is None else book.early_fen + book.consumed_fen
    kept = sums.paid_fen - sums.refunded_fen + sums.returned_fen
    return ConsumptionView(
        basis="releases" if book is None else "lessons",
        consumed_lessons=None if book is None else lessons_text(book.consumed),
        consumed_fen=consumed,
        unconsumed_fen=max(0, kept - consumed),
    )


def contract_view(contract: TrainingContract, filed_at: datetime | None = None) -> ContractView:
    """Return a contract as it is read."""
    return ContractView(**contract_fields(contract), filed_at=filed_at)


def version_view(filed: FiledContract) -> ContractView:
    """Return a kept version as it is read."""
    return contract_view(filed.contract, filed.filed_at)


def filed_view(filed: Filed) -> FiledView:
    """Return what a filing has become."""
    return FiledView(status=filed.step, contract=contract_view(filed.contract))
