"""What the city decides where no text decides, each decision from a day on."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel, ConfigDict, Field

from services.schedule_monitor.api.calendars.day_overrides import Line
from services.schedule_monitor.api.deps import RoomsDep, refused_at
from services.schedule_monitor.app.calendars.decide_switch import decide_switch
from services.schedule_monitor.domain.calendars.policies import (
    SWITCH_NAMES,
    SWITCHES,
    VALUES,
    Decision,
    Switch,
)
from shared import problem
from shared.access.enforcement import CallerDep
from shared.audit.log import Who
from shared.city_time import city_date
from shared.errors import Forbidden, Unauthenticated, Unavailable
from shared.iso_date import IsoDate
from shared.plain_text import ONE_LINE

router = APIRouter(prefix="/v1/calendar/switches", tags=["日历"])

_FIRST_DAY = date(2021, 1, 1)


class SwitchIn(BaseModel):
    """What a switch stands at, by which paper and why."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    value: str = Field(
        max_length=20,
        pattern=ONE_LINE,
        description="adjusted_workdays: workday, rest_day; childrens_day: off, on; "
        "senior_secondary: subject_to_ban, exempt",
        examples=["workday"],
    )
    reference: Line = Field(description="依据的文件")
    reason: Line = Field(description="理由")


class DecisionView(BaseModel):
    """One decision in its current version."""

    switch: Switch
    since: date
    value: str
    reference: str
    version: int


class SwitchView(BaseModel):
    """One switch: what it stands at today, and every decision on it."""

    switch: Switch
    title: str
    values: list[str] = Field(description="The first is the proposed default, which is no rule.")
    stands_at: str
    note: str
    origin: str = Field(description="P: a decision of the city or a proposed default, not law.")
    decisions: list[DecisionView]


class SwitchViews(BaseModel):
    """All switches."""

    switches: list[SwitchView]


@router.put(
    "/{switch}/{since}",
    responses={
        201: {"model": DecisionView, "description": "A new version is current."},
        **problem.responses(Unauthenticated, Forbidden, Unavailable),
    },
)
async def put_switch(
    switch: Switch,
    since: Annotated[IsoDate, Path(description="自该日起")],
    body: SwitchIn,
    caller: CallerDep,
    rooms: RoomsDep,
    response: Response,
) -> DecisionView:
    """作出政策开关的决定，自某日起生效：调休上班日、六一儿童节、高中学段；全部课表重新判断。"""
    if body.value not in VALUES[switch]:
        raise refused_at("value", detail=f"只能是{'、'.join(VALUES[switch])}")
    if since < _FIRST_DAY:
        raise refused_at("since", detail=f"不得早于{_FIRST_DAY.isoformat()}")
    decision = Decision(switch=switch, since=since, value=body.value, reference=body.reference)
    decided, new = await decide_switch(
        decision, reason=body.reason, who=Who.of(caller), office=rooms.office
    )
    rooms.committed()
    response.status_code = 201 if new else 200
    return _view(decided)


@router.get("", responses=problem.responses(Unauthenticated, Forbidden))
async def read_switches(rooms: RoomsDep) -> SwitchViews:
    """列出政策开关今日的取值、依据和各项决定。"""
    policies = await rooms.office.switches.policies()
    today = city_date(rooms.now())
    return SwitchViews(
        switches=[
            SwitchView(
                switch=switch,
                title=SWITCH_NAMES[switch],
                values=list(VALUES[switch]),
                stands_at=policies.value_on(switch, today),
                note=policies.note_on(switch, today),
                origin="P",
                decisions=[_view(one) for one in policies.decisions if one.switch == switch],
            )
            for switch in SWITCHES
        ]
    )


def _view(decision: Decision) -> DecisionView:
    return DecisionView(
        switch=decision.switch,
        since=decision.since,
        value=decision.value,
        reference=decision.reference,
        version=decision.version,
    )
