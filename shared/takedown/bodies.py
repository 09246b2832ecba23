"""What people and recipients send about a request, and how it is shown to them."""

from datetime import UTC, datetime
from typing import Annotated, Any, TypeAlias

from pydantic import (
    AnyHttpUrl,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    UrlConstraints,
    model_validator,
)

from shared.plain_text import ONE_LINE
from shared.takedown.changes import Check
from shared.takedown.desk import Said
from shared.takedown.model import (
    Outcome,
    Proof,
    ProofKind,
    Round,
    State,
    StepKind,
    Takedown,
)
from shared.working_days import WorkingDays

MOST_PROOFS = 20
Line: TypeAlias = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=ONE_LINE),
]
Text: TypeAlias = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2_000)
]
Url: TypeAlias = Annotated[AnyHttpUrl, UrlConstraints(max_length=500)]


class ProofBody(BaseModel):
    """One piece of proof: a file by the SHA-256 of its bytes, a kept snapshot, or words."""

    model_config = ConfigDict(extra="forbid")

    kind: ProofKind = Field(description="file 文件摘要、snapshot 快照编号、text 文字说明")
    name: Line
    sha256: str | None = Field(default=None, pattern=r"^[0-9a-f]{64}$")
    reference: Line | None = None
    text: Text | None = None

    @model_validator(mode="after")
    def _tells_what_its_kind_needs(self) -> "ProofBody":
        told = {"file": self.sha256, "snapshot": self.reference, "text": self.text}
        if told.pop(self.kind) is None or any(value is not None for value in told.values()):
            raise ValueError("file 须且只须填 sha256，snapshot 填 reference，text 填 text")
        return self

    def proof(self) -> Proof:
        return Proof(**self.model_dump())


Proofs: TypeAlias = Annotated[list[ProofBody], Field(max_length=MOST_PROOFS)]


class AnswerBody(BaseModel):
    """What the recipient says: done with its proof, or refused with its reason."""

    model_config = ConfigDict(extra="forbid")

    outcome: Outcome
    text: Text
    proofs: Proofs = []

    def said(self) -> Said:
        return Said(
            outcome=self.outcome,
            text=self.text,
            proofs=tuple(one.proof() for one in self.proofs),
        )


class PaperAnswerBody(AnswerBody):
    """An answer that came on paper, entered by staff with the papers' digests."""

    said_at: AwareDatetime | None = Field(default=None, description="何时收到对方答复，缺省为现在")

    def said(self) -> Said:
        return Said(
            outcome=self.outcome,
            text=self.text,
            proofs=tuple(one.proof() for one in self.proofs),
            said_at=self.said_at,
        )


class OwnAcknowledgement(BaseModel):
    """The recipient has received a request; the signed bytes name it."""

    model_config = ConfigDict(extra="forbid")

    takedown_id: Annotated[str, Field(max_length=64)]


class OwnAnswerBody(AnswerBody):
    """The recipient's own answer; the signed bytes name the request."""

    takedown_id: Annotated[str, Field(max_length=64)]


class RecheckBody(BaseModel):
    """What was found when somebody looked again."""

    model_config = ConfigDict(extra="forbid")

    passed: bool
    note: Text
    proofs: Proofs = []

    def check(self) -> Check:
        return Check(
            passed=self.passed,
            note=self.note,
            proofs=tuple(one.proof() for one in self.proofs),
        )


class WithdrawalBody(BaseModel):
    """Why a request is taken back."""

    model_config = ConfigDict(extra="forbid")

    reason: Text


class _Shown(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class ProofView(_Shown):
    """One piece of proof."""

    kind: ProofKind
    name: str
    sha256: str | None
    reference: str | None
    text: str | None


class TakedownGroundView(_Shown):
    """A finding on which the request rests."""

    kind: str
    rule: str
    title: str
    article: str
    origin: str = Field(description="Seed 方案、L 法律、S 公开网页；G、P 不是法律依据。")
    says: str


class CitedTakedownGroundView(TakedownGroundView):
    """A finding with where it stands, for offices."""

    reference: str


class TakedownRecipientView(_Shown):
    """Who is asked."""

    kind: str
    code: str | None
    name: str
    contact: str | None


class TakedownThingView(_Shown):
    """What is to be taken down."""

    kind: str
    title: str
    url: str | None
    marks: dict[str, str]


class HandView(_Shown):
    """Who did something."""

    role: str
    office: str | None
    person: str | None


class TakedownAnswerView(_Shown):
    """What the recipient said."""

    outcome: Outcome
    text: str
    proofs: list[ProofView]
    said_at: datetime


class EnteredAnswerView(TakedownAnswerView):
    """What the recipient said, and who entered it."""

    entered_at: datetime
    by: HandView


class OwnRecheckView(_Shown):
    """What was found afterwards."""

    passed: bool
    note: str
    checked_at: datetime


class TakedownRecheckView(OwnRecheckView):
    """What was found afterwards, by whom, and from what."""

    proofs: list[ProofView]
    evidence: list[str]
    by: HandView


class _RoundOf(BaseModel):
    number: int
    opened_at: datetime
    article: str
    due_at: datetime
    due_provisional: bool = Field(description="该年放假通知尚未载入，期限可能变动，届时不作逾期。")
    acknowledged_at: datetime | None
    overdue_at: datetime | None


class OwnRoundView(_RoundOf):
    """One time that the recipient is asked."""

    answer: TakedownAnswerView | None
    rechecks: list[OwnRecheckView]


class TakedownRoundView(_RoundOf):
    """One time that the recipient is asked, for offices."""

    answer: EnteredAnswerView | None
    rechecks: list[TakedownRecheckView]


class TakedownStepView(_Shown):
    """One line of the history."""

    kind: StepKind
    at: datetime
    by: HandView
    note: str | None


class _TakedownOf(BaseModel):
    takedown_id: str
    version: int
    state: State
    overdue: bool
    thing: TakedownThingView
    measure: str
    demand: str
    proofs: list[ProofView]
    issuer: str


class OwnTakedownView(_TakedownOf):
    """A request as its recipient sees it: no persons, no other offices."""

    grounds: list[TakedownGroundView]
    rounds: list[OwnRoundView]


class TakedownView(_TakedownOf):
    """A request as offices see it."""

    recipient: TakedownRecipientView
    parties: list[str]
    term: str
    found_again: bool
    grounds: list[CitedTakedownGroundView]
    rounds: list[TakedownRoundView]
    steps: list[TakedownStepView]


class OwnTakedownPage(BaseModel):
    """What a recipient is asked, newest first."""

    takedowns: list[OwnTakedownView]
    next_cursor: str | None = None


class TakedownPage(BaseModel):
    """Requests, newest first."""

    takedowns: list[TakedownView]
    next_cursor: str | None = None


def takedown_view(takedown: Takedown, calendar: WorkingDays) -> TakedownView:
    """Show a request to an office that has a part in it."""
    return TakedownView(
        **_told(takedown),
        recipient=TakedownRecipientView.model_validate(takedown.recipient),
        parties=list(takedown.parties),
        term=takedown.term,
        found_again=takedown.found_again,
        grounds=[CitedTakedownGroundView.model_validate(one) for one in takedown.grounds],
        rounds=[
            TakedownRoundView(
                **_round(one, calendar),
                answer=None if one.answer is None else EnteredAnswerView.model_validate(one.answer),
                rechecks=[TakedownRecheckView.model_validate(check) for check in one.rechecks],
            )
            for one in takedown.rounds
        ],
        steps=[TakedownStepView.model_validate(one) for one in takedown.steps],
    )


def own_view(takedown: Takedown, calendar: WorkingDays) -> OwnTakedownView:
    """Show a request to its recipient."""
    return OwnTakedownView(
        **_told(takedown),
        grounds=[TakedownGroundView.model_validate(one) for one in takedown.grounds],
        rounds=[
            OwnRoundView(
                **_round(one, calendar),
                answer=None
                if one.answer is None
                else TakedownAnswerView.model_validate(one.answer),
                rechecks=[OwnRecheckView.model_validate(check) for check in one.rechecks],
            )
            for one in takedown.rounds
        ],
    )


def _told(takedown: Takedown) -> dict[str, Any]:
    return {
        "takedown_id": takedown.id,
        "version": takedown.version,
        "state": takedown.state,
        "overdue": takedown.overdue,
        "thing": TakedownThingView.model_validate(takedown.thing),
        "measure": takedown.measure,
        "demand": takedown.demand,
        "proofs": [ProofView.model_validate(one) for one in takedown.proofs],
        "issuer": takedown.issuer,
    }


def _round(one: Round, calendar: WorkingDays) -> dict[str, Any]:
    deadline = one.due(calendar)
    return {
        "number": one.number,
        "opened_at": one.opened_at,
        "article": one.article,
        "due_at": deadline.at.astimezone(UTC),
        "due_provisional": deadline.provisional,
        "acknowledged_at": one.acknowledged_at,
        "overdue_at": one.overdue_at,
    }
