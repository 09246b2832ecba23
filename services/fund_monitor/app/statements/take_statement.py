"""A bank's statement file, whichever door it comes through: taken whole, or not at all."""

import asyncio
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import IO, ClassVar, Final

from services.fund_monitor.app.statements.read_statement import rows_of
from services.fund_monitor.domain.statements.statement import Layout, Line
from services.fund_monitor.domain.statements.statement_check import StatementCheck
from services.fund_monitor.store.statements.statements import StatementStore
from shared.audit.log import Who
from shared.city_time import city_date
from shared.errors import Malformed, Rejected
from shared.mongo import Row
from shared.spreadsheets.raw import FileUnreadable

_BATCH: Final = 2_000
_CHUNK: Final = 1024 * 1024
_EARLIEST: Final = date(2000, 1, 1)


class StatementRefused(Rejected):
    """A statement file that breaks a rule anywhere; nothing of it is kept."""

    code: ClassVar[str] = "statement-refused"
    title: ClassVar[str] = "对账文件有误，整份未接收"


@dataclass(frozen=True, slots=True)
class StatementFile:
    """A file as it lies before us, open for reading, and what it is said to be."""

    bank: str
    day: date
    content: IO[bytes]


async def take_statement(
    file: StatementFile, *, statements: StatementStore, who: Who, now: datetime
) -> Row:
    """Take a statement file in and return the statement; the same file again answers the same.

    The file is read twice: once to check all of it, and once to keep it.
    """
    _refuse_day(file.day, today=city_date(now))
    layout = await statements.layout(file.bank)
    digest = await asyncio.to_thread(_digest, file.content)
    known = await statements.of_digest(file.bank, file.day, digest)
    if known is not None:
        return known
    check, accounts = await asyncio.to_thread(_checked, file, layout)
    await _refuse_strange(check, accounts, layout, file.bank, statements=statements)
    _refuse(check)
    name = f"{file.bank}|{file.day}|{digest}"
    lines = _lines(file, layout)
    while some := await asyncio.to_thread(lambda: list(islice(lines, _BATCH))):
        await statements.add_lines(file.bank, name, some)
    found = {"file": name, "digest": digest, "rows": check.rows}
    return await statements.add(file.bank, file.day, found, who=who, now=now)


def _refuse_day(day: date, *, today: date) -> None:
    if not _EARLIEST <= day <= today:
        raise Malformed(f"对账日须在 {_EARLIEST} 至今天 {today} 之间")


def _digest(content: IO[bytes]) -> str:
    content.seek(0)
    found = hashlib.sha256()
    while chunk := content.read(_CHUNK):
        found.update(chunk)
    return f"sha256:{found.hexdigest()}"


def _checked(file: StatementFile, layout: Layout) -> tuple[StatementCheck, set[str]]:
    """Read the whole file for what is wrong in it, and for the accounts that it names."""
    check = StatementCheck(layout, file.day)
    file.content.seek(0)
    accounts: set[str] = set()
    try:
        accounts.update(line.account_no for line in check.lines(rows_of(file.content, layout)))
    except FileUnreadable as error:
        check.tell(0, "", str(error))
    return check, accounts


def _lines(file: StatementFile, layout: Layout) -> Iterator[Line]:
    file.content.seek(0)
    return StatementCheck(layout, file.day).lines(rows_of(file.content, layout))


async def _refuse_strange(
    check: StatementCheck,
    accounts: set[str],
    layout: Layout,
    bank: str,
    *,
    statements: StatementStore,
) -> None:
    """Tell a column that holds other numbers than accounts: none of them is known to us."""
    if not accounts or await statements.knows_account(bank, sorted(accounts)):
        return
    if await statements.has_accounts(bank):
        check.tell(0, layout.account_no, "没有一个账号是本行报送过的账户：请检查列是否错位")


def _refuse(check: StatementCheck) -> None:
    if check.problem_count == 0:
        return
    kept = len(check.problems)
    raise StatementRefused(
        f"共 {check.problem_count} 处有误，列出前 {kept} 处；整份文件未接收，请更正后重发",
        fields=[
            (f"/rows/{one.row}/{one.column}" if one.row else f"/file/{one.column}", one.rule)
            for one in check.problems
        ],
    )
