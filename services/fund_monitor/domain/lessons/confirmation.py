"""消课确认: a lesson stated by those who teach, answered by the student's side or by silence.

What people say is kept as they said it. A lesson that is confirmed counts from that moment on;
one that is objected to counts once the competent department has decided that it was taken.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import ClassVar, Final, Literal

from services.fund_monitor.domain.lessons.lesson_silence import Counting
from services.fund_monitor.domain.lessons.lessons import Consumption
from shared.errors import Conflict, Malformed, NotFound, Rejected

State = Literal["stated", "confirmed", "objected", "taken", "not_taken", "withdrawn"]
LONGEST: Final = timedelta(hours=12)
MOST_OF_CONTRACT: Final = 2_000
"""Confirmations of one contract: more are no lessons of one pupil."""
_COUNTING: Final[frozenset[State]] = frozenset({"confirmed", "taken"})


class ConfirmationStatedOtherwise(Conflict):
    """The sender has used this reference for another statement."""

    code: ClassVar[str] = "confirmation-stated-otherwise"
    title: ClassVar[str] = "该消课确认编号已用于另一内容"


class ConfirmationStands(Conflict):
    """The confirmation is not in the state in which this can be said of it."""

    code: ClassVar[str] = "confirmation-stands"
    title: ClassVar[str] = "消课确认的当前状态不允许此操作"


class ConfirmationNotFound(NotFound):
    """There is no confirmation of this id."""

    code: ClassVar[str] = "confirmation-not-found"
    title: ClassVar[str] = "没有这个消课确认"


class SessionUnknown(NotFound):
    """A lesson is stated by a session of which nothing was told, or in which nobody took part."""

    code: ClassVar[str] = "session-unknown"
    title: ClassVar[str] = "没有收到这个课次的上课记录"


class LessonNotOver(Rejected):
    """A lesson is stated that has not ended."""

    code: ClassVar[str] = "lesson-not-over"
    title: ClassVar[str] = "课次尚未结束，不能确认消课"


class TooManyConfirmations(Rejected):
    """More lessons are stated for one contract than a pupil can take."""

    code: ClassVar[str] = "too-many-confirmations"
    title: ClassVar[str] = "同一合同的消课确认过多"


@dataclass(frozen=True, slots=True, kw_only=True)
class LessonConfirmation:
    """One lesson of one contract as it was stated, and where it stands.

    ``told`` is a digest of the statement as it was sent: the same reference again must say the
    same. ``platform`` is the contract's, where it has one: it speaks for the student. Silence runs
    from ``silence_from``, a day that is not counted itself.
    """

    id: str
    batch: str
    sender: str
    reference: str
    told: str
    institution_id: str
    contract_no: str
    platform: str | None
    session_id: str | None
    started_at: datetime
    ended_at: datetime
    lessons: int
    stated_at: datetime
    silence_source: str
    silence_from: date
    silence_days: int
    silence_counting: Counting
    state: State = "stated"
    by_silence: bool = False
    counts_from: datetime | None = None
    version: int = 1

    @property
    def counts(self) -> bool:
        """Tell whether the lesson is taken, as far as this confirmation says."""
        return self.state in _COUNTING

    def confirmed(self, at: datetime, *, by_silence: bool = False) -> "LessonConfirmation":
        """Return it as the student's side has confirmed it, or its silence has."""
        self._must_be("stated")
        return self._now("confirmed", counts_from=at, by_silence=by_silence)

    def objected(self) -> "LessonConfirmation":
        """Return it with an objection: the clock has stopped, the department decides."""
        self._must_be("stated")
        return self._now("objected", counts_from=None)

    def decided(self, *, taken: bool, at: datetime) -> "LessonConfirmation":
        """Return it as the competent department has decided after an objection."""
        self._must_be("objected")
        return self._now("taken" if taken else "not_taken", counts_from=at if taken else None)

    def withdrawn(self) -> "LessonConfirmation":
        """Return it as its sender has taken it back; a decision can no longer be taken back."""
        self._must_be("stated", "objected", "confirmed")
        return self._now("withdrawn", counts_from=None)

    def _now(
        self, state: State, *, counts_from: datetime | None, by_silence: bool = False
    ) -> "LessonConfirmation":
        return replace(
            self,
            state=state,
            counts_from=counts_from,
            by_silence=by_silence,
            version=self.version + 1,
        )

    def _must_be(self, *states: State) -> None:
        if self.state not in states:
            raise ConfirmationStands(f"消课确认处于 {self.state} 状态")


def consumption(before: LessonConfirmation, after: LessonConfirmation) -> list[Consumption]:
    """Return the entries that lead from one state of a confirmation to the next."""
    if before.counts == after.counts:
        return []
    counting = after if after.counts else before
    if counting.counts_from is None:
        raise ValueError("A lesson that counts has a moment from which it does.")
    return [
        Consumption(
            lesson=telling_of(after.id),
            version=after.version,
            institution_id=after.institution_id,
            contract_no=after.contract_no,
            started_at=after.started_at,
            ended_at=after.ended_at,
            consumed_at=counting.counts_from,
            lessons=after.lessons if after.counts else -after.lessons,
            by="confirmation",
            session=after.session_id,
        )
    ]


def telling_of(confirmation_id: str) -> str:
    """Return the name under which a confirmation tells of a lesson; no session has such a one."""
    return f"confirmation:{confirmation_id}"


def refuse_impossible(started_at: datetime, ended_at: datetime, *, now: datetime) -> None:
    """Refuse a time in which no lesson can have been taken."""
    if not started_at < ended_at <= started_at + LONGEST:
        said = "结束时间须晚于开始时间，且一次课不超过12小时"
        raise Malformed(said, fields=(("/ended_at", said),))
    if ended_at > now:
        raise LessonNotOver("课次结束后才能确认消课", fields=(("/ended_at", "晚于现在"),))
