"""Answer stated lessons: by the student's side, by a decision, by their sender, and by silence."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from services.fund_monitor.app.lessons.state_lessons import (
    MOST_IN_ONE_GO,
    SILENCE,
    ConfirmationDesk,
)
from services.fund_monitor.domain.lessons.confirmation import LessonConfirmation, consumption
from services.fund_monitor.store.lessons.confirmations import Said
from shared.audit.log import SERVICE, Entry, Who
from shared.mongo import Session, transact
from shared.timers import Handler, Timer, is_set

Answer = Literal["confirm", "object", "taken", "not_taken", "withdraw"]


@dataclass(frozen=True, slots=True)
class Answering:
    """Who answers, for which body, when by the service's clock, and why."""

    who: Who
    office: str | None
    now: datetime
    reason: str | None = None


async def answer_lesson(
    confirmation_id: str,
    answer: Answer,
    *,
    desk: ConfirmationDesk,
    by: Answering,
    session: Session,
) -> LessonConfirmation:
    """Keep what is said of one confirmation, in the caller's transaction."""
    before = (await desk.confirmations.find(confirmation_id, session=session)).confirmation
    after = _answered(before, answer, by.now)
    said = Said(
        state=after.state,
        at=by.now,
        by_role=by.who.role,
        by_office=by.office,
        reason=by.reason,
    )
    await _change([(before, after)], said, desk=desk, session=session)
    entry = Entry(
        action=f"lesson.{after.state}",
        about_kind="lesson_confirmation",
        about_id=after.id,
        who=by.who,
        why=by.reason,
        details={"contract": after.contract_no, "institution": after.institution_id},
    )
    await desk.audit.record(entry, session=session)
    return after


class LessonSilenceTimers:
    """The timers of stated lessons: what nobody has answered until then is confirmed."""

    def __init__(self, desk: ConfirmationDesk, now: Callable[[], datetime]) -> None:
        self._desk = desk
        self._now = now
        self.handlers: dict[str, Handler] = {SILENCE: self._confirm}

    async def begin(self) -> None:
        """Nothing to set: every batch sets its own."""

    async def _confirm(self, timer: Timer) -> None:
        while await transact(self._desk.db, lambda session: self._some(timer, session)):
            pass

    async def _some(self, timer: Timer, session: Session) -> bool:
        """Confirm some of a batch; tell whether there may be more."""
        desk = self._desk
        # A calendar that has changed meanwhile has moved it.
        if not await is_set(desk.db, timer, session=session):
            return False
        some = await desk.confirmations.silent(
            timer.payload["batch"], limit=MOST_IN_ONE_GO, session=session
        )
        if not some:
            return False
        # It counts from the end of the silence, however late the timer runs.
        pairs = [(one, one.confirmed(timer.due_at, by_silence=True)) for one in some]
        said = Said(state="confirmed", at=self._now(), by_role=SERVICE.role)
        await _change(pairs, said, desk=desk, session=session)
        entry = Entry(
            action="lessons.confirmed_by_silence",
            about_kind="lesson_batch",
            about_id=timer.payload["batch"],
            details={"confirmations": len(some)},
        )
        await desk.audit.record(entry, session=session)
        return len(some) == MOST_IN_ONE_GO


def _answered(before: LessonConfirmation, answer: Answer, now: datetime) -> LessonConfirmation:
    match answer:
        case "confirm":
            return before.confirmed(now)
        case "object":
            return before.objected()
        case "withdraw":
            return before.withdrawn()
        case "taken" | "not_taken":
            return before.decided(taken=answer == "taken", at=now)


async def _change(
    pairs: Sequence[tuple[LessonConfirmation, LessonConfirmation]],
    said: Said,
    *,
    desk: ConfirmationDesk,
    session: Session,
) -> None:
    """Write what has become of confirmations, what that consumes, and who is judged again."""
    changed = [after for _, after in pairs]
    months = await desk.lessons.first_months(
        [(one.institution_id, one.started_at) for one in changed], session=session
    )
    await desk.confirmations.change(changed, said, session=session)
    entries = [entry for before, after in pairs for entry in consumption(before, after)]
    # A decision that no lesson was taken strikes whatever else tells of it.
    moved = [after for before, after in pairs if before.counts or after.counts]
    moved += [one for one in changed if one.state == "not_taken"]
    touched = {(one.institution_id, one.contract_no) for one in moved}
    await desk.lessons.confirm(entries, touched=touched, session=session)
    for institution_id, month in sorted(months.items()):
        ids = [one for one in changed if one.institution_id == institution_id]
        cause = f"confirmation:{ids[0].id}:v{ids[0].version}"
        await desk.lessons.judge_again(institution_id, month=month, cause=cause, session=session)
