"""Statements of banks: their files come in, and what the comparison with the reports says."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, ConfigDict, Field, model_validator

from services.fund_monitor.api.banks.banks import BankCode
from services.fund_monitor.api.deps import RoomsDep
from services.fund_monitor.app.statements.take_statement import (
    StatementFile,
    StatementRefused,
    take_statement,
)
from services.fund_monitor.domain.statements.statement import Layout
from services.fund_monitor.store.banks.banks import BankNotFound
from services.fund_monitor.store.statements.statements import NoStatementLayout, StatementNotFound
from shared import problem
from shared.access.enforcement import CallerDep
from shared.audit.log import Who
from shared.errors import Forbidden, Malformed, TooLarge, TooSlow, Unauthenticated, Unavailable
from shared.mongo import Row
from shared.paging import USUAL_LIMIT, Cursor, Limit, before_of, cursor_after
from shared.spreadsheets.uploads import FILE_BODY, received

router = APIRouter(
    prefix="/v1/banks",
    tags=["对账"],
    responses=problem.responses(Unauthenticated, Forbidden, Malformed, Unavailable),
)

BusinessDay = Annotated[date, Path(description="对账日")]
Header = Annotated[str, Field(min_length=1, max_length=64)]


class StatementMapping(BaseModel):
    """Which header of the bank's file stands for what, and how the file is written."""

    model_config = ConfigDict(extra="forbid")

    serial_no: Header = Field(description="流水号列的表头，同所报事件的 serial_no")
    account_no: Header = Field(description="账号列的表头")
    booked_on: Header = Field(description="账务日期列的表头；各行须为对账日")
    amount: Header | None = Field(default=None, description="单列金额；带符号，或与 direction 同用")
    direction: Header | None = Field(default=None, description="借贷标志")
    debit: Header | None = Field(default=None, description="借方（支出）金额")
    credit: Header | None = Field(default=None, description="贷方（收入）金额")
    balance_after: Header | None = Field(default=None, description="本笔之后余额列的表头")
    entry_no: Header | None = Field(default=None, description="分录号列的表头")
    unit: Literal["yuan", "fen"] = Field(default="yuan", description="元（两位小数）或分")
    encoding: Literal["utf-8", "gb18030"] = Field(default="utf-8", description="CSV 的编码")
    delimiter: Literal[",", ";", "|", "\t"] = Field(default=",", description="CSV 的分隔符")
    total_label: Header = Field(default="合计", description="合计行的首个非空单元格")

    @model_validator(mode="after")
    def _whole(self) -> "StatementMapping":
        if wrong := self.layout().wrong():
            raise ValueError(wrong)
        return self

    def layout(self) -> Layout:
        """Return the mapping as the domain knows it."""
        return Layout(**self.model_dump())


class StatementResult(BaseModel):
    """How many were matched in which way, and how many differences of each kind there are."""

    one_to_one: int = Field(default=0, description="一行对一笔")
    one_to_many: int = Field(default=0, description="一行对几笔")
    many_to_one: int = Field(default=0, description="几行对一笔")
    statement_only: int = Field(default=0, description="只在对账文件中")
    report_only: int = Field(default=0, description="只在报送的事件中")
    amount_differs: int = Field(default=0, description="流水号相同，金额不同")
    direction_differs: int = Field(default=0, description="流水号相同，收支方向相反")
    day_differs: int = Field(default=0, description="流水号和金额相同，日期不同")
    duplicated: int = Field(default=0, description="对账文件重复列出")
    untried_accounts: int = Field(default=0, description="剩余过多、未尝试合计匹配的账户数")


class BankStatementView(BaseModel):
    """One version of a day's statement; without a result it waits to be compared."""

    statement_id: str = Field(description="对账文件编号")
    bank: str = Field(description="银行代码")
    business_day: date = Field(description="对账日")
    version: int = Field(description="当日第几份；内容不同的另记一份")
    current: bool = Field(description="是否当日现行的一份")
    digest: str = Field(description="文件的摘要")
    rows: int = Field(description="明细行数，不含表头和合计行")
    received_at: datetime = Field(description="收到的时间")
    waiting: bool = Field(description="等待核对，或有事件晚到而等待重新核对")
    result: StatementResult | None = Field(default=None, description="核对的结果；尚未核对时没有")


class StatementPage(BaseModel):
    """Statements, the last received first."""

    statements: list[BankStatementView]
    next_cursor: str | None = None


@router.put("/{bank}/statement-mapping", responses=problem.responses(BankNotFound))
async def declare_mapping(
    bank: BankCode, mapping: StatementMapping, caller: CallerDep, rooms: RoomsDep
) -> StatementMapping:
    """登记银行对账文件的列映射，自下一份文件起生效。"""
    await rooms.statements.declare(bank, mapping.layout(), who=Who.of(caller))
    return mapping


@router.put(
    "/{bank}/statements/{business_day}",
    openapi_extra=FILE_BODY,
    responses=problem.responses(
        BankNotFound, NoStatementLayout, StatementRefused, TooLarge, TooSlow
    ),
)
async def put_statement(
    bank: BankCode,
    business_day: BusinessDay,
    request: Request,
    caller: CallerDep,
    rooms: RoomsDep,
) -> BankStatementView:
    """报送一天的对账文件（CSV 或 XLSX）：整份接收或整份退回；同一文件重发，回答相同。"""
    async with received(request) as content:
        file = StatementFile(bank, business_day, content)
        row = await take_statement(
            file, statements=rooms.statements, who=Who.of(caller), now=rooms.now()
        )
    return _view(row)


@router.get("/{bank}/statements")
async def list_statements(
    bank: BankCode, rooms: RoomsDep, cursor: Cursor = None, limit: Limit = USUAL_LIMIT
) -> StatementPage:
    """列出对账文件的各个版本，最近收到的在前。"""
    found = await rooms.statements.page(bank, before=before_of(cursor), limit=limit)
    return StatementPage(
        statements=[_view(row) for row in found],
        next_cursor=cursor_after([row["_id"] for row in found], limit=limit),
    )


@router.get("/{bank}/statements/{business_day}", responses=problem.responses(StatementNotFound))
async def read_statement(
    bank: BankCode, business_day: BusinessDay, rooms: RoomsDep
) -> BankStatementView:
    """查询一天的对账结果。"""
    return _view(await rooms.statements.find(bank, business_day))


def _view(row: Row) -> BankStatementView:
    given: dict[str, Any] = {
        name: row[name] for name in ("bank", "version", "current", "digest", "rows", "received_at")
    }
    result = row["result"]
    return BankStatementView(
        statement_id=row["_id"],
        business_day=row["day"],
        waiting=bool(row["current"] and row["stale"]),
        result=None if result is None else StatementResult(**result),
        **given,
    )
