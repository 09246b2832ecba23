"""Banks, and what they and staff may read of their events and accounts."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field, field_validator

from services.fund_monitor.api.deps import RoomsDep
from services.fund_monitor.app.banks.add_bank import add_bank
from services.fund_monitor.domain.banks.admission import BankState
from services.fund_monitor.domain.banks.bank import Bank
from services.fund_monitor.store.banks.banks import BankExists, BankNotFound, IdentityFieldsFixed
from services.fund_monitor.store.ledger.records import AccountNotFound
from shared import problem
from shared.access.enforcement import CallerDep
from shared.audit.log import Who
from shared.contracts.bank import Number
from shared.errors import Forbidden, Malformed, NotYet, Unauthenticated, Unavailable
from shared.idempotency import KeyedRequestRunning, KeyReused, OnceDep
from shared.mongo import Row, Session
from shared.senders.api import SENDER_CODE

router = APIRouter(
    prefix="/v1/banks",
    tags=["银行"],
    responses=problem.responses(Unauthenticated, Forbidden, Malformed, Unavailable),
)

BankCode = Annotated[str, Path(pattern=SENDER_CODE, description="银行代码")]
IdentityFields = list[Literal["booked_on", "entry_no"]]


class IdentityDeclaration(BaseModel):
    """The fields that, beside the serial number, make an event of this bank unique."""

    model_config = ConfigDict(extra="forbid")

    identity_fields: IdentityFields = Field(default_factory=list)

    @field_validator("identity_fields")
    @classmethod
    def _once_each(cls, value: IdentityFields) -> IdentityFields:
        if len(set(value)) < len(value):
            raise ValueError("每个字段只能声明一次")
        return sorted(value)


class NewBank(IdentityDeclaration):
    """A bank to be added."""

    code: str = Field(pattern=SENDER_CODE)
    name: str | None = Field(default=None, min_length=1, max_length=64)
    state: Literal["sandbox", "live"] | None = Field(
        default=None, description="接入状态；不填时沙箱中为 sandbox，否则为 live"
    )


class AddedBank(BaseModel):
    """A bank just added; its secret is shown this once."""

    code: str
    name: str
    identity_fields: list[str]
    state: BankState = "live"
    secret: str


class ConflictView(BaseModel):
    """Another body that came under the same identity."""

    received_at: datetime
    digest: str


class EventView(BaseModel):
    """Where one event stands."""

    serial_no: str
    account_no: str
    booked_on: str | None = None
    entry_no: str | None = None
    status: Literal["posted", "parked", "set_aside"]
    reason: str | None = None
    digest: str
    received_at: datetime
    conflicts: list[ConflictView]


class EventViews(BaseModel):
    """All events of one serial number; several where a bank's serial numbers restart."""

    results: list[EventView]


class AccountView(BaseModel):
    """An account with its balance and what made it, in fen."""

    bank: str
    account_no: str
    state: Literal["open", "unopened"]
    institution_code: str | None = None
    account_kind: str | None = None
    balance_fen: int
    unconsumed_fen: int
    by_type: dict[str, int]


class RefusedView(BaseModel):
    """An event the door refused: its problems, the fields that passed, names of unknown ones."""

    digest: str
    received_at: datetime
    problems: list[dict[str, str]]
    known: dict[str, Any]
    unknown_fields: list[str]


class RefusedPage(BaseModel):
    """A page of refused events."""

    refused: list[RefusedView]
    next_cursor: str | None = None


class UnpostedView(BaseModel):
    """An event that is not posted, and why."""

    identity: str
    serial_no: str
    type: str
    reason: str | None
    received_at: datetime


class UnpostedPage(BaseModel):
    """A page of events that are not posted."""

    events: list[UnpostedView]
    next_cursor: str | None = None


@router.post(
    "",
    status_code=201,
    responses=problem.responses(BankExists, KeyedRequestRunning, KeyReused),
)
async def create_bank(
    bank: NewBank, caller: CallerDep, rooms: RoomsDep, once: OnceDep
) -> AddedBank:
    """登记一家银行；签名密钥只显示这一次，以同一 Idempotency-Key 重发时除外。"""
    added = Bank(
        bank.code,
        bank.name or bank.code,
        tuple(bank.identity_fields),
        state=bank.state or ("sandbox" if rooms.sandbox else "live"),
    )

    async def work(session: Session) -> AddedBank:
        secret = await add_bank(
            added,
            banks=rooms.banks,
            sealer=rooms.sealer,
            who=Who.of(caller),
            now=rooms.now(),
            session=session,
        )
        return AddedBank(
            code=added.code,
            name=added.name,
            identity_fields=bank.identity_fields,
            state=added.state,
            secret=secret,
        )

    return await once.within(AddedBank, work, sealer=rooms.sealer)


@router.put(
    "/{bank}/identity-fields", responses=problem.responses(BankNotFound, IdentityFieldsFixed)
)
async def declare_identity_fields(
    bank: BankCode, declaration: IdentityDeclaration, caller: CallerDep, rooms: RoomsDep
) -> IdentityDeclaration:
    """声明交易标识字段；自首个事件起不可更改。"""
    declared = tuple(declaration.identity_fields)
    await rooms.banks.declare(bank, declared, who=Who.of(caller))
    return declaration


@router.get("/{bank}/events/{serial_no}", responses=problem.responses(NotYet))
async def read_events(
    bank: BankCode, serial_no: Annotated[Number, Path()], rooms: RoomsDep
) -> EventViews:
    """查询一个流水号的入账结果；尚未判断时为 404，可按 Retry-After 再查。"""
    rows = await rooms.records.events(bank, serial_no)
    if not rows:
        raise NotYet(f"没有流水号 {serial_no} 的记录：尚未处理，或从未收到")
    return EventViews(results=[_event(row) for row in rows])


@router.get("/{bank}/accounts/{account_no}", responses=problem.responses(AccountNotFound))
async def read_account(
    bank: BankCode, account_no: Annotated[Number, Path()], rooms: RoomsDep
) -> AccountView:
    """查询账户余额及其构成（分）。"""
    row = await rooms.records.account(bank, account_no)
    return AccountView(
        bank=bank,
        account_no=account_no,
        state="open" if row.get("opened_by") else "unopened",
        institution_code=row.get("institution_code"),
        account_kind=row.get("account_kind"),
        balance_fen=row.get("balance_fen", 0),
        unconsumed_fen=row.get("unconsumed_fen", 0),
        by_type=row.get("by_type", {}),
    )


Cursor = Annotated[str, Query(max_length=400)]
Limit = Annotated[int, Query(ge=1, le=200)]


@router.get("/{bank}/refused")
async def list_refused(
    bank: BankCode, rooms: RoomsDep, cursor: Cursor = "", limit: Limit = 50
) -> RefusedPage:
    """列出被拒收的事件，同一内容只列一次。"""
    rows = await rooms.records.refused(bank, after=cursor, limit=limit)
    return RefusedPage(
        refused=[RefusedView.model_validate(row) for row in rows],
        next_cursor=rows[-1]["_id"] if len(rows) == limit else None,
    )


@router.get("/{bank}/unposted")
async def list_unposted(
    bank: BankCode,
    rooms: RoomsDep,
    state: Annotated[Literal["parked", "set_aside"], Query()] = "parked",
    cursor: Cursor = "",
    limit: Limit = 50,
) -> UnpostedPage:
    """列出挂起（等待前置事件）或搁置（不能入账）的事件。"""
    rows = await rooms.records.of_state(bank, state, after=cursor, limit=limit)
    return UnpostedPage(
        events=[UnpostedView(identity=row["_id"], **_unposted(row)) for row in rows],
        next_cursor=rows[-1]["_id"] if len(rows) == limit else None,
    )


def _unposted(row: Row) -> Row:
    return {name: row[name] for name in ("serial_no", "type", "reason", "received_at")}


def _event(row: Row) -> EventView:
    body = row["body"]
    return EventView(
        serial_no=row["serial_no"],
        account_no=body["account_no"],
        booked_on=body.get("booked_on"),
        entry_no=body.get("entry_no"),
        status=row["state"],
        reason=row["reason"],
        digest=row["digest"],
        received_at=row["received_at"],
        conflicts=[
            ConflictView(received_at=one["received_at"], digest=one["digest"])
            for one in row["conflicts"]
        ],
    )
