"""What people, recipients and clocks do to requests, each in one transaction with its audit row."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.audit.log import AuditLog, Detail, Entry, Who
from shared.clock import Clock, milliseconds
from shared.mongo import Session, transact
from shared.takedown import changes
from shared.takedown.changes import Check, TakedownNotFound
from shared.takedown.model import (
    SERVICE,
    Answer,
    Hand,
    Outcome,
    Proof,
    Step,
    Takedown,
    Term,
)
from shared.takedown.store import TAKEDOWN_TIMER, Asked, TakedownStore, timer_of
from shared.timers import Handler, Timer, is_set, set_timer

Told = Callable[[Session, Takedown, datetime], Awaitable[None]]
"""What a service makes of a changed request, in the transaction that changes it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What the recipient says, as it is entered; ``said_at`` where a paper came in earlier."""

    outcome: Outcome
    text: str
    proofs: tuple[Proof, ...] = ()
    said_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TakedownDesk:
    """Where the requests of one service are worked on; ``terms`` and ``told`` are its policy."""

    store: TakedownStore
    audit: AuditLog
    clock: Clock
    terms: Sequence[Term]
    told: Told
    committed: Callable[[], None] = lambda: None

    def now(self) -> datetime:
        return milliseconds(self.clock.now())

    async def draft(self, takedown: Takedown, *, session: Session) -> None:
        """Keep a draft in the caller's transaction."""
        await self.store.add(takedown, session=session)
        await self.audit.record(_entry(takedown), session=session)

    async def read(self, takedown_id: str, *, by: Hand) -> Takedown:
        """Return one request to those whose matter it is."""
        return _seen(await self.store.get(takedown_id), by)

    async def page(self, asked: Asked) -> list[Takedown]:
        """Return one page of requests."""
        return await self.store.page(asked)

    async def send(self, takedown_id: str, *, by: Hand) -> Takedown:
        """Serve a draft; the recipient's clock begins."""
        return await self._do(
            takedown_id, by, lambda it, now: changes.send(it, self.terms, by=by, now=now)
        )

    async def acknowledge(self, takedown_id: str, *, by: Hand) -> Takedown:
        """Keep that the recipient has received it."""
        return await self._do(
            takedown_id, by, lambda it, now: changes.acknowledge(it, by=by, now=now)
        )

    async def answer(self, takedown_id: str, said: Said, *, by: Hand) -> Takedown:
        """Keep what the recipient says, by its own hand or entered for it."""

        def answered(takedown: Takedown, now: datetime) -> Takedown:
            given = Answer(
                outcome=said.outcome,
                text=said.text,
                proofs=said.proofs,
                said_at=now if said.said_at is None else milliseconds(said.said_at),
                entered_at=now,
                by=by,
            )
            return changes.answer(takedown, given)

        return await self._do(takedown_id, by, answered)

    async def recheck(self, takedown_id: str, check: Check, *, by: Hand) -> Takedown:
        """Close a request, or ask again."""
        return await self._do(
            takedown_id, by, lambda it, now: changes.recheck(it, check, self.terms, by=by, now=now)
        )

    async def withdraw(self, takedown_id: str, reason: str, *, by: Hand) -> Takedown:
        """Take a request back."""
        return await self._do(
            takedown_id, by, lambda it, now: changes.withdraw(it, reason, by=by, now=now)
        )

    async def found_again(
        self, takedown: Takedown, check: Check, *, session: Session, now: datetime
    ) -> None:
        """Ask again for what the record shows, in the caller's transaction."""
        after = changes.found_again(takedown, check, self.terms, by=SERVICE, now=milliseconds(now))
        await self.write(takedown, after, session=session)

    async def write(self, before: Takedown, after: Takedown, *, session: Session) -> None:
        """Write what an act has changed, with all that follows from it."""
        if after.version == before.version:
            return
        await self.store.change(before, after, session=session)
        await self.audit.record(_entry(after), session=session)
        await self.told(session, after, after.steps[-1].at)

    async def _do(
        self, takedown_id: str, by: Hand, act: Callable[[Takedown, datetime], Takedown]
    ) -> Takedown:
        now = self.now()

        async def work(session: Session) -> Takedown:
            before = _seen(await self.store.get(takedown_id, session=session), by)
            after = act(before, now)
            await self.write(before, after, session=session)
            return after

        after = await transact(self.store.db, work)
        self.committed()
        return after


class TakedownTimers:
    """The deadlines of requests: one that passes without an answer marks its request."""

    def __init__(self, desk: TakedownDesk) -> None:
        self._desk = desk
        self.handlers: dict[str, Handler] = {TAKEDOWN_TIMER: self._pass}

    async def begin(self) -> None:
        """Nothing to set: every request sets its own."""

    async def _pass(self, timer: Timer) -> None:
        desk = self._desk

        async def work(session: Session) -> None:
            # An answer has cleared it, or moved it, in its own transaction.
            if not await is_set(desk.store.db, timer, session=session):
                return
            before = await desk.store.get(timer.payload["takedown_id"], session=session)
            calendar = desk.store.calendar
            after = changes.pass_deadline(before, calendar, by=SERVICE, now=desk.now())
            if after.version > before.version:
                await desk.write(before, after, session=session)
            elif (waits := timer_of(before, calendar)) is not None:
                # The calendar is another than when it was set.
                await set_timer(desk.store.db, waits, session=session)

        await transact(desk.store.db, work)
        desk.committed()


def _seen(takedown: Takedown, by: Hand) -> Takedown:
    if not takedown.is_matter_of(by):
        raise TakedownNotFound.by_id(takedown.id)
    return takedown


def _entry(takedown: Takedown) -> Entry:
    step = takedown.steps[-1]
    details: dict[str, Detail] = {
        "version": takedown.version,
        "state": takedown.state,
        "round": len(takedown.rounds),
        "recipient": takedown.recipient.code,
    }
    return Entry(
        action=f"takedown.{step.kind}",
        about_kind="takedown",
        about_id=takedown.id,
        who=_who(step),
        why=step.note,
        details=details,
    )


def _who(step: Step) -> Who:
    return Who(role=step.by.role, person=step.by.person, office=step.by.office)
