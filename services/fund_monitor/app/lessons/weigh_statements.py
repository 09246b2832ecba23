"""What a statement that a lesson was taken makes, beside all that is known already."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from services.fund_monitor.domain.contracts.contract import TrainingContract
from services.fund_monitor.domain.lessons.confirmation import (
    MOST_OF_CONTRACT,
    ConfirmationStatedOtherwise,
    LessonConfirmation,
    SessionUnknown,
    TooManyConfirmations,
    refuse_impossible,
)
from services.fund_monitor.domain.lessons.lesson_silence import LessonSilence
from services.fund_monitor.domain.lessons.lessons import HeldSession
from services.fund_monitor.store.contracts.contracts import ContractNotFound
from shared.audit.log import Who
from shared.city_time import city_date
from shared.errors import Forbidden
from shared.ids import new_id


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
class Known:
    """What statements are held against, and grows with each of them."""

    contracts: Mapping[str, Mapping[str, TrainingContract]]
    sessions: Mapping[str, HeldSession]
    stated: dict[str, list[LessonConfirmation]]
    counts: dict[tuple[str, str], int]


def weigh(one: Statement, known: Known, by: Stater, rule: LessonSilence, batch: str) -> Stated:
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
    one: Statement, held: HeldSession | None, known: Known, by: Stater
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
