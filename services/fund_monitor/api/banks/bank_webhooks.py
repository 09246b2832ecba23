"""Where a bank wants to be told its outcomes and differences, besides what it reads itself."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, HttpUrl, UrlConstraints

from services.fund_monitor.api.banks.banks import BankCode
from services.fund_monitor.api.deps import RoomsDep
from services.fund_monitor.store.banks.bank_webhooks import BankWebhookNotFound
from services.fund_monitor.store.banks.banks import BankNotFound
from services.fund_monitor.store.banks.told import StreamName
from shared import problem
from shared.access.enforcement import CallerDep
from shared.audit.log import Who
from shared.errors import Forbidden, Malformed, Unauthenticated, Unavailable
from shared.mongo import Row
from shared.notify.addresses import AddressRefused
from shared.paging import cursor_to_version, version_of

router = APIRouter(
    prefix="/v1/banks",
    tags=["银行"],
    responses=problem.responses(Unauthenticated, Forbidden, Malformed, Unavailable),
)
ToldCursor = Annotated[str | None, Field(max_length=64, description="next_cursor；推送其后的")]


class BankWebhookAsked(BaseModel):
    """Where a bank is to be told, and from where on."""

    model_config = ConfigDict(extra="forbid")

    url: Annotated[HttpUrl, UrlConstraints(max_length=500)] = Field(
        description="接收推送的 https 地址，至多 500 字"
    )
    after: ToldCursor = Field(default=None, description="outcomes 的 next_cursor；推送其后的结果")
    differences_after: ToldCursor = Field(
        default=None, description="difference-changes 的 next_cursor；推送其后的差异变化"
    )


class BankReplayAsked(BaseModel):
    """What is to be posted again, and from where on; without a cursor from the beginning."""

    model_config = ConfigDict(extra="forbid")

    after: ToldCursor = None
    stream: StreamName = Field(
        default="outcomes", description="outcomes 入账结果，differences 差异变化"
    )


class ToldSoFar(BaseModel):
    """How far a bank has been told of something."""

    delivered_at: datetime | None = Field(description="最近一次送达的时间")
    next_cursor: str = Field(description="已送达到此；推送从其后继续")
    behind: int = Field(description="尚未送达的条数")
    attempts: int = Field(description="当前一页已试的次数；送达后归零")
    last_failure: str | None = Field(default=None, description="最近一次未送达的原因")


class BankWebhookView(ToldSoFar):
    """A bank's address, and how far it has been told: of its outcomes, and of differences."""

    bank: str = Field(description="银行代码")
    url: str = Field(description="接收推送的地址")
    changed_at: datetime = Field(description="登记或更换的时间")
    differences: ToldSoFar = Field(description="差异变化的推送进度")
    disabled_because: str | None = Field(default=None, description="停止推送的原因；重新登记后恢复")


class NewBankWebhook(BankWebhookView):
    """An address just set; its signing secret is shown this once."""

    secret: str


@router.put("/{bank}/webhook", responses=problem.responses(BankNotFound, AddressRefused))
async def put_bank_webhook(
    bank: BankCode, asked: BankWebhookAsked, caller: CallerDep, rooms: RoomsDep
) -> NewBankWebhook:
    """登记或更换接收结果和差异变化的 https 地址；签名密钥只显示这一次，旧密钥再并用 24 小时。"""
    rooms.webhook_addresses.check(asked.url)
    given = {"outcomes": asked.after, "differences": asked.differences_after}
    after = {name: version_of(cursor) for name, cursor in given.items() if cursor is not None}
    secret = await rooms.bank_webhooks.put(bank, str(asked.url), after=after, who=Who.of(caller))
    return NewBankWebhook(**(await read_bank_webhook(bank, rooms)).model_dump(), secret=secret)


@router.get("/{bank}/webhook", responses=problem.responses(BankWebhookNotFound))
async def read_bank_webhook(bank: BankCode, rooms: RoomsDep) -> BankWebhookView:
    """查询接收地址及推送进度。"""
    row = await rooms.bank_webhooks.get(bank)
    streams = row["streams"]
    return BankWebhookView(
        bank=bank,
        **{name: row[name] for name in ("url", "changed_at", "disabled_because")},
        **_told(streams["outcomes"]).model_dump(),
        differences=_told(streams["differences"]),
    )


@router.delete("/{bank}/webhook", status_code=204, responses=problem.responses(BankWebhookNotFound))
async def delete_bank_webhook(bank: BankCode, caller: CallerDep, rooms: RoomsDep) -> None:
    """取消推送；结果和差异变化仍可按游标读取。"""
    await rooms.bank_webhooks.remove(bank, who=Who.of(caller))


@router.post("/{bank}/webhook/replay", responses=problem.responses(BankWebhookNotFound))
async def replay_to_bank(
    bank: BankCode, asked: BankReplayAsked, caller: CallerDep, rooms: RoomsDep
) -> BankWebhookView:
    """从一个游标起重新推送；同一段的 webhook-id 不变。停用的地址由此恢复。"""
    place = 0 if asked.after is None else version_of(asked.after)
    await rooms.bank_webhooks.go_back(bank, asked.stream, place, who=Who.of(caller))
    return await read_bank_webhook(bank, rooms)


def _told(standing: Row) -> ToldSoFar:
    return ToldSoFar(
        next_cursor=cursor_to_version(standing["place"]),
        behind=standing["head"] - standing["place"],
        **{name: standing[name] for name in ("delivered_at", "attempts", "last_failure")},
    )
