"""State that lessons were taken: each statement for itself, and from then on silence runs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from services.fund_monitor.app.lessons.weigh_statements import (
    Known,
    Stated,
    Statement,
    Stater,
    weigh,
)
from services.fund_monitor.domain.lessons.confirmation import LessonConfirmation
from services.fund_monitor.domain.lessons.lesson_silence import Counting, LessonSilence, silence_of
from services.fund_monitor.store.contracts.contracts import ContractStore
from services.fund_monitor.store.fees.fee_rules import FeeRuleStore
from services.fund_monitor.store.lessons.confirmations import ConfirmationStore, Said
from services.fund_monitor.store.lessons.lessons import LessonStore
from shared.audit.log import AuditLog, Entry
from shared.city_time import city_date
from shared.errors import Malformed, Refusal
from shared.ids import new_id
from shared.mongo import Database, Session, transact
from shared.timers import Period, Timer, set_timer
from shared.working_days import Deadline, WorkingDays, end_of

SILENCE: Final = "fund.lesson_silence"
MOST_IN_ONE_GO: Final = 100
"""Statements of one transaction."""
MOST_SESSIONS: Final = 20
"""Statements of whole held sessions in one request, each of up to 500 contracts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmationDesk:
    """What confirmations are worked on with."""

    db: Database
    confirmations: ConfirmationStore
    contracts: ContractStore
    lessons: LessonStore
    dated: FeeRuleStore
    audit: AuditLog
    calendar: WorkingDays


async def state_in_parts(
    given: Sequence[Statement], *, desk: ConfirmationDesk, by: Stater
) -> list[Stated | Refusal]:
    """State lessons in transactions that stay small: those of a whole session one each."""
    whole = sum(one.contract_no is None for one in given)
    if whole > MOST_SESSIONS:
        raise Malformed(f"一次最多按课次报送 {MOST_SESSIONS} 条，本次 {whole} 条")
    results: list[Stated | Refusal] = []
    part: list[Statement] = []

    async def done() -> None:
        some = list(part)
        part.clear()

        async def work(session: Session) -> list[Stated | Refusal]:
            return await state_lessons(some, desk=desk, by=by, session=session)

        if some:
            results.extend(await transact(desk.db, work))

    for one in given:
        if one.contract_no is None or len(part) == MOST_IN_ONE_GO:
            await done()
        part.append(one)
        if one.contract_no is None:
            await done()
    await done()
    return results


async def state_lessons(
    given: Sequence[Statement], *, desk: ConfirmationDesk, by: Stater, session: Session
) -> list[Stated | Refusal]:
    """Take statements in the caller's transaction; each is taken or refused for itself."""
    rule = silence_of(
        await desk.dated.silences(session=session), platform=by.platform, day=city_date(by.now)
    )
    known = await _known(given, desk=desk, by=by, session=session)
    batch, new = new_id(), list[LessonConfirmation]()
    results: list[Stated | Refusal] = []
    for one in given:
        try:
            stated = weigh(one, known, by, rule, batch)
        except Refusal as refusal:
            results.append(refusal)
            continue
        if stated.step == "stated":
            new += [each for each in stated.confirmations if each.batch == batch]
        results.append(stated)
    if new:
        await _keep(new, batch, rule, desk=desk, by=by, session=session)
    return results


def silence_ends(start: date, days: int, counting: Counting, calendar: WorkingDays) -> Deadline:
    """Return when so many days of silence have passed; the day it starts on is not counted."""
    if counting == "working_days":
        return calendar.deadline(start, days=days)
    return Deadline(end_of(start + timedelta(days)), provisional=False)


async def _known(
    given: Sequence[Statement], *, desk: ConfirmationDesk, by: Stater, session: Session
) -> Known:
    named = sorted({one.session_id for one in given if one.session_id is not None})
    sessions = await desk.lessons.sessions(named, session=session) if named else {}
    wanted: dict[str, set[str]] = {}
    for one in given:
        held = sessions.get(one.session_id or "")
        of_session = held.attended if held is not None and one.contract_no is None else ()
        of_contract = {*of_session, *({one.contract_no} if one.contract_no else ())}
        wanted.setdefault(one.institution_id, set()).update(of_contract)
    contracts = await desk.contracts.of_numbers(wanted, session=session)
    stated: dict[str, list[LessonConfirmation]] = {}
    references = sorted({one.reference for one in given})
    for each in await desk.confirmations.known(by.sender, references, session=session):
        stated.setdefault(each.reference, []).append(each)
    counts: dict[tuple[str, str], int] = {}
    for institution_id, numbers in wanted.items():
        found = await desk.confirmations.counts(institution_id, sorted(numbers), session=session)
        counts |= {(institution_id, no): count for no, count in found.items()}
    return Known(contracts, sessions, stated, counts)


async def _keep(
    new: Sequence[LessonConfirmation],
    batch: str,
    rule: LessonSilence,
    *,
    desk: ConfirmationDesk,
    by: Stater,
    session: Session,
) -> None:
    """Write what is new, with the one timer of their silence."""
    said = Said(state="stated", at=by.now, by_role=by.who.role, by_office=by.who.office)
    await desk.confirmations.add(new, said, session=session)
    ends = silence_ends(city_date(by.now), rule.days, rule.counting, desk.calendar)
    working = rule.counting == "working_days"
    timer = Timer(
        name=f"{SILENCE}:{batch}",
        kind=SILENCE,
        due_at=ends.at,
        payload={"batch": batch},
        provisional=ends.provisional,
        period=Period(city_date(by.now), rule.days) if working else None,
    )
    await set_timer(desk.db, timer, session=session)
    entry = Entry(
        action="lessons.stated",
        about_kind="lesson_batch",
        about_id=batch,
        who=by.who,
        details={
            "sender": by.sender,
            "confirmations": len(new),
            "silence_days": rule.days,
            "silence_source": rule.source,
        },
    )
    await desk.audit.record(entry, session=session)
