"""What task 19 of the plan has stopped: new institutions of three sorts, each by its own article.

A stop is about what is new. An institution that was licensed before it began is entered as before.
Subject training for children before school falls under the stop of everything before school; that
nobody may *teach* it, however old the institution, is a matter of lessons and found there.

Stops carry an article, not a ``RuleCard``: a card is a finding that is told to departments, and a
refused application tells only the one who made it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, Literal

from services.registry.domain.competence import Kind
from services.registry.domain.institution import Particulars, Stage
from shared.errors import Rejected
from shared.rules import Article

StopCode = Literal[
    "registry.stop_subject_compulsory",
    "registry.stop_subject_senior_secondary",
    "registry.stop_preschool",
]

_PLAN: Final = "海宁市“双减”实施方案"
_OPINIONS: Final = "同中办发〔2021〕40号"
# The plan is not dated; the opinions that it carries out are public since this day.
_SINCE: Final = date(2021, 7, 24)


class NewInstitutionStopped(Rejected):
    """Institutions of this sort are no longer approved; existing ones are entered by licence."""

    code = "new-institution-stopped"
    title = "不再审批新的此类培训机构"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """One sort of institution that is no longer approved; no ``kind`` means every kind."""

    code: StopCode
    title: str
    stage: Stage
    kind: Kind | None
    article: Article

    def concerns(self, particulars: Particulars) -> bool:
        """Tell whether it is about an institution of this kind and these stages."""
        return self.stage in particulars.stages and self.kind in (None, particulars.kind)

    @property
    def said(self) -> str:
        """What is stopped since when, by which article, with its code."""
        since = self.article.in_force_from.isoformat()
        return f"{self.title}（{self.article.reference}，自{since}起；{self.code}）"


STOPS: Final = (
    Stop(
        code="registry.stop_subject_compulsory",
        title="不再审批新的义务教育阶段学科类培训机构",
        stage="compulsory",
        kind="subject",
        article=Article(_PLAN, f"任务19第一项：义务教育阶段学科类（{_OPINIONS}）", "Seed", _SINCE),
    ),
    Stop(
        code="registry.stop_subject_senior_secondary",
        title="不再审批新的普通高中阶段学科类培训机构",
        stage="senior_secondary",
        kind="subject",
        article=Article(_PLAN, f"任务19第二项：普通高中学科类（{_OPINIONS}）", "Seed", _SINCE),
    ),
    Stop(
        code="registry.stop_preschool",
        title="不再审批新的面向学龄前儿童的培训机构（各类别）",
        stage="preschool",
        kind=None,
        article=Article(_PLAN, f"任务19第三项：学龄前儿童，各类别（{_OPINIONS}）", "Seed", _SINCE),
    ),
)


def switched(periods: Mapping[StopCode, tuple[date, date | None]]) -> tuple[Stop, ...]:
    """Return the stops with the city's own periods where it has set some: ``[from, until)``."""
    return tuple(
        stop if (period := periods.get(stop.code)) is None else _within(stop, *period)
        for stop in STOPS
    )


def check_stops(particulars: Particulars, *, today: date, stops: Sequence[Stop]) -> None:
    """Refuse a new institution that is stopped, naming every stop that applies.

    Without a licence it is an application of today; with one it is as old as its first licence.
    """
    licence = particulars.licence
    day = today if licence is None else licence.first_issued_on
    applying = [
        stop for stop in stops if stop.article.applies_on(day) and stop.concerns(particulars)
    ]
    if applying:
        raise NewInstitutionStopped(
            f"{'；'.join(stop.said for stop in applying)}。"
            "停止审批之前已取得办学许可证的机构不受影响：请在 licence 中填报 number、issued_on、"
            "valid_until，换发过许可证的另填首次发证日期 first_issued_on。",
            fields=_fields(particulars, applying),
        )


def _fields(particulars: Particulars, applying: Sequence[Stop]) -> tuple[tuple[str, str], ...]:
    stages = ((f"/stages/{particulars.stages.index(stop.stage)}", stop.said) for stop in applying)
    kinds = (("/kind", stop.said) for stop in applying if stop.kind is not None)
    return (*stages, *kinds, _licence_field(particulars, applying))


def _licence_field(particulars: Particulars, applying: Sequence[Stop]) -> tuple[str, str]:
    before = min(stop.article.in_force_from for stop in applying).isoformat()
    licence = particulars.licence
    if licence is None:
        return "/licence", f"未填报；已有机构须填报{before}之前发放的办学许可证"
    field = "issued_on" if licence.first_issued_on == licence.issued_on else "first_issued_on"
    first = licence.first_issued_on.isoformat()
    return f"/licence/{field}", f"{first}已停止审批；已有机构的（首次）发证日期须早于{before}"


def _within(stop: Stop, start: date, end: date | None) -> Stop:
    return replace(stop, article=replace(stop.article, in_force_from=start, in_force_until=end))
