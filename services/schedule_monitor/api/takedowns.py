"""Drafts of requests to platforms and operators; what follows on a draft is ``shared/takedown``."""

from typing import Annotated, Final

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from services.schedule_monitor.api.deps import RoomsDep
from services.schedule_monitor.api.fields import Label, Reference
from services.schedule_monitor.app.takedowns.draft_takedown import (
    RecipientUnknown,
    Wanted,
    prepare_takedown,
)
from services.schedule_monitor.app.takedowns.takedown_grounds import Cited, GroundRefused
from services.schedule_monitor.domain.takedowns import (
    CLASS_GROUP,
    COURSE,
    INSTITUTION,
    MEASURE_NAMES,
    THING_NAMES,
    GroundKind,
    Measure,
    ThingKind,
    Urgency,
    missing_marks,
)
from services.schedule_monitor.domain.timetables.timetable import InstitutionUnknown
from shared import problem
from shared.access.enforcement import CallerDep
from shared.contracts.registry import InstitutionId
from shared.errors import Forbidden, Unauthenticated, Unavailable
from shared.idempotency import KeyedRequestRunning, KeyReused, OnceDep
from shared.mongo import Session
from shared.senders.api import SENDER_CODE
from shared.takedown.api import PREFIX, TAGS, TakedownId, hand_of
from shared.takedown.bodies import Line, ProofBody, Text
from shared.takedown.changes import TakedownNotFound
from shared.takedown.model import Recipient, Thing
from shared.takedown.notice import notice_of
from shared.takedown.views import TakedownView, takedown_view

router = APIRouter(prefix=PREFIX, tags=[*TAGS])

_MOST_GROUNDS: Final = 20
_MOST_PROOFS: Final = 20
Url = Annotated[str, StringConstraints(pattern=r"^https?://[\x21-\x7e]{1,490}$")]


class RecipientBody(BaseModel):
    """Who is asked: a platform by its code, or an operator by name and contact."""

    model_config = ConfigDict(extra="forbid")

    platform: str | None = Field(default=None, pattern=SENDER_CODE, description="平台代码")
    operator: Line | None = Field(default=None, description="未登记为平台的经营者名称")
    contact: Line | None = Field(default=None, description="联系人和联系方式；经营者必填")

    @model_validator(mode="after")
    def _names_one(self) -> "RecipientBody":
        if (self.platform is None) == (self.operator is None):
            raise ValueError("platform 和 operator 须且只须填一项")
        if self.operator is not None and self.contact is None:
            raise ValueError("经营者须填 contact")
        return self

    def recipient(self) -> Recipient:
        kind = "platform" if self.platform is not None else "operator"
        name = self.operator or self.platform or ""
        return Recipient(kind=kind, name=name, code=self.platform, contact=self.contact)


class ThingBody(BaseModel):
    """What is to be taken down, and what it is known again by."""

    model_config = ConfigDict(extra="forbid")

    kind: ThingKind = Field(description="class 班级、course 课程、recording 录播内容、app 平台应用")
    title: Line
    url: Url | None = None
    institution_id: InstitutionId | None = None
    class_group: Label | None = None
    course: Reference | None = Field(default=None, description="备案课程的代码")

    @model_validator(mode="after")
    def _is_known_again(self) -> "ThingBody":
        if lacking := missing_marks(self.kind, self._marks(), self.url):
            raise ValueError(f"{self.kind} 还须填写 {'、'.join(lacking)}")
        return self

    def thing(self) -> Thing:
        return Thing(kind=self.kind, title=self.title, url=self.url, marks=self._marks())

    def _marks(self) -> dict[str, str]:
        told = {
            INSTITUTION: self.institution_id,
            CLASS_GROUP: self.class_group,
            COURSE: self.course,
        }
        return {name: value for name, value in told.items() if value is not None}


class GroundBody(BaseModel):
    """A finding on which the request rests; its article is that of its rule."""

    model_config = ConfigDict(extra="forbid")

    kind: GroundKind = Field(
        description="alert 预警、held_session 实际上课记录、course 备案课程、"
        "report 已认定的培训行为反映、visit 巡查结果"
    )
    reference: Line = Field(description="预警、上课记录、反映、巡查的编号，或课程代码")
    rule: str | None = Field(
        default=None, max_length=64, description="违反的规则代码；预警和反映的规则可以不填"
    )
    says: Text = Field(description="写给对方的事实说明")

    def cited(self) -> Cited:
        return Cited(kind=self.kind, reference=self.reference, rule=self.rule, says=self.says)


class NewTakedown(BaseModel):
    """A request to take something down, or to put it right."""

    model_config = ConfigDict(extra="forbid")

    recipient: RecipientBody
    thing: ThingBody
    measure: Measure = Field(
        default="take_down", description="take_down 下架（停课）、rectify 整改"
    )
    demand: Text = Field(description="要求对方做什么")
    urgency: Urgency = Field(
        default="usual", description="urgent 24小时、usual 5个工作日（建议值）"
    )
    grounds: list[GroundBody] = Field(min_length=1, max_length=_MOST_GROUNDS)
    proofs: list[ProofBody] = Field(min_length=1, max_length=_MOST_PROOFS)

    def wanted(self) -> Wanted:
        return Wanted(
            recipient=self.recipient.recipient(),
            thing=self.thing.thing(),
            measure=self.measure,
            demand=self.demand,
            urgency=self.urgency,
            grounds=[one.cited() for one in self.grounds],
            proofs=[one.proof() for one in self.proofs],
        )


@router.post(
    "",
    status_code=201,
    responses=problem.responses(
        *(Unauthenticated, Forbidden, Unavailable, InstitutionUnknown),
        *(GroundRefused, RecipientUnknown, KeyedRequestRunning, KeyReused),
    ),
)
async def draft_takedown(
    body: NewTakedown, caller: CallerDep, rooms: RoomsDep, once: OnceDep
) -> TakedownView:
    """拟一份下架（停课）、整改要求：写明对象、依据和证明材料，送达后起算期限。"""
    at = rooms.drafting
    drafted = await prepare_takedown(body.wanted(), by=hand_of(caller), at=at, now=rooms.now())

    async def work(session: Session) -> TakedownView:
        await at.desk.draft(drafted, session=session)
        return takedown_view(drafted, at.desk.store.calendar)

    return await once.within(TakedownView, work)


@router.get(
    "/{takedown_id}/notice",
    response_class=PlainTextResponse,
    responses={
        200: {"content": {"text/plain": {}}, "description": "通知书正文。"},
        **problem.responses(Unauthenticated, Forbidden, Unavailable, TakedownNotFound),
    },
)
async def read_notice(takedown_id: TakedownId, caller: CallerDep, rooms: RoomsDep) -> str:
    """返回可打印的通知书：对象、依据、要求和期限。"""
    desk = rooms.drafting.desk
    takedown = await desk.read(takedown_id, by=hand_of(caller))
    kind, measure = THING_NAMES[takedown.thing.kind], MEASURE_NAMES[takedown.measure]
    return notice_of(takedown, desk.store.calendar, title=f"{measure}通知书", kind=kind)
