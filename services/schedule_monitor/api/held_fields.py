"""What a batch of held sessions is made of, and how each item of it is read for itself."""

import hashlib
import json
from datetime import datetime
from typing import Annotated, Any, Final

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)
from pydantic_core import from_json

from services.schedule_monitor.api.fields import Label, Reference, Students, Version, WallTime
from services.schedule_monitor.app.refuse_held import Item, Misread
from services.schedule_monitor.domain.held import HeldSession, Sender
from services.schedule_monitor.domain.session import Delivery
from shared.city_time import CITY_TIME
from shared.contracts.bank import Moment, Number
from shared.contracts.registry import InstitutionId, InstitutionKind, Stage, TeachingMode
from shared.contracts.schedule import MOST_PRESENT
from shared.errors import Malformed
from shared.iso_date import IsoDate
from shared.plain_text import ONE_LINE
from shared.problem import invalid

MOST_SESSIONS: Final = 500
MOST_BYTES: Final = 768 * 1024
_MOST_NAMES = 20
_LONGEST_NAME = 64
_ALGORITHM = "sha256"

# A clock on the wall shows whole seconds; logs of platforms write fractions of them.
_ToTheSecond = Annotated[Moment, AfterValidator(lambda moment: moment.replace(microsecond=0))]
_Address = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=ONE_LINE)
]
_Url = Annotated[str, StringConstraints(pattern=r"^https?://[\x21-\x7e]{1,490}$")]


class HeldIn(BaseModel):
    """One session as it was held, from ``started_at`` to ``ended_at`` of the same city day."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    reference: Number = Field(
        description="报送方自己的课次编号，同一节课始终不变", examples=["L20260303-0017"]
    )
    version: Version = Field(
        default=1, description="同一课次的版本号，更正时递增", examples=[1], strict=True
    )
    institution_id: InstitutionId = Field(examples=["01890000-0000-7000-8000-000000000001"])
    started_at: _ToTheSecond = Field(
        description="实际开始时间，须带时区", examples=["2026-03-03T18:00:00+08:00"]
    )
    ended_at: _ToTheSecond = Field(
        description="实际结束时间，须带时区，与开始在同一天（北京时间）",
        examples=["2026-03-03T18:30:00+08:00"],
    )
    class_group: Label = Field(description="班级，与备案课表一致", examples=["三年级1班"])
    stage: Stage = Field(description="学段", examples=["compulsory"])
    head_count: Annotated[Students, Field(strict=True)] = Field(
        description="到课人数", examples=[12]
    )
    attended: Annotated[tuple[Number, ...], Field(max_length=MOST_PRESENT)] = Field(
        default=(), description="到课学员的合同编号，不报姓名", examples=[["HT-0017"]]
    )
    kind: InstitutionKind | None = Field(default=None, description="培训类别，缺省按备案或登记")
    mode: TeachingMode | None = Field(default=None, description="线上或线下，平台报送的缺省为线上")
    course: Reference | None = Field(default=None, description="备案课程的代码")
    teacher: Reference | None = Field(default=None, description="机构自己的教师编号")
    room: Reference | None = Field(default=None, description="教室，或平台的直播间编号")
    site: Reference | None = Field(default=None, description="登记的教学点编号")
    address: _Address | None = Field(default=None, description="上课地址；与教学点只填一项")
    url: _Url | None = Field(default=None, description="线上课的网址")
    delivery: Delivery = Field(default="live", description="live 直播或现场，recorded 录播")
    planned_on: IsoDate | None = Field(
        default=None, description="对应备案课的日期，与planned_start同时填写"
    )
    planned_start: WallTime | None = Field(default=None, description="对应备案课的开始时间")
    withdrawn: Annotated[bool, Field(strict=True)] = Field(
        default=False, description="更正用：这节课其实没有上"
    )

    @model_validator(mode="after")
    def _holds_together(self) -> "HeldIn":
        if self.ended_at <= self.started_at:
            raise _at("ended_at", "结束时间须晚于开始时间")
        if _city(self.ended_at).date() != _city(self.started_at).date():
            raise _at("ended_at", "课程不得跨越零点（北京时间）")
        if (self.planned_on is None) != (self.planned_start is None):
            missing = "planned_on" if self.planned_on is None else "planned_start"
            raise _at(missing, "planned_on与planned_start须同时填写")
        if self.site is not None and self.address is not None:
            raise _at("address", "site与address只填一项")
        if len(set(self.attended)) != len(self.attended):
            raise _at("attended", "同一合同编号只能出现一次")
        return self

    def held(self, sender: Sender) -> HeldSession:
        """Return the session as the domain knows it."""
        online = "online" if sender.kind == "platform" else None
        return HeldSession(
            sender=sender,
            **{
                **{name: getattr(self, name) for name in HeldIn.model_fields},
                "attended": tuple(sorted(self.attended)),
                "mode": self.mode or online,
            },
        )


class HeldBatch(BaseModel):
    """A batch of held sessions; each is checked and answered for itself."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sessions: list[HeldIn] = Field(min_length=1, max_length=MOST_SESSIONS)


def body_schema() -> dict[str, Any]:
    """Return the batch's schema for the document; the doors read the bytes themselves."""
    schema = HeldBatch.model_json_schema(ref_template="{model}")
    [session] = schema.pop("$defs").values()
    schema["properties"]["sessions"]["items"] = session
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def items_in(body: bytes, sender: Sender) -> list[Item]:
    """Return the items of a batch, each read for itself; a body that is no batch is refused."""
    try:
        document = from_json(body, allow_inf_nan=False)
    except ValueError as error:
        raise Malformed("请求体不是有效的 JSON（UTF-8）") from error
    given = document.get("sessions") if isinstance(document, dict) else None
    if not isinstance(given, list) or set(document) != {"sessions"}:
        raise Malformed('请求体须为 {"sessions": [...]}')
    if not 1 <= len(given) <= MOST_SESSIONS:
        raise Malformed(f"sessions 须有 1 至 {MOST_SESSIONS} 节课，本次 {len(given)} 节")
    return [_item(one, sender) for one in given]


def _item(given: object, sender: Sender) -> Item:
    told = without_nulls(given)
    try:
        return HeldIn.model_validate(told).held(sender)
    except ValidationError as error:
        found = [_placed(one) for one in error.errors(include_url=False, include_input=False)]
        fields = told if isinstance(told, dict) else {}
        unknown = sorted(str(name) for name in fields if name not in HeldIn.model_fields)
        return Misread(
            digest=_digest(given),
            problem=invalid(found),
            reference=_reference(fields.get("reference")),
            unknown_fields=tuple(name[:_LONGEST_NAME] for name in unknown[:_MOST_NAMES]),
        )


def without_nulls(given: object) -> object:
    """Return an item with absent fields left out: a null is an absent field."""
    if not isinstance(given, dict):
        return given
    return {name: value for name, value in given.items() if value is not None}


class _Misplaced(ValueError):
    """What is wrong at one field, though more than one had to be looked at to see it."""

    def __init__(self, place: str, told: str) -> None:
        super().__init__(told)
        self.place = place


def _at(place: str, told: str) -> _Misplaced:
    return _Misplaced(place, told)


def _placed(error: Any) -> Any:  # noqa: ANN401 - pydantic's ErrorDetails
    said = error.get("ctx", {}).get("error")
    return {**error, "loc": (said.place,)} if isinstance(said, _Misplaced) else error


def _reference(given: object) -> str | None:
    return given if isinstance(given, str) and 0 < len(given) <= _LONGEST_NAME else None


def _digest(given: object) -> str:
    content = json.dumps(given, sort_keys=True, separators=(",", ":"))
    return f"{_ALGORITHM}:{hashlib.sha256(content.encode()).hexdigest()}"


def _city(moment: datetime) -> datetime:
    return moment.astimezone(CITY_TIME)
