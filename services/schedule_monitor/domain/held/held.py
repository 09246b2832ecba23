"""A session that was held, as a sender tells it, in versions of the sender's own counting."""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import date, datetime, time
from typing import Final, Literal

from services.schedule_monitor.domain.session import Delivery, Kind, Mode, Stage
from shared.city_time import CITY_TIME, city_month
from shared.errors import NotFound

SenderKind = Literal["platform", "institution", "department", "town", "visit"]
Step = Literal["accepted", "duplicate", "conflict"]

SENDER_NAMES: Final[dict[SenderKind, str]] = {
    "platform": "平台",
    "institution": "机构",
    "department": "部门",
    "town": "镇（街道）现场检查",
    "visit": "巡查",
}
_ALGORITHM = "sha256"
_NOT_COMPARED = frozenset({"sender", "reference", "version"})


class HeldSessionNotFound(NotFound):
    """There is no such held session, or it is not this caller's matter."""

    code = "held-session-not-found"
    title = "没有这节实际上课记录"

    @classmethod
    def by_id(cls, session_id: str) -> "HeldSessionNotFound":
        """Return the same words for both cases: nobody learns what another institution held."""
        return cls(f"没有编号为{session_id}的实际上课记录，或无权查看。")


@dataclass(frozen=True, slots=True)
class Sender:
    """Who tells of sessions: its references are its own and say nothing beside another's."""

    kind: SenderKind
    code: str

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.code}"

    @property
    def keeps_attendance(self) -> bool:
        """Whether it tells who was there; a check on the spot only counts heads."""
        return self.kind not in ("town", "visit")


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldSession:
    """One session as it was held; ``attended`` are contract numbers, never pupils.

    ``planned_on`` and ``planned_start`` name the filed class of the group that it stands for.
    A withdrawn one was not held after all.
    """

    sender: Sender
    reference: str
    version: int
    institution_id: str
    started_at: datetime
    ended_at: datetime
    class_group: str
    stage: Stage
    head_count: int
    attended: tuple[str, ...] = ()
    kind: Kind | None = None
    mode: Mode | None = None
    course: str | None = None
    teacher: str | None = None
    room: str | None = None
    site: str | None = None
    address: str | None = None
    url: str | None = None
    delivery: Delivery = "live"
    planned_on: date | None = None
    planned_start: time | None = None
    withdrawn: bool = False

    @property
    def identity(self) -> str:
        """What makes two tellings the same session: the sender, and its reference."""
        return f"{self.sender.key}|{self.reference}"

    @property
    def on(self) -> date:
        """The day in the city; a session that ends on another is refused at the door."""
        return self.started_at.astimezone(CITY_TIME).date()

    @property
    def start(self) -> time:
        return self.started_at.astimezone(CITY_TIME).time()

    @property
    def end(self) -> time:
        return self.ended_at.astimezone(CITY_TIME).time()

    @property
    def month(self) -> str:
        return city_month(self.started_at)

    @property
    def digest(self) -> str:
        """Return the digest in which two tellings of one version agree, or do not."""
        told = {
            name: str(value) if not isinstance(value, int | tuple) else value
            for name, value in asdict(self).items()
            # What is absent is left out: a field to come changes no digest that is kept.
            if name not in _NOT_COMPARED and value not in (None, (), False)
        }
        content = json.dumps(told, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return f"{_ALGORITHM}:{hashlib.sha256(content.encode()).hexdigest()}"


@dataclass(frozen=True, slots=True)
class Kept:
    """A session as it is kept: under the suite's own id, at the highest version told so far."""

    session_id: str
    held: HeldSession


def step_of(held: HeldSession, told_before: str | None) -> Step:
    """Return what a telling is beside the digest of the same version told before, if any was."""
    if told_before is None:
        return "accepted"
    return "duplicate" if told_before == held.digest else "conflict"
