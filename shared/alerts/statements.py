"""The institution's side (陈述申辩): heard within a clock, and answered before a finding stands."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import ClassVar

from shared.alerts.changes import (
    Change,
    require_lead,
    require_room,
    require_standing,
    told_to_all,
)
from shared.alerts.clocks import Reckoning, statement_deadline
from shared.alerts.history import Answer, Statement
from shared.alerts.model import Actor, Alert, Applicant
from shared.city_time import CITY_TIME, city_date
from shared.errors import Conflict, NotFound, Rejected
from shared.working_days import end_of


class InstitutionNotTold(Rejected):
    """No institution was told of this alert, so none states its case."""

    code: ClassVar[str] = "institution-not-told"
    title: ClassVar[str] = "该预警未告知机构"


class StatementTooLate(Rejected):
    """The clock for stating one's case has passed."""

    code: ClassVar[str] = "statement-too-late"
    title: ClassVar[str] = "陈述申辩期限已过"


class StatementDateRefused(Rejected):
    """A paper comes in after the institution was told, and not in the future."""

    code: ClassVar[str] = "statement-date-refused"
    title: ClassVar[str] = "收到书面陈述的日期不可接受"


class StatementNotFound(NotFound):
    """The alert has no such statement."""

    code: ClassVar[str] = "statement-not-found"
    title: ClassVar[str] = "没有这份陈述申辩"


class StatementAlreadyAnswered(Conflict):
    """A statement is answered once."""

    code: ClassVar[str] = "statement-already-answered"
    title: ClassVar[str] = "陈述申辩已经答复"


class StatementUnanswered(Rejected):
    """Nothing is upheld over a statement in time that nobody answered, without saying why."""

    code: ClassVar[str] = "statement-unanswered"
    title: ClassVar[str] = "机构的陈述申辩尚未答复"


class StatementClockRuns(Rejected):
    """Nothing is upheld while the institution may still state its case, without saying why."""

    code: ClassVar[str] = "statement-clock-runs"
    title: ClassVar[str] = "机构的陈述申辩期限尚未届满"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plea:
    """What is said for the institution; a paper has the day on which it came in."""

    id: str
    text: str
    received_on: date | None = None


def state_case(
    alert: Alert, plea: Plea, *, by: Actor | Applicant, now: datetime, reckoning: Reckoning
) -> Change | None:
    """Take in a statement in time; ``None`` when the same was filed before by the same."""
    office = by.office_in(alert) if isinstance(by, Actor) else None
    if same_statement(alert, plea.text, on_paper_at=office) is not None:
        return None
    require_standing(alert)
    received_at = _received_at(alert, plea, now=now)
    _require_in_time(alert, received_at, reckoning)
    require_room(alert.statements)
    statement = Statement(
        id=plea.id,
        text=plea.text,
        on_paper_at=office,
        filed_by=by.subject,
        filed_at=now,
        received_at=received_at,
    )
    after = replace(alert, statements=(*alert.statements, statement))
    return told_to_all("statement", alert, after, now=now)


def same_statement(alert: Alert, text: str, *, on_paper_at: str | None) -> Statement | None:
    """Return the statement that says the same by the same way."""
    return next(
        (it for it in alert.statements if (it.text, it.on_paper_at) == (text, on_paper_at)), None
    )


def answer_statement(
    alert: Alert, statement_id: str, text: str, *, by: Actor, now: datetime
) -> Change | None:
    """Answer a statement for the lead; ``None`` when the same was answered before."""
    require_lead(alert, by)
    statement = next((it for it in alert.statements if it.id == statement_id), None)
    if statement is None:
        raise StatementNotFound("该预警没有这个编号的陈述申辩。")
    if statement.answer is not None:
        if statement.answer.text == text:
            return None
        raise StatementAlreadyAnswered("该陈述申辩已经答复，答复不能改写。")
    answer = Answer(text=text, department=alert.lead, answered_by=by.subject, answered_at=now)
    answered = tuple(
        replace(it, answer=answer) if it is statement else it for it in alert.statements
    )
    return told_to_all("statement", alert, replace(alert, statements=answered), now=now)


def require_heard(alert: Alert, *, now: datetime, reckoning: Reckoning) -> None:
    """Refuse to uphold what the institution was told of and not yet heard about."""
    if any(it.answer is None for it in alert.statements):
        raise StatementUnanswered(
            "机构已按期陈述申辩而尚未答复：请先答复，或以 unanswered_reason 说明不答复的理由。"
        )
    deadline = statement_deadline(alert, reckoning)
    if deadline is not None and (deadline.provisional or now < deadline.at):
        raise StatementClockRuns(
            f"机构可陈述申辩至{_day(deadline.at)}：请届满后再认定属实，"
            "或以 unanswered_reason 说明提前认定的理由。"
        )


def _received_at(alert: Alert, plea: Plea, *, now: datetime) -> datetime:
    if alert.told_at is None:
        raise InstitutionNotTold("该预警未告知机构，没有陈述申辩程序。")
    if plea.received_on is None:
        return now
    if not city_date(alert.told_at) <= plea.received_on <= city_date(now):
        raise StatementDateRefused("收到日期须在告知机构之后，且不晚于今天。")
    return min(now, end_of(plea.received_on) - timedelta(seconds=1))


def _require_in_time(alert: Alert, received_at: datetime, reckoning: Reckoning) -> None:
    deadline = statement_deadline(alert, reckoning)
    # An estimated deadline ends nobody's right.
    if deadline is not None and not deadline.provisional and received_at >= deadline.at:
        raise StatementTooLate(f"陈述申辩期限已于{_day(deadline.at)}届满。")


def _day(deadline: datetime) -> str:
    """Say the last day of a period that ends at midnight."""
    return f"{deadline.astimezone(CITY_TIME) - timedelta(seconds=1):%Y年%m月%d日}"
