"""How a request is shown: to offices, and to its recipient without persons and other offices."""

from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from shared.takedown.model import Outcome, ProofKind, Round, State, StepKind, Takedown
from shared.working_days import WorkingDays


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
