"""From where a bank's requests may come: set by who keeps banks, held at every route of a bank."""

from ipaddress import IPv4Network, IPv6Network
from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from services.fund_monitor.api.banks.banks import BankCode
from services.fund_monitor.api.deps import RoomsDep
from services.fund_monitor.app.banks.hold_origin import hold_origin
from services.fund_monitor.domain.banks.bank_access import BankAccess
from services.fund_monitor.store.banks.banks import BankNotFound
from shared import problem
from shared.access.enforcement import CallerDep
from shared.access.tokens import Caller
from shared.audit.log import Who
from shared.errors import Forbidden, Malformed, Unauthenticated, Unavailable
from shared.origin import origin_of

router = APIRouter(
    prefix="/v1/banks",
    tags=["银行"],
    responses=problem.responses(Unauthenticated, Forbidden, Malformed, Unavailable),
)
Fingerprint = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class BankAccessView(BaseModel):
    """What is asked of a bank's requests besides signature and token; empty asks nothing."""

    networks: list[str] = Field(description="请求可以来自的网段（CIDR）")
    certificates: list[str] = Field(description="可以出示的客户端证书：DER 的 SHA-256，十六进制")


class BankAccessAsked(BaseModel):
    """What is to be asked, and why; both lists take the place of what was set."""

    model_config = ConfigDict(extra="forbid")

    networks: list[IPv4Network | IPv6Network] = Field(default_factory=list, max_length=64)
    certificates: list[Fingerprint] = Field(default_factory=list, max_length=4)
    reason: str = Field(min_length=1, max_length=300)


@router.get("/{bank}/access", responses=problem.responses(BankNotFound))
async def read_access(bank: BankCode, rooms: RoomsDep) -> BankAccessView:
    """查询银行登记的来源网段和客户端证书。"""
    return _view(await rooms.bank_access.get(bank))


@router.put("/{bank}/access", responses=problem.responses(BankNotFound))
async def put_access(
    bank: BankCode, asked: BankAccessAsked, caller: CallerDep, rooms: RoomsDep
) -> BankAccessView:
    """登记银行的来源网段和客户端证书，立即生效；空表示不作此项要求。"""
    access = BankAccess(
        tuple(dict.fromkeys(asked.networks)), tuple(dict.fromkeys(asked.certificates))
    )
    await rooms.bank_access.put(bank, access, why=asked.reason, who=Who.of(caller))
    return _view(access)


async def own_origin(request: Request, rooms: RoomsDep) -> None:
    """Hold the bearer of a bank's token against the bank's networks and certificates."""
    caller: Caller | None = getattr(request.state, "caller", None)
    if caller is None or caller.role != "bank" or caller.bank is None:
        return
    origin = origin_of(request)
    rooms.door.refuse_locked_out(caller.bank, origin.address)
    bank = await rooms.banks.find(caller.bank)
    if bank is not None:
        await hold_origin(bank, origin, access=rooms.bank_access, door=rooms.door)


def _view(access: BankAccess) -> BankAccessView:
    return BankAccessView(
        networks=[str(network) for network in access.networks],
        certificates=list(access.certificates),
    )
