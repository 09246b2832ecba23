"""What a visit on the spot came to, in versions of the sender's own counting."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import ClassVar, Final, Literal

from services.schedule_monitor.domain.held.held import HeldSession, Sender
from services.schedule_monitor.domain.session import Mode, Stage
from shared.city_time import CITY_TIME, city_date, city_month
from shared.duties.departments import is_known
from shared.errors import Conflict, Rejected
from shared.plain_text import one_form

Outcome = Literal["open", "closed", "refused_entry"]
OUTCOME_NAMES: Final[dict[Outcome, str]] = {
    "open": "已进入",
    "closed": "关门",
    "refused_entry": "被拒绝进入",
}
MOST_AHEAD: Final = timedelta(minutes=5)
_ALGORITHM: Final = "sha256"


class VisitToldOtherwise(Conflict):
    """This version of the result was told before, and said something else."""

    code: ClassVar[str] = "visit-told-otherwise"
    title: ClassVar[str] = "该版本的巡查结果已以不同内容报送"


class VisitUnfit(Rejected):
    """A result tells of what cannot have been seen."""

    code: ClassVar[str] = "visit-unfit"
    title: ClassVar[str] = "巡查结果不合理"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A class as it was seen: heads were counted."""

    reference: str
    started_at: datetime
    ended_at: datetime
    class_group: str
    stage: Stage
    head_count: int
    course: str | None = None
    room: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A visit to one place; of ``findings``, those confirmed and those looked at and unfounded."""

    visit_id: str
    version: int
    institution_id: str
    visited_by: str
    visited_at: datetime
    outcome: Outcome
    mode: Mode = "offline"
    site: str | None = None
    address: str | None = None
    seen: tuple[Seen, ...] = ()
    confirmed: tuple[str, ...] = ()
    unfounded: tuple[str, ...] = ()
    proposed_on: date | None = None
    proposed_version: int | None = None
    withdrawn: bool = False

    @property
    def on(self) -> date:
        """The day in the city."""
        return city_date(self.visited_at)

    @property
    def month(self) -> str:
        return city_month(self.visited_at)

    @property
    def digest(self) -> str:
        """Return the digest in which two tellings of one version agree, or do not."""
        told = {name: value for name, value in asdict(self).items() if name != "version"}
        content = json.dumps(told, sort_keys=True, ensure_ascii=False, default=str)
        return f"{_ALGORITHM}:{hashlib.sha256(content.encode()).hexdigest()}"

    @property
    def standing(self) -> tuple[str, ...]:
        """The rules that it confirms as it stands."""
        return () if self.withdrawn else self.confirmed


def is_news(told: Visit, before: Visit | None, *, now: datetime) -> bool:
    """Tell whether a telling replaces what stands; a repeat and a late lower version do not."""
    if before is not None and told.version < before.version:
        return False
    if before is not None and told.version == before.version:
        if told.digest == before.digest:
            return False
        raise VisitToldOtherwise(f"巡查{told.visit_id}第{told.version}版已报送，内容与本次不同。")
    _check(told, before, now)
    return True


def as_held(told: Visit, before: Visit | None) -> list[HeldSession]:
    """Return what was seen as sessions told of by a visit, to be compared with what was filed.

    One that an earlier version told and this one does not was not held after all.
    """
    seen = {} if told.withdrawn else {one.reference: one for one in told.seen}
    sessions = [_held(told, told.version, one, withdrawn=False) for one in seen.values()]
    if before is not None and not before.withdrawn:
        gone = [one for one in before.seen if one.reference not in seen]
        sessions += [_held(before, told.version, one, withdrawn=True) for one in gone]
    return sessions


def _held(visit: Visit, version: int, one: Seen, *, withdrawn: bool) -> HeldSession:
    return HeldSession(
        sender=Sender("visit", visit.visited_by),
        reference=f"{visit.visit_id}:{one.reference}",
        version=version,
        institution_id=visit.institution_id,
        started_at=one.started_at,
        ended_at=one.ended_at,
        class_group=one_form(one.class_group),
        stage=one.stage,
        head_count=one.head_count,
        mode=visit.mode,
        course=None if one.course is None else one_form(one.course),
        room=None if one.room is None else one_form(one.room),
        site=visit.site,
        address=visit.address,
        withdrawn=withdrawn,
    )


def _check(told: Visit, before: Visit | None, now: datetime) -> None:
    if told.visited_at > now + MOST_AHEAD:
        raise VisitUnfit("巡查时间最多可比服务时钟晚5分钟。")
    if not is_known(told.visited_by):
        raise VisitUnfit(f"没有代码为{told.visited_by}的部门或镇（街道）。")
    if before is not None and _whose(before) != _whose(told):
        raise VisitUnfit("同一次巡查的机构和巡查单位不能更改。")
    for one in told.seen:
        if one.ended_at <= one.started_at:
            raise VisitUnfit(f"课次{one.reference}的结束时间须晚于开始时间。")
        if one.ended_at > now + MOST_AHEAD:
            raise VisitUnfit(f"课次{one.reference}尚未结束：课上完后再报送。")
        if _day(one.started_at) != _day(one.ended_at):
            raise VisitUnfit(f"课次{one.reference}跨越零点（北京时间）。")


def _whose(visit: Visit) -> tuple[str, str]:
    return visit.institution_id, visit.visited_by


def _day(moment: datetime) -> date:
    return moment.astimezone(CITY_TIME).date()


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmed:
    """A rule that visits of a month confirmed to be broken at an institution."""

    rule: str
    month: str
    visits: tuple[str, ...]
    online: bool
    first_on: date


def confirmed_in(visits: Iterable[Visit]) -> list[Confirmed]:
    """Gather what visits to one institution confirmed, by month and rule."""
    found: dict[tuple[str, str], list[Visit]] = {}
    for visit in visits:
        for rule in visit.standing:
            found.setdefault((visit.month, rule), []).append(visit)
    return [
        Confirmed(
            rule=rule,
            month=month,
            visits=tuple(sorted(one.visit_id for one in some)),
            online=any(one.mode == "online" for one in some),
            first_on=min(one.on for one in some),
        )
        for (month, rule), some in sorted(found.items())
    ]
