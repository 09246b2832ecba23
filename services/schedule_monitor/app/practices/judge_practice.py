"""Ask an expert, keep what they say, decide: what a report of practice comes to."""

from dataclasses import dataclass, replace

from services.schedule_monitor.app.practices.practice_desk import Doing, PracticeDesk, change_report
from services.schedule_monitor.domain.practices.practice import (
    Decision,
    ExpertOfInstitution,
    Opinion,
    Outcome,
    Report,
    Says,
)
from shared.hidden_text import normal


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Who is asked, of which office, and what."""

    expert: str
    office: str
    question: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """What an expert says; ``paper`` is the digest of the signed opinion."""

    says: Says
    reasons: str
    paper: str | None


async def ask_expert(
    report_id: str, question: Question, doing: Doing, *, desk: PracticeDesk
) -> tuple[Report, bool]:
    """Ask an expert for an opinion; the same question to the same one is asked once."""
    report = await desk.reports.get(report_id)
    name = None
    if report.told.institution_id is not None:
        name = (await desk.institutions.get(report.told.institution_id)).name
    if _is_of(question.office, name or report.told.platform or ""):
        raise ExpertOfInstitution(f"{question.office}与被反映的一方相同，请另请专家。")

    def ask(before: Report) -> Report:
        if any(_asks(one, question) for one in before.opinions if one.given_at is None):
            return before
        return before.asked(
            Opinion(
                number=len(before.opinions) + 1,
                expert=question.expert,
                office=question.office,
                question=question.question,
                of_version=before.version,
                asked_at=doing.now,
            )
        )

    return await change_report(report_id, ask, doing, desk=desk)


async def give_opinion(
    report_id: str, number: int, word: Word, doing: Doing, *, desk: PracticeDesk
) -> tuple[Report, bool]:
    """Keep what an expert says; the same again changes nothing."""

    def give(before: Report) -> Report:
        asked = before.opinion(number)
        return before.given(
            replace(
                asked, says=word.says, reasons=word.reasons, paper=word.paper, given_at=doing.now
            )
        )

    return await change_report(report_id, give, doing, desk=desk)


async def decide_report(
    report_id: str, outcome: Outcome, doing: Doing, *, desk: PracticeDesk
) -> tuple[Report, bool]:
    """Keep what the department in charge decides, with its reasons."""
    decision = Decision(
        outcome=outcome,
        reasons=doing.reason or "",
        by=doing.who.office or doing.who.role,
        decided_at=doing.now,
    )

    def change(before: Report) -> Report:
        return before.decided(decision)

    return await change_report(report_id, change, doing, desk=desk)


def _asks(one: Opinion, question: Question) -> bool:
    return (one.expert, one.office, one.question) == (
        question.expert,
        question.office,
        question.question,
    )


def _is_of(office: str, name: str) -> bool:
    """Tell whether an office is the institution or a part of it, however it is written."""
    written, own = normal(office).text, normal(name).text
    return bool(own) and own in written
