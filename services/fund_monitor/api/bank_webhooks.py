"""Where a bank wants to be told what became of its events, besides what it reads itself."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, HttpUrl, UrlConstraints

from services.fund_monitor.api.banks import BankCode
from services.fund_monitor.api.deps import RoomsDep
from services.fund_monitor.store.bank_webhooks import BankWebhookNotFound
from services.fund_monitor.store.banks import BankNotFound
from shared import problem
from shared.access.enforcement import CallerDep
from shared.audit.log import Who
from shared.errors import Forbidden, Malformed, Unauthenticated, Unavailable
from shared.notify.addresses import AddressRefused
from shared.paging import cursor_to_version, version_of

router = APIRouter(
    prefix="/v1/banks",
    tags=["银行"],
    responses=problem.responses(Unauthenticated, Forbidden, Malformed, Unavailable),
)
OutcomeCursor = Annotated[
    str | None, Field(max_length=64, description="outcomes 的 next_cursor；推送其后的结果")
]


class BankWebhookAsked(BaseModel):
    """Where outcomes are to be posted, and from where on."""

    model_config = ConfigDict(extra="forbid")

    url: Annotated[HttpUrl, UrlConstraints(max_length=500)]
    after: OutcomeCursor = None


class BankReplayAsked(BaseModel):
    """From where on outcomes are to be posted again; without a cursor from the beginning."""

    model_config = ConfigDict(extra="forbid")

    after: OutcomeCursor = None


class BankWebhookView(BaseModel):
    """A bank's address, and how far it has been told."""

    bank: str
    url: str
    changed_at: datetime
    delivered_at: datetime | None
    next_cursor: str = Field(description="已送达到此；推送从其后继续")
    behind: int = Field(description="尚未送达的结果数")
    attempts: int
    last_failure: str | None = None
    disabled_because: str | None = None


class NewBankWebhook(BankWebhookView):
    """An address just set; its signing secret is shown this once."""

    secret: str


@router.put("/{bank}/webhook", responses=problem.responses(BankNotFound, AddressRefused))
async def put_bank_webhook(
    bank: BankCode, asked: BankWebhookAsked, caller: CallerDep, rooms: RoomsDep
) -> NewBankWebhook:
    """登记或更换接收结果的 https 地址；签名密钥只显示这一次，旧密钥再并用 24 小时。"""
    rooms.webhook_addresses.check(asked.url)
    after = None if asked.after is None else version_of(asked.after)
    secret = await rooms.bank_webhooks.put(bank, str(asked.url), after=after, who=Who.of(caller))
    return NewBankWebhook(**(await read_bank_webhook(bank, rooms)).model_dump(), secret=secret)


@router.get("/{bank}/webhook", responses=problem.responses(BankWebhookNotFound))
async def read_bank_webhook(bank: BankCode, rooms: RoomsDep) -> BankWebhookView:
    """查询接收地址及推送进度。"""
    row = await rooms.bank_webhooks.get(bank)
    shown = ("url", "changed_at", "delivered_at", "attempts", "last_failure", "disabled_because")
    return BankWebhookView(
        bank=bank,
        next_cursor=cursor_to_version(row["place"]),
        behind=row["head"] - row["place"],
        **{name: row[name] for name in shown},
    )


@router.delete("/{bank}/webhook", status_code=204, responses=problem.responses(BankWebhookNotFound))
async def delete_bank_webhook(bank: BankCode, caller: CallerDep, rooms: RoomsDep) -> None:
    """取消推送；结果仍可按游标读取。"""
    await rooms.bank_webhooks.remove(bank, who=Who.of(caller))


@router.post("/{bank}/webhook/replay", responses=problem.responses(BankWebhookNotFound))
async def replay_outcomes(
    bank: BankCode, asked: BankReplayAsked, caller: CallerDep, rooms: RoomsDep
) -> BankWebhookView:
    """从一个游标起重新推送；同一段结果的 webhook-id 不变。停用的地址由此恢复。"""
    place = 0 if asked.after is None else version_of(asked.after)
    await rooms.bank_webhooks.go_back(bank, place, who=Who.of(caller))
    return await read_bank_webhook(bank, rooms)
