"""The books of an account: balances at a moment, statements, contracts' positions."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query
from pydantic import AwareDatetime, BaseModel

from services.fund_monitor.api.banks.banks import BankCode
from services.fund_monitor.api.deps import RoomsDep
from services.fund_monitor.store.ledger.books import Place, PositionNotFound, Sums
from services.fund_monitor.store.ledger.journal import entry_of_row
from services.fund_monitor.store.ledger.records import AccountNotFound
from shared import problem
from shared.contracts.bank import Number
from shared.errors import Forbidden, Malformed, Unauthenticated, Unavailable
from shared.mongo import Row
from shared.paging import USUAL_LIMIT, Limit

router = APIRouter(
    tags=["账簿"], responses=problem.responses(Unauthenticated, Forbidden, Unavailable)
)

_ACCOUNT = "/v1/banks/{bank}/accounts/{account_no}"
_LONGEST_DAYS = 366
_MOST_OF_CONTRACT = 200

AccountNo = Annotated[Number, Path()]
EntryCursor = Annotated[
    str | None, Query(max_length=800, description="`next_cursor` of the page before.")
]


class SumsView(BaseModel):
    """What an account comes to, in fen."""

    balance_fen: int
    unconsumed_fen: int


class BalanceView(SumsView):
    """What an account came to at a moment, by what is known now."""

    at: datetime


class LineView(BaseModel):
    """One side of an entry, in fen; a debit is positive."""

    book: str
    fen: int


class EntryView(BaseModel):
    """One journal entry; ``sign`` is -1 where it takes back the effect of an event."""

    entry: str
    event: str
    type: str
    occurred_at: datetime
    sign: Literal[1, -1]
    contract_no: str | None = None
    reverses: str | None = None
    lines: list[LineView]


class StatementLine(EntryView):
    """One entry of a statement, with the balance after it."""

    balance_after_fen: int


class AccountStatementView(BaseModel):
    """An account's entries in the order in which they happened."""

    before: SumsView
    entries: list[StatementLine]
    after: SumsView
    next_cursor: str | None = None


class PositionView(BaseModel):
    """What a contract was paid, released and refunded, in fen and in hundredths of a lesson."""

    contract_no: str
    paid_fen: int = 0
    released_fen: int = 0
    refunded_fen: int = 0
    returned_fen: int = 0
    paid_lessons: int = 0
    released_lessons: int = 0
    refunded_lessons: int = 0
    entries: list[EntryView]


@router.get(f"{_ACCOUNT}/balance", responses=problem.responses(AccountNotFound, Malformed))
async def read_balance(
    bank: BankCode,
    account_no: AccountNo,
    rooms: RoomsDep,
    at: Annotated[AwareDatetime | None, Query(description="须带时区；不填为现在")] = None,
) -> BalanceView:
    """查询账户在过去某一时刻的余额与未消课金额（分）。"""
    moment = _within_reach(at or rooms.now())
    sums = await rooms.books.sums_at(bank, account_no, moment)
    return BalanceView(at=moment, balance_fen=sums.balance_fen, unconsumed_fen=sums.unconsumed_fen)


@router.get(f"{_ACCOUNT}/statement", responses=problem.responses(AccountNotFound, Malformed))
async def read_statement(  # noqa: PLR0913, PLR0917 - what a statement is asked for
    bank: BankCode,
    account_no: AccountNo,
    rooms: RoomsDep,
    first: Annotated[date, Query(alias="from", description="首日（含）")],
    last: Annotated[date, Query(alias="until", description="末日（含）")],
    cursor: EntryCursor = None,
    limit: Limit = USUAL_LIMIT,
) -> AccountStatementView:
    """账户对账单：按发生时间列出分录及其后余额；最长一年。"""
    _check_span(first, last)
    page = await rooms.books.statement(
        bank, account_no, span=(first, last), after=_place(cursor), limit=limit
    )
    lines, sums = [], page.before
    for row in page.entries:
        entry = entry_of_row(row)
        sums = Sums(
            sums.balance_fen + entry.balance_fen, sums.unconsumed_fen + entry.unconsumed_fen
        )
        lines.append(StatementLine(**_entry(row), balance_after_fen=sums.balance_fen))
    return AccountStatementView(
        before=_sums(page.before),
        entries=lines,
        after=_sums(sums),
        next_cursor=_cursor(page.entries[-1]) if len(page.entries) == limit else None,
    )


@router.get(
    f"{_ACCOUNT}/contracts/{{contract_no}}",
    responses=problem.responses(PositionNotFound, Malformed),
)
async def read_position(
    bank: BankCode,
    account_no: AccountNo,
    contract_no: Annotated[Number, Path()],
    rooms: RoomsDep,
) -> PositionView:
    """一份合同在该账户的收款、划拨与退费，及其最近的分录。"""
    row = await rooms.books.position(bank, account_no, contract_no)
    entries = await rooms.books.entries_of_contract(row, limit=_MOST_OF_CONTRACT)
    sums = {name: row[name] for name in PositionView.model_fields if name in row}
    return PositionView(**sums, entries=[EntryView(**_entry(each)) for each in entries])


def _within_reach(moment: datetime) -> datetime:
    """Refuse moments that no calendar of the store can tell."""
    if not 2000 <= moment.year <= 2100:  # noqa: PLR2004 - as far as events of banks reach
        raise Malformed("at 的年份须在 2000 至 2100 之间")
    return moment.astimezone(UTC)


def _check_span(first: date, last: date) -> None:
    if not 2000 <= first.year <= last.year <= 2100:  # noqa: PLR2004 - as far as events reach
        raise Malformed("from 与 until 的年份须在 2000 至 2100 之间，且 from 不晚于 until")
    if not 0 <= (last - first).days < _LONGEST_DAYS:
        raise Malformed(f"from 不得晚于 until，且一次最多查询 {_LONGEST_DAYS} 天")


def _cursor(row: Row) -> str:
    told = json.dumps([row["occurred_at"].isoformat(), row["_id"]], ensure_ascii=False)
    return urlsafe_b64encode(told.encode()).decode()


def _place(cursor: str | None) -> Place | None:
    if cursor is None:
        return None
    try:
        moment, entry = json.loads(urlsafe_b64decode(cursor))
        return Place(_within_reach(datetime.fromisoformat(moment)), str(entry))
    except (ValueError, TypeError) as error:
        raise Malformed("翻页游标无效") from error


def _sums(sums: Sums) -> SumsView:
    return SumsView(balance_fen=sums.balance_fen, unconsumed_fen=sums.unconsumed_fen)


def _entry(row: Row) -> Row:
    return {
        "entry": row["_id"],
        "lines": [LineView(**line) for line in row["lines"]],
        **{name: row.get(name) for name in ("event", "type", "occurred_at", "sign")},
        **{name: row[name] for name in ("contract_no", "reverses") if name in row},
    }
