"""State that lessons were taken: each statement for itself, and from then on silence runs."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Literal

from services.fund_monitor.domain.confirmation import (
    MOST_OF_CONTRACT,
    ConfirmationStatedOtherwise,
    LessonConfirmation,
    SessionUnknown,
    TooManyConfirmations,
    refuse_impossible,
)
from services.fund_monitor.domain.contract import TrainingContract
from services.fund_monitor.domain.lesson_silence import Counting, LessonSilence, silence_of
from services.fund_monitor.domain.lessons import HeldSession
from services.fund_monitor.store.confirmations import ConfirmationStore, Said
from services.fund_monitor.store.contracts import ContractNotFound, ContractStore
from services.fund_monitor.store.fee_rules import FeeRuleStore
from services.fund_monitor.store.lessons import LessonStore
from shared.audit.log import AuditLog, Entry, Who
from shared.city_time import city_date
from shared.errors import Forbidden, Malformed, Refusal
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A lesson as it is stated: of one contract, or of all contracts of a held session.

    What is not said of the time is the session's. ``told`` is a digest of all that was said.
    """

    reference: str
    told: str
    institution_id: str
    contract_no: str | None
    session_id: str | None
    started_at: datetime | None
    ended_at: datetime | None
    lessons: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stater:
    """Who states lessons, under which name references are theirs, and when."""

    who: Who
    sender: str
    now: datetime
    platform: str | None = None


@dataclass(frozen=True, slots=True)
class Stated:
    """What became of a statement: the confirmations that it stands for, new or known."""

    step: Literal["stated", "duplicate"]
    confirmations: Sequence[LessonConfirmation]


@dataclass(slots=True)
class _Known:
    """What statements are held against, and grows with each of them."""

    contracts: Mapping[str, Mapping[str, TrainingContract]]
    sessions: Mapping[str, HeldSession]
    stated: dict[str, list[LessonConfirmation]]
    counts: dict[tuple[str, str], int]


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
            stated = _stated(one, known, by, rule, batch)
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
) -> _Known:
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
    return _Known(contracts, sessions, stated, counts)


def _stated(one: Statement, known: _Known, by: Stater, rule: LessonSilence, batch: str) -> Stated:
    """Return what a statement makes, beside what is known already."""
    before = known.stated.get(one.reference, [])
    if any(each.told != one.told for each in before):
        raise ConfirmationStatedOtherwise(f"编号 {one.reference} 已报送过不同的内容")
    if before and one.contract_no is not None:
        return Stated("duplicate", before)
    held = known.sessions.get(one.session_id or "")
    if held is not None and held.institution_id != one.institution_id:
        held = None
    started_at, ended_at = _time_of(one, held)
    refuse_impossible(started_at, ended_at, now=by.now)
    there = {each.contract_no for each in before}
    new = [
        LessonConfirmation(
            id=new_id(),
            batch=batch,
            sender=by.sender,
            reference=one.reference,
            told=one.told,
            institution_id=one.institution_id,
            contract_no=contract.contract_no,
            platform=contract.platform,
            session_id=one.session_id,
            started_at=started_at,
            ended_at=ended_at,
            lessons=one.lessons,
            stated_at=by.now,
            silence_source=rule.source,
            silence_from=city_date(by.now),
            silence_days=rule.days,
            silence_counting=rule.counting,
        )
        for contract in _contracts(one, held, known, by)
        if contract.contract_no not in there
    ]
    if not new:
        return Stated("duplicate", before)
    for each in new:
        key = each.institution_id, each.contract_no
        known.counts[key] = known.counts.get(key, 0) + 1
    found = [*before, *new]
    known.stated[one.reference] = found
    return Stated("stated", found)


def _time_of(one: Statement, held: HeldSession | None) -> tuple[datetime, datetime]:
    started_at = one.started_at or (None if held is None else held.started_at)
    ended_at = one.ended_at or (None if held is None else held.ended_at)
    if started_at is None or ended_at is None:
        raise SessionUnknown(f"没有收到课次 {one.session_id} 的上课记录，请填写起止时间")
    return started_at, ended_at


def _contracts(
    one: Statement, held: HeldSession | None, known: _Known, by: Stater
) -> Iterator[TrainingContract]:
    """Yield the contracts that a statement is of; of a session, those the sender may state for."""
    filed = known.contracts.get(one.institution_id, {})
    if one.contract_no is not None:
        if one.contract_no not in filed:
            raise ContractNotFound(f"该机构没有编号为 {one.contract_no} 的合同")
        if by.platform is not None and filed[one.contract_no].platform != by.platform:
            raise Forbidden("平台只能确认本平台报送的合同")
        numbers = [one.contract_no]
    else:
        if held is None:
            raise SessionUnknown(f"没有收到课次 {one.session_id} 的上课记录")
        theirs = {no for no, each in filed.items() if by.platform in (None, each.platform)}
        numbers = sorted(held.attended & theirs)
        if not numbers:
            raise SessionUnknown(f"课次 {one.session_id} 中没有可以确认的合同")
    for no in numbers:
        if known.counts.get((one.institution_id, no), 0) >= MOST_OF_CONTRACT:
            raise TooManyConfirmations(f"合同 {no} 已有 {MOST_OF_CONTRACT} 次消课确认")
        yield filed[no]


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
