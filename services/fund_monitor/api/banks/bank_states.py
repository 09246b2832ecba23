"""Where a bank stands on its way to the door, and who moves it on."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from services.fund_monitor.api.banks.banks import BankCode
from services.fund_monitor.api.deps import RoomsDep
from services.fund_monitor.domain.banks.admission import BankState
from services.fund_monitor.store.banks.bank_states import ConformanceMissing, StateNotNext, Step
from services.fund_monitor.store.banks.banks import BankNotFound
from shared import problem
from shared.access.enforcement import CallerDep
from shared.audit.log import Who
from shared.errors import Forbidden, Malformed, Unauthenticated, Unavailable

router = APIRouter(
    prefix="/v1/banks",
    tags=["银行"],
    responses=problem.responses(Unauthenticated, Forbidden, Malformed, Unavailable),
)


class StateAsked(BaseModel):
    """The state a bank is to have, and why."""

    model_config = ConfigDict(extra="forbid")

    state: BankState
    reason: str = Field(min_length=1, max_length=300)
    conformance_digest: Annotated[
        str | None,
        Field(pattern=r"^sha256:[0-9a-f]{64}$", description="接口检验结果（JSON）的摘要"),
    ] = None


class StateView(BaseModel):
    """Where a bank stands."""

    model_config = ConfigDict(from_attributes=True)

    bank: str
    state: BankState
    since: datetime
    reason: str | None
    conformance_digest: str | None


@router.get("/{bank}/state", responses=problem.responses(BankNotFound))
async def read_state(bank: BankCode, rooms: RoomsDep) -> StateView:
    """查询银行的接入状态：沙箱、已认证、已上线、已暂停。"""
    return StateView.model_validate(await rooms.bank_states.standing(bank))


@router.post(
    "/{bank}/state",
    responses=problem.responses(BankNotFound, StateNotNext, ConformanceMissing),
)
async def change_state(
    bank: BankCode, asked: StateAsked, caller: CallerDep, rooms: RoomsDep
) -> StateView:
    """变更银行的接入状态，立即对报送生效；重复变更为同一状态不再记录。"""
    step = Step(to=asked.state, reason=asked.reason, conformance_digest=asked.conformance_digest)
    standing = await rooms.bank_states.take(bank, step, who=Who.of(caller), now=rooms.now())
    return StateView.model_validate(standing)
