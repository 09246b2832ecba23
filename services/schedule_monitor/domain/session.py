"""One class as it is planned, and what an institution's registration adds to what was stated."""

from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from typing import Final, Literal

Stage = Literal["preschool", "compulsory", "senior_secondary"]
Kind = Literal["subject", "culture_arts", "sports", "science_tech"]
Mode = Literal["offline", "online"]
Delivery = Literal["live", "recorded"]

STAGE_NAMES: Final[dict[Stage, str]] = {
    "preschool": "学龄前",
    "compulsory": "义务教育阶段",
    "senior_secondary": "高中阶段",
}
KIND_NAMES: Final[dict[Kind, str]] = {
    "subject": "学科类",
    "culture_arts": "文化艺术类",
    "sports": "体育类",
    "science_tech": "科技创新类",
}
MODE_NAMES: Final[dict[Mode, str]] = {"offline": "线下", "online": "线上"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """Who teaches whom where, as far as it was told; a rule that asks for more finds nothing.

    ``course`` is the code of a filed course, ``teacher`` and ``roster`` are the institution's own
    references of people, ``site`` is a site of the register, ``students`` counts who is expected.
    """

    course: str | None = None
    teacher: str | None = None
    room: str | None = None
    site: str | None = None
    students: int | None = None
    roster: tuple[str, ...] = ()
    delivery: Delivery = "live"


UNTOLD: Final = Setting()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """A class as stated: local wall times; kind and mode may be left to the registration."""

    on: date
    start: time
    end: time
    class_group: str
    stage: Stage
    kind: Kind | None = None
    mode: Mode | None = None
    setting: Setting = UNTOLD


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A class as it is judged, with remarks on how its kind and mode were found."""

    on: date
    start: time
    end: time
    class_group: str
    stage: Stage
    kind: Kind
    mode: Mode
    setting: Setting = UNTOLD
    remarks: tuple[str, ...] = ()

    @property
    def reference(self) -> str:
        """What makes a class the same class in a later filing: when, and for whom."""
        return f"{self.on.isoformat()} {self.start}-{self.end} {self.class_group}"

    @property
    def length(self) -> timedelta:
        return _since_midnight(self.end) - _since_midnight(self.start)

    def gap_after(self, other: "Session") -> timedelta:
        """Return the time from another's end to this start; negative where they overlap."""
        return _since_midnight(self.start) - _since_midnight(other.end)


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """What the register says of an institution, as far as its classes are concerned."""

    institution_id: str
    name: str
    kind: Kind
    mode: Mode
    town: str
    competent_department: str


class NotStated(ValueError):
    """A class without an institution says neither of what kind it is nor how it is held."""


def as_registered(stated: Stated, registered: Registered | None) -> Session:
    """Complete a class from the registration; a subject institution's classes are subject ones.

    Were the filing's word enough, a subject institution could hold its classes on rest days by
    calling them something else.
    """
    kind = stated.kind if registered is None else stated.kind or registered.kind
    mode = stated.mode if registered is None else stated.mode or registered.mode
    if kind is None or mode is None:
        raise NotStated("kind" if kind is None else "mode")
    session = Session(
        on=stated.on,
        start=stated.start,
        end=stated.end,
        class_group=stated.class_group,
        stage=stated.stage,
        kind=kind,
        mode=mode,
        setting=stated.setting,
    )
    return session if registered is None else _compared(session, registered)


def _compared(session: Session, registered: Registered) -> Session:
    remarks = []
    kind = session.kind
    if kind != registered.kind:
        remarks.append(
            f"申报为{KIND_NAMES[kind]}，与登记的{KIND_NAMES[registered.kind]}不一致"
            + ("，按学科类判断" if registered.kind == "subject" else "")
        )
        kind = "subject" if registered.kind == "subject" else kind
    if session.mode != registered.mode:
        remarks.append(
            f"申报为{MODE_NAMES[session.mode]}，与登记的{MODE_NAMES[registered.mode]}不一致，"
            "按申报的方式判断"
        )
    return replace(session, kind=kind, remarks=tuple(remarks))


def _since_midnight(moment: time) -> timedelta:
    return timedelta(hours=moment.hour, minutes=moment.minute, seconds=moment.second)
