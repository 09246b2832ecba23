"""Take held sessions in: each item is answered for itself, all of a batch in one transaction."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from services.schedule_monitor.app.refuse_held import (
    Batch,
    Item,
    Misread,
    misread_row,
    refusal_of,
    refused_row,
    told_otherwise,
)
from services.schedule_monitor.domain.held import HeldSession, Kept, step_of
from services.schedule_monitor.domain.session import Registered
from services.schedule_monitor.store.held import HeldStore, version_key
from services.schedule_monitor.store.held_months import HeldMonthStore
from services.schedule_monitor.store.institutions import InstitutionReplica
from shared import outbox
from shared.audit.log import AuditLog, Entry
from shared.contracts.schedule import SESSION_HELD, SessionHeld
from shared.ids import new_id
from shared.mongo import Database, Row, Session, transact
from shared.outbox import Outgoing
from shared.problem import Problem

Status = Literal["accepted", "duplicate", "conflict", "refused"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What became of one item; ``version`` is the one that stands now."""

    index: int
    status: Status
    reference: str | None = None
    session_id: str | None = None
    version: int | None = None
    problem: Problem | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldDesk:
    """What taking held sessions works on."""

    db: Database
    held: HeldStore
    months: HeldMonthStore
    institutions: InstitutionReplica
    audit: AuditLog


@dataclass(slots=True)
class _Taken:
    """What a batch has come to so far, in its order."""

    known: dict[str, Kept]
    digests: dict[str, str]
    answers: list[Answer] = field(default_factory=list)
    told: list[Kept] = field(default_factory=list)
    changed: list[tuple[Kept | None, Kept]] = field(default_factory=list)
    refused: dict[str, Row] = field(default_factory=dict)


async def take_held(batch: Batch, *, desk: HeldDesk) -> list[Answer]:
    """Keep, publish and mark what is new of a batch; a repeat changes nothing."""

    async def work(session: Session) -> list[Answer]:
        return await take_within(batch, desk=desk, session=session)

    return await transact(desk.db, work)


async def take_within(batch: Batch, *, desk: HeldDesk, session: Session) -> list[Answer]:
    """Take a batch in the caller's transaction."""
    readable = [one for one in batch.items if isinstance(one, HeldSession)]
    taken = _Taken(
        known=await desk.held.known((one.identity for one in readable), session=session),
        digests=await desk.held.digests(readable, session=session),
    )
    registered = await desk.institutions.find_all(
        {one.institution_id for one in readable}, session=session
    )
    for index, item in enumerate(batch.items):
        taken.answers.append(_answer(index, item, batch, taken, registered))
    await _write(batch, taken, desk=desk, session=session)
    return taken.answers


def _answer(
    index: int,
    item: Item,
    batch: Batch,
    taken: _Taken,
    registered: Mapping[str, Registered],
) -> Answer:
    if isinstance(item, Misread):
        taken.refused[f"{batch.sender.key}|{item.digest}"] = misread_row(item, batch.sender)
        return Answer(index=index, status="refused", reference=item.reference, problem=item.problem)
    before = taken.known.get(item.identity)
    key = version_key(item)
    step = step_of(item, taken.digests.get(key))
    problem = refusal_of(item, batch, registered) if step == "accepted" else None
    if step == "conflict":
        problem = told_otherwise(item)
    if problem is not None:
        taken.refused[f"{batch.sender.key}|{key}|{item.digest}"] = refused_row(item, problem)
        return Answer(
            index=index,
            status="conflict" if step == "conflict" else "refused",
            reference=item.reference,
            session_id=None if before is None else before.session_id,
            version=None if before is None else before.held.version,
            problem=problem,
        )
    if step == "accepted":
        before = _take(item, key, before, taken)
    assert before is not None  # noqa: S101 - a duplicate's session is kept
    return Answer(
        index=index,
        status=step,
        reference=item.reference,
        session_id=before.session_id,
        version=before.held.version,
    )


def _take(item: HeldSession, key: str, before: Kept | None, taken: _Taken) -> Kept:
    """Note a version that is new; one below what stands is kept and changes nothing."""
    kept = Kept(new_id() if before is None else before.session_id, item)
    taken.digests[key] = item.digest
    taken.told.append(kept)
    if before is not None and before.held.version > item.version:
        return before
    taken.known[item.identity] = kept
    taken.changed.append((before, kept))
    return kept


async def _write(batch: Batch, taken: _Taken, *, desk: HeldDesk, session: Session) -> None:
    await desk.held.keep_refused(taken.refused, now=batch.now, session=session)
    if not taken.told:
        return
    await desk.held.add_versions(taken.told, now=batch.now, session=session)
    standing = {kept.session_id: kept for _, kept in taken.changed}
    await desk.held.put(list(standing.values()), now=batch.now, session=session)
    facts = [_fact(kept) for _, kept in taken.changed if kept.held.sender.keeps_attendance]
    await outbox.enqueue(desk.db, facts, session=session, now=batch.now)
    await _mark(taken, desk=desk, session=session)
    entry = Entry(
        action="held_sessions.taken",
        about_kind="sender",
        about_id=batch.sender.key,
        who=batch.who,
        details={"told": len(taken.told), "standing": len(standing)},
    )
    await desk.audit.record(entry, session=session)


async def _mark(taken: _Taken, *, desk: HeldDesk, session: Session) -> None:
    """Mark the months that hold what changed, and those that name the same filed classes."""
    months: defaultdict[str, set[str]] = defaultdict(set)
    named: defaultdict[str, set[str]] = defaultdict(set)
    days = defaultdict(set)
    for before, after in taken.changed:
        for kept in (after,) if before is None else (before, after):
            months[kept.held.institution_id].add(kept.held.month)
            if kept.held.planned_on is not None:
                named[kept.held.institution_id].add(f"{kept.held.planned_on:%Y-%m}")
                days[kept.held.institution_id].add(kept.held.planned_on)
    for institution, some in days.items():
        rivals = await desk.held.months_naming(institution, some, session=session)
        own = await desk.months.known_among(institution, named[institution], session=session)
        months[institution] |= rivals | own
    cause = f"held:{taken.changed[0][1].session_id}" if taken.changed else ""
    await desk.months.judge_again(months, cause=cause, session=session)


def _fact(kept: Kept) -> Outgoing:
    """Return what the others are told: a session that was withdrawn had nobody there."""
    held = kept.held
    return Outgoing(
        channel=SESSION_HELD,
        key=f"session-held/{kept.session_id}",
        version=held.version,
        tokens={"session": kept.session_id},
        subject=kept.session_id,
        data=SessionHeld(
            session_id=kept.session_id,
            version=held.version,
            institution_id=held.institution_id,
            group=held.class_group,
            started_at=held.started_at,
            ended_at=held.ended_at,
            head_count=0 if held.withdrawn else held.head_count,
            attended=[] if held.withdrawn else list(held.attended),
        ),
    )
