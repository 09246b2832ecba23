"""A report of a practice that no timetable shows: what was seen, and what experts say of it.

Whether it stands is a function of what people said, in whatever order: never a field of its own.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import ClassVar, Final, Literal

from services.schedule_monitor.domain.session import Kind, Mode, Stage
from shared.errors import Conflict, Forbidden, NotFound, Rejected

Practice = Literal[
    "homework",
    "ahead_of_standard",
    "graded_exam",
    "contest",
    "ranking",
    "overseas_curriculum",
    "photo_search",
    "subject_teaching",
    "recorded_teaching",
]
Source = Literal["filing", "tip", "visit"]
Says = Literal["supports", "does_not_support", "unclear"]
Outcome = Literal["upheld", "unfounded"]
State = Literal["received", "opinion_asked", "undecided", "upheld", "unfounded", "withdrawn"]

PRACTICE_NAMES: Final[dict[Practice, str]] = {
    "homework": "留作业",
    "ahead_of_standard": "超标超前培训",
    "graded_exam": "学科类等级考试",
    "contest": "学科类竞赛",
    "ranking": "学科成绩排名",
    "overseas_curriculum": "境外教育课程",
    "photo_search": "拍照搜题",
    "subject_teaching": "非学科类机构从事学科类培训",
    "recorded_teaching": "以录播代替直播",
}
SOURCE_NAMES: Final[dict[Source, str]] = {
    "filing": "备案材料",
    "tip": "投诉举报",
    "visit": "现场检查",
}
EXPERT_PRACTICES: Final[frozenset[Practice]] = frozenset(
    {"ahead_of_standard", "overseas_curriculum", "subject_teaching", "recorded_teaching"}
)
"""What only a look at the content tells: an expert speaks before it is held against anyone."""
WAITING: Final[tuple[State, ...]] = ("received", "opinion_asked", "undecided")

MOST_OPINIONS: Final = 10
MOST_CORRECTIONS: Final = 20
MOST_DECISIONS: Final = 20
MOST_REPORTS: Final = 5_000
"""Of one institution or platform: all are judged in one transaction. Bounds, not rules."""


class PracticeReportNotFound(NotFound):
    """There is no such report, or it is not this caller's matter."""

    code: ClassVar[str] = "practice-report-not-found"
    title: ClassVar[str] = "没有这件反映"


class NotResponsible(Forbidden):
    """Only whoever is in charge of the institution or platform handles a report about it."""

    code: ClassVar[str] = "not-responsible"
    title: ClassVar[str] = "不是负责办理的部门"


class PracticeReportedOtherwise(Conflict):
    """The same office made this report before, or corrected it, with another content."""

    code: ClassVar[str] = "practice-reported-otherwise"
    title: ClassVar[str] = "该反映或该版本已以不同内容报送"


class ReportWithdrawn(Conflict):
    """What was withdrawn is not worked on."""

    code: ClassVar[str] = "practice-report-withdrawn"
    title: ClassVar[str] = "该反映已撤回"


class ReportInHand(Conflict):
    """An institution does not change what it reported once those in charge have acted on it."""

    code: ClassVar[str] = "practice-report-in-hand"
    title: ClassVar[str] = "该反映已由主管部门办理"


class OpinionGivenOtherwise(Conflict):
    """The expert has spoken, and said something else."""

    code: ClassVar[str] = "opinion-given-otherwise"
    title: ClassVar[str] = "该意见已以不同内容出具"


class OpinionNotFound(NotFound):
    """No opinion was asked for under this number."""

    code: ClassVar[str] = "opinion-not-found"
    title: ClassVar[str] = "没有这个编号的征询"


class OpinionNeeded(Conflict):
    """Without an expert's word this practice is not held against anyone."""

    code: ClassVar[str] = "opinion-needed"
    title: ClassVar[str] = "认定前须有专家意见"


class OpinionStands(Conflict):
    """The experts agree; another one may be asked, but a department does not overrule them."""

    code: ClassVar[str] = "opinion-stands"
    title: ClassVar[str] = "专家意见一致，不能作相反决定"


class ExpertOfInstitution(Rejected):
    """An expert is not of the institution that the report is about."""

    code: ClassVar[str] = "expert-of-institution"
    title: ClassVar[str] = "专家不能来自被反映的机构"


class TooManyReports(Rejected):
    """More is reported of one institution or platform than is judged at once."""

    code: ClassVar[str] = "too-many-reports"
    title: ClassVar[str] = "对同一机构或平台的反映数量超过上限"


class TooManyOfReport(Rejected):
    """A report is corrected, judged or decided more often than anybody can follow."""

    code: ClassVar[str] = "too-many-of-report"
    title: ClassVar[str] = "反映的更正、征询或决定次数超过上限"


@dataclass(frozen=True, slots=True)
class Evidence:
    """A photograph, recording or paper, kept elsewhere: its digest, and what it shows."""

    digest: str
    shows: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What is told of a practice; of an institution or of a platform, on one day or through some.

    ``sealed_contact`` is how to reach who gave a tip, under the service's key; none: anonymous.
    """

    practice: Practice
    source: Source
    first_on: date
    last_on: date
    seen: str
    institution_id: str | None = None
    platform: str | None = None
    evidence: tuple[Evidence, ...] = ()
    source_reference: str | None = None
    course: str | None = None
    stage: Stage | None = None
    kind: Kind | None = None
    mode: Mode | None = None
    sealed_contact: str | None = None

    @property
    def matter(self) -> tuple[object, ...]:
        """What a correction leaves alone: whatever else is another report."""
        return self.practice, self.source, self.institution_id, self.platform


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """What an expert was asked, and says; about the version of the report it was asked with."""

    number: int
    expert: str
    office: str
    question: str
    of_version: int
    asked_at: datetime
    says: Says | None = None
    reasons: str | None = None
    paper: str | None = None
    given_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What the department in charge has decided, and why."""

    outcome: Outcome
    reasons: str
    by: str
    decided_at: datetime

    def says_as(self, other: "Decision") -> bool:
        """Tell whether two decisions are the same, whenever they were made."""
        return replace(self, decided_at=other.decided_at) == other


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that was done to a report."""

    did: str
    at: datetime
    by_role: str
    by_office: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One report at its current version; ``former`` are the versions before, the first one first.

    ``office`` has reported it, or ``institution`` of itself; ``responsible`` handles it.
    """

    report_id: str
    told: Told
    reported_at: datetime
    office: str | None
    institution: str | None
    responsible: tuple[str, ...]
    town: str | None = None
    former: tuple[Told, ...] = ()
    opinions: tuple[Opinion, ...] = ()
    decisions: tuple[Decision, ...] = ()
    withdrawn: bool = False
    overdue_at: datetime | None = None
    steps: tuple[Step, ...] = ()

    @property
    def version(self) -> int:
        return len(self.former) + 1

    @property
    def needs_expert(self) -> bool:
        return self.told.practice in EXPERT_PRACTICES

    @property
    def in_hand(self) -> bool:
        """Whether those who handle it have asked an expert, or decided."""
        return bool(self.opinions or self.decisions)

    @property
    def state(self) -> State:
        """Where it stands: a decision goes before opinions, opinions before what was seen."""
        if self.withdrawn:
            return "withdrawn"
        if self.decisions:
            return self.decisions[-1].outcome
        if self.needs_expert or self.opinions:
            return self._by_experts()
        # What an officer saw or read stands; what somebody said waits to be looked into.
        return "received" if self.told.source == "tip" else "upheld"

    @property
    def waiting_since(self) -> datetime | None:
        """Since when the next step is waited for; nothing is while it stands or fell."""
        match self.state:
            case "received":
                return self.reported_at
            case "opinion_asked":
                return min(one.asked_at for one in self.opinions if one.given_at is None)
            case "undecided":
                return max(one.given_at for one in self.opinions if one.given_at is not None)
            case _:
                return None

    def corrected(self, told: Told) -> "Report":
        """Return the next version of what is told; the same again changes nothing."""
        self._must_stand()
        if told == self.told:
            return self
        if told.matter != self.told.matter:
            raise PracticeReportedOtherwise("行为、来源和被反映的对象不能更正：请撤回后另行报送。")
        _within(len(self.former), MOST_CORRECTIONS, "更正")
        return replace(self, told=told, former=(*self.former, self.told))

    def asked(self, opinion: Opinion) -> "Report":
        """Return the report with one more expert asked."""
        self._must_stand()
        _within(len(self.opinions), MOST_OPINIONS, "征询")
        return replace(self, opinions=(*self.opinions, opinion))

    def given(self, opinion: Opinion) -> "Report":
        """Return the report with an expert's word; the same again changes nothing."""
        self._must_stand()
        before = self.opinion(opinion.number)
        if before.given_at is not None:
            if replace(opinion, given_at=before.given_at) == before:
                return self
            raise OpinionGivenOtherwise("专家可以另行出具意见：请重新征询。")
        others = tuple(opinion if one is before else one for one in self.opinions)
        return replace(self, opinions=others)

    def decided(self, decision: Decision) -> "Report":
        """Return the report as the department decides it; experts who agree are not overruled."""
        self._must_stand()
        if self.decisions and decision.says_as(self.decisions[-1]):
            return self
        by_experts = self._by_experts()
        if by_experts in ("upheld", "unfounded") and by_experts != decision.outcome:
            raise OpinionStands("如有异议，请另行征询专家意见；意见不一致时由主管部门决定。")
        unheard = by_experts in ("received", "opinion_asked")
        if unheard and self.needs_expert and decision.outcome == "upheld":
            raise OpinionNeeded(f"{PRACTICE_NAMES[self.told.practice]}须由专家出具意见后认定。")
        _within(len(self.decisions), MOST_DECISIONS, "决定")
        return replace(self, decisions=(*self.decisions, decision))

    def opinion(self, number: int) -> Opinion:
        """Return what was asked under a number."""
        found = next((one for one in self.opinions if one.number == number), None)
        if found is None:
            raise OpinionNotFound(f"该反映没有编号为{number}的征询。")
        return found

    def _by_experts(self) -> State:
        said = {one.says for one in self.opinions if one.says is not None}
        if said == {"supports"}:
            return "upheld"
        if said == {"does_not_support"}:
            return "unfounded"
        if said:
            return "undecided"
        return "opinion_asked" if self.opinions else "received"

    def _must_stand(self) -> None:
        if self.withdrawn:
            raise ReportWithdrawn("撤回的反映不再办理；如有新情况请另行报送。")


def _within(count: int, most: int, what: str) -> None:
    if count >= most:
        raise TooManyOfReport(f"一件反映至多{what}{most}次。")
