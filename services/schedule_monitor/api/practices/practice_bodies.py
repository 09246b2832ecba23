"""What is sent of a practice, of an expert's opinion, and of a decision."""

import unicodedata
from datetime import date
from typing import Annotated, Final

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
    field_validator,
)

from services.schedule_monitor.api.fields import Label, Reference, Version
from services.schedule_monitor.app.practices.judge_practice import Question, Word
from services.schedule_monitor.domain.practices.practice import (
    PRACTICE_NAMES,
    Evidence,
    Outcome,
    Practice,
    Says,
    Source,
    Told,
)
from services.schedule_monitor.domain.practices.practice_breaches import LONGEST_DAYS
from shared.contracts.registry import InstitutionId, InstitutionKind, Stage, TeachingMode
from shared.iso_date import IsoDate
from shared.plain_text import ONE_LINE

_MOST_EVIDENCE: Final = 20
_LINE_BREAK: Final = "\n"


def _nothing_hidden(text: str) -> str:
    """Refuse what a reader does not see: controls, zero widths, turns of direction."""
    for character in text:
        if character != _LINE_BREAK and unicodedata.category(character)[0] == "C":
            raise ValueError(f"含有不可见字符（U+{ord(character):04X}）")
    return text


Text = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=2_000),
    AfterValidator(_nothing_hidden),
]
Reason = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=500),
    AfterValidator(_nothing_hidden),
]
Line = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=128, pattern=ONE_LINE),
    AfterValidator(_nothing_hidden),
]
Digest = Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$", examples=[f"sha256:{'0' * 64}"])]
PracticeField = Annotated[
    Practice, Field(description="；".join(f"{code} {it}" for code, it in PRACTICE_NAMES.items()))
]


class EvidenceIn(BaseModel):
    """A photograph, recording or paper that is kept elsewhere."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    digest: Digest
    shows: Line


class ToldIn(BaseModel):
    """What was seen, when, and how it is known: what a correction may change."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    first_on: IsoDate = Field(description="行为发生的首日")
    last_on: IsoDate | None = Field(default=None, description="末日（含）；缺省与首日相同")
    seen: Text = Field(description="所见所闻；不写学员和举报人的姓名")
    evidence: Annotated[tuple[EvidenceIn, ...], Field(max_length=_MOST_EVIDENCE)] = ()
    source_reference: Line | None = Field(
        default=None, description="来源编号：12345工单号、检查编号、备案编号"
    )
    course: Reference | None = Field(default=None, description="备案课程的代码，如已知")
    stage: Stage | None = None
    kind: InstitutionKind | None = Field(default=None, description="缺省为机构登记的类别")
    mode: TeachingMode | None = Field(default=None, description="缺省为机构登记的方式")
    contact: Line | None = Field(
        default=None, description="举报人的联系方式，仅办理部门可见；不填为匿名，更正时不填则不变"
    )

    @field_validator("last_on")
    @classmethod
    def _days_in_order(cls, last: date | None, info: ValidationInfo) -> date | None:
        first = info.data.get("first_on")
        if last is None or first is None:
            return last
        if last < first:
            raise ValueError("末日不能早于首日")
        if (last - first).days >= LONGEST_DAYS:
            raise ValueError(f"一件反映至多跨{LONGEST_DAYS}天")
        return last

    def told(self, about: "AboutIn | Told", *, sealed_contact: str | None) -> Told:
        """Return what is told, of the matter that a report is about."""
        return Told(
            practice=about.practice,
            source=about.source,
            institution_id=about.institution_id,
            platform=about.platform,
            first_on=self.first_on,
            last_on=self.last_on or self.first_on,
            seen=self.seen,
            evidence=tuple(Evidence(one.digest, one.shows) for one in self.evidence),
            source_reference=self.source_reference,
            course=self.course,
            stage=self.stage,
            kind=self.kind,
            mode=self.mode,
            sealed_contact=sealed_contact,
        )


class AboutIn(BaseModel):
    """What is practised by whom, and from where it is known."""

    practice: PracticeField
    source: Source = Field(description="filing 备案材料，tip 投诉举报，visit 现场检查")
    institution_id: InstitutionId | None = None
    platform: Label | None = Field(
        default=None, description="线上平台：登记的平台代码，未登记的写名称"
    )


class PracticeReportIn(ToldIn, AboutIn):
    """A practice that no timetable shows, of one institution or one platform."""

    # What is left out is looked at too: whether it may be depends on the rest.
    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)

    @field_validator("platform")
    @classmethod
    def _of_one(cls, platform: str | None, info: ValidationInfo) -> str | None:
        if "institution_id" in info.data and (
            (info.data["institution_id"] is None) == (platform is None)
        ):
            raise ValueError("institution_id与platform须填且只填一项")
        return platform

    @field_validator("kind", "mode")
    @classmethod
    def _as_platforms_are(cls, value: str | None, info: ValidationInfo) -> str | None:
        if info.data.get("platform") is None:
            return value
        if info.field_name == "kind" and value is None:
            raise ValueError("平台没有登记的类别，须填kind")
        if value == "offline":
            raise ValueError("平台的培训是线上的")
        return value

    @field_validator("contact")
    @classmethod
    def _of_a_tip(cls, contact: str | None, info: ValidationInfo) -> str | None:
        if contact is not None and info.data.get("source") != "tip":
            raise ValueError("只有投诉举报有举报人的联系方式")
        return contact


class CorrectionIn(ToldIn):
    """The next version of what is told."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: Version = Field(description="更正后的版本号：现行版本加一")


class ReasonIn(BaseModel):
    """Why something is done."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    reason: Reason


class QuestionIn(BaseModel):
    """An expert who is asked for an opinion."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    expert: Line = Field(description="专家姓名")
    office: Line = Field(description="专家所在单位；不能是被反映的机构")
    question: Reason

    def question_of(self) -> Question:
        """Return the question as the use case takes it."""
        return Question(expert=self.expert, office=self.office, question=self.question)


class OpinionIn(BaseModel):
    """What an expert says."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    says: Says = Field(description="supports 属实，does_not_support 不属实，unclear 无法判断")
    reasons: Text
    paper: Digest | None = Field(default=None, description="签名意见书的摘要")

    def word(self) -> Word:
        """Return the opinion as the use case takes it."""
        return Word(says=self.says, reasons=self.reasons, paper=self.paper)


class DecisionIn(BaseModel):
    """What the department in charge decides."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    outcome: Outcome = Field(description="upheld 认定，unfounded 不认定")
    reason: Reason
