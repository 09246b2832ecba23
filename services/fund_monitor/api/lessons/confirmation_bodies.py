"""Bodies of lesson confirmations: how lessons are stated and answered, and how they are read."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from services.fund_monitor.app.lessons.state_lessons import silence_ends
from services.fund_monitor.app.lessons.weigh_statements import Stated, Statement
from services.fund_monitor.domain.lessons.confirmation import LessonConfirmation, State
from services.fund_monitor.domain.lessons.lesson_silence import Counting
from services.fund_monitor.domain.lessons.lessons import LESSON
from services.fund_monitor.store.lessons.confirmations import ConfirmationFile
from shared.contracts.bank import Lessons, Moment, Number
from shared.contracts.registry import InstitutionId
from shared.errors import Refusal
from shared.plain_text import ONE_LINE
from shared.problem import Problem, problem_of
from shared.working_days import WorkingDays

MOST_STATEMENTS = 200
MOST_OF_ONE = 10
"""Lessons of one statement: a pupil takes no more at once."""
Reason = Annotated[str, Field(min_length=1, max_length=500, pattern=ONE_LINE, description="事由")]


class LessonStatement(BaseModel):
    """A lesson that was taken: of one contract, or of all contracts of a held session."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    reference: Number = Field(description="报送方自己的编号，重发时不变")
    contract_no: Number | None = Field(default=None, description="不填为该课次上课记录中的全部合同")
    session_id: InstitutionId | None = Field(
        default=None, description="对应的课次；与上课记录为同一课，不重复计"
    )
    started_at: Moment | None = None
    ended_at: Moment | None = Field(default=None, description="填写课次的，起止时间可以不填")
    lessons: Lessons = Field(default="1.00", description="课时数，最多10.00")

    @model_validator(mode="after")
    def _says_what_it_is_of(self) -> Self:
        if self.session_id is None and self.contract_no is None:
            raise ValueError("须填写合同编号或课次")
        if (self.started_at is None) != (self.ended_at is None):
            raise ValueError("起止时间须同时填写")
        if self.session_id is None and self.started_at is None:
            raise ValueError("没有课次的，须填写起止时间")
        if not 0 < Decimal(self.lessons) <= MOST_OF_ONE:
            raise ValueError(f"课时数须大于0，不超过{MOST_OF_ONE}")
        return self

    def statement(self, institution_id: str) -> Statement:
        """Return the statement with a digest of what it says, however it was written."""
        said = self.model_dump_json(exclude_none=True, include=set(LessonStatement.model_fields))
        return Statement(
            reference=self.reference,
            told=hashlib.sha256(f"{institution_id}|{said}".encode()).hexdigest(),
            institution_id=institution_id,
            contract_no=self.contract_no,
            session_id=self.session_id,
            started_at=self.started_at,
            ended_at=self.ended_at,
            lessons=int(Decimal(self.lessons) * LESSON),
        )


class LessonStatements(BaseModel):
    """Lessons of one institution, each taken or refused for itself."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    institution_id: InstitutionId
    confirmations: list[LessonStatement] = Field(min_length=1, max_length=MOST_STATEMENTS)


class PlatformLessonStatement(LessonStatement):
    """A lesson as a platform states it, with the institution whose contract it is."""

    institution_id: InstitutionId


class PlatformLessonStatements(BaseModel):
    """A request of a platform. Every statement is checked for itself."""

    confirmations: list[PlatformLessonStatement] = Field(min_length=1, max_length=MOST_STATEMENTS)


class StatedConfirmation(BaseModel):
    """One confirmation that a statement stands for."""

    confirmation_id: str
    contract_no: str
    state: State


class LessonStatementResult(BaseModel):
    """What became of one statement."""

    index: int
    status: Literal["stated", "duplicate", "refused"]
    confirmations: list[StatedConfirmation] = Field(default_factory=list)
    problem: Problem | None = None


class LessonStatementResults(BaseModel):
    """One result per statement, in the order of the request."""

    results: list[LessonStatementResult]


class LessonAnswer(BaseModel):
    """Why the student's side objects, or a sender takes a statement back."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    reason: Reason


class LessonConfirm(BaseModel):
    """The student's side says that the lesson was taken."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    reason: Reason | None = None


class LessonDecision(BaseModel):
    """What the competent department decides after an objection."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    taken: Annotated[bool, Field(strict=True, description="课时是否已消耗")]
    reason: Reason


class ConfirmationView(BaseModel):
    """A confirmation as it stands; ``silence_ends_at`` is told while silence runs."""

    confirmation_id: str
    sender: str
    reference: str
    institution_id: str
    contract_no: str
    session_id: str | None = None
    started_at: datetime
    ended_at: datetime
    lessons: str
    stated_at: datetime
    state: State
    by_silence: bool
    counts_from: datetime | None = None
    silence_source: str
    silence_days: int
    silence_counting: Counting
    silence_ends_at: datetime | None = None
    provisional: bool | None = Field(
        default=None, description="所需年份的放假通知尚未载入，期限为估计，不会自动确认"
    )


class ConfirmationStepView(BaseModel):
    """One thing that was said of a confirmation."""

    state: State
    at: datetime
    by_role: str
    by_office: str | None = None
    reason: str | None = None


class ConfirmationFileView(BaseModel):
    """A confirmation with its history, the first step first."""

    confirmation: ConfirmationView
    steps: list[ConfirmationStepView]


class ConfirmationPage(BaseModel):
    """A page of confirmations, those stated last first."""

    confirmations: list[ConfirmationView]
    next_cursor: str | None = None


def results_view(found: Sequence[Stated | Refusal | Problem]) -> LessonStatementResults:
    """Return what became of statements, in their order."""
    return LessonStatementResults(results=[_result(place, one) for place, one in enumerate(found)])


def confirmation_view(one: LessonConfirmation, calendar: WorkingDays) -> ConfirmationView:
    """Return a confirmation as it is read."""
    plain = {
        name: getattr(one, name) for name in ConfirmationView.model_fields if hasattr(one, name)
    }
    view = ConfirmationView(
        **plain | {"lessons": f"{one.lessons // LESSON}.{one.lessons % LESSON:02d}"},
        confirmation_id=one.id,
    )
    if one.state != "stated":
        return view
    ends = silence_ends(one.silence_from, one.silence_days, one.silence_counting, calendar)
    return view.model_copy(update={"silence_ends_at": ends.at, "provisional": ends.provisional})


def file_view(found: ConfirmationFile, calendar: WorkingDays) -> ConfirmationFileView:
    """Return a confirmation with its steps as they are read."""
    return ConfirmationFileView(
        confirmation=confirmation_view(found.confirmation, calendar),
        steps=[
            ConfirmationStepView.model_validate(step, from_attributes=True) for step in found.steps
        ],
    )


def _result(index: int, found: Stated | Refusal | Problem) -> LessonStatementResult:
    if isinstance(found, Stated):
        stated = [
            StatedConfirmation(confirmation_id=one.id, contract_no=one.contract_no, state=one.state)
            for one in found.confirmations
        ]
        return LessonStatementResult(index=index, status=found.step, confirmations=stated)
    told = problem_of(found) if isinstance(found, Refusal) else found
    return LessonStatementResult(index=index, status="refused", problem=told)
