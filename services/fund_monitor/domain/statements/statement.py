"""A bank's statement of one day: how its columns are named, and what its rows must hold."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Final, Literal

from shared.spreadsheets.raw import CellUnreadable

MOST_FEN: Final = 10**13
_NUMBER: Final = re.compile(r"[0-9A-Za-z._-]{1,64}")
_YUAN: Final = re.compile(r"-?(0|[1-9][0-9]{0,2}(,[0-9]{3})+|[1-9][0-9]*)\.[0-9]{2}")
_FEN: Final = re.compile(r"-?(0|[1-9][0-9]*)")
_LIKE_MONEY: Final = re.compile(r"-?[0-9,]+\.[0-9]{2}")
_LONGEST_AMOUNT: Final = 24
Unit = Literal["yuan", "fen"]
_WORDS: Final[Mapping[str, int]] = {
    "贷": 1, "收": 1, "收入": 1, "C": 1, "CR": 1, "+": 1,
    "借": -1, "付": -1, "支": -1, "支出": -1, "D": -1, "DR": -1, "-": -1,
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Layout:
    """Which header of a bank's file stands for what.

    Amounts are signed, have their direction in another column, or stand in two columns.

    ``debit`` is money out of the account and ``credit`` money into it, as the bank sees them.
    """

    serial_no: str
    account_no: str
    booked_on: str
    amount: str | None = None
    direction: str | None = None
    debit: str | None = None
    credit: str | None = None
    balance_after: str | None = None
    entry_no: str | None = None
    unit: Unit = "yuan"
    encoding: Literal["utf-8", "gb18030"] = "utf-8"
    delimiter: Literal[",", ";", "|", "\t"] = ","
    total_label: str = "合计"

    @cached_property
    def columns(self) -> dict[str, str]:
        """The headers that the file must have, by what they stand for."""
        names = ("serial_no", "account_no", "booked_on", "amount", "direction", "debit")
        given = {name: getattr(self, name) for name in (*names, *_FURTHER)}
        return {name: header for name, header in given.items() if header is not None}

    @property
    def amounts(self) -> tuple[str, ...]:
        """The columns that hold amounts of the row itself."""
        return ("amount",) if self.amount is not None else ("debit", "credit")

    @property
    def money(self) -> frozenset[str]:
        """The headers of all columns that hold money."""
        names = (self.amount, self.debit, self.credit, self.balance_after)
        return frozenset(name for name in names if name is not None)

    def wrong(self) -> str | None:
        """Return what is wrong with the layout itself, in words for the bank."""
        sides = (self.debit is not None, self.credit is not None)
        if (self.amount is not None) == any(sides) or any(sides) != all(sides):
            return "金额须为一列（amount），或借方、贷方两列（debit 与 credit），二者择一"
        if self.direction is not None and self.amount is None:
            return "借贷标志（direction）只与单列金额（amount）同用"
        if len(set(self.columns.values())) < len(self.columns):
            return "同一表头不能对应两个字段"
        return None


_FURTHER: Final = ("credit", "balance_after", "entry_no")


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a statement; money into the account is positive."""

    row: int
    serial_no: str
    account_no: str
    booked_on: date
    fen: int
    entry_no: str | None = None
    balance_after_fen: int | None = None

    @property
    def key(self) -> str:
        """What makes a line the same in another version of the file."""
        return f"{self.account_no}|{self.serial_no}|{self.entry_no or ''}"


@dataclass(frozen=True, slots=True)
class CellProblem:
    """One cell that breaks one rule; a row of 0 is the file as a whole."""

    row: int
    column: str
    rule: str


Cells = Mapping[str, str]


def line_of(row: int, cells: Cells, layout: Layout, day: date) -> Line | list[CellProblem]:
    """Return the line that a row holds, or everything that is wrong with it."""
    found: dict[str, object] = {}
    wrong: list[CellProblem] = []
    for name, header in layout.columns.items():
        try:
            found[name] = _read(name, cells[name], layout, day)
        except CellUnreadable as error:
            wrong.append(CellProblem(row, header, str(error)))
    if wrong:
        return wrong
    fen = _signed(found)
    if not isinstance(fen, int):
        return [CellProblem(row, layout.columns[layout.amounts[0]], fen)]
    return Line(
        row=row,
        serial_no=cells["serial_no"],
        account_no=cells["account_no"],
        booked_on=day,
        fen=fen,
        entry_no=cells.get("entry_no") or None,
        balance_after_fen=_whole(found.get("balance_after")),
    )


def fen_of(text: str, unit: Unit) -> int:
    """Return an amount in fen."""
    if len(text) > _LONGEST_AMOUNT:
        raise CellUnreadable("金额过长")
    pattern = _YUAN if unit == "yuan" else _FEN
    if pattern.fullmatch(text) is None:
        raise CellUnreadable(
            "金额须为元，两位小数，如 1234.50" if unit == "yuan" else "金额须为分，整数，如 123450"
        )
    plain = Decimal(text.replace(",", ""))
    fen = int(plain * 100) if unit == "yuan" else int(plain)
    if abs(fen) > MOST_FEN:
        raise CellUnreadable(f"金额绝对值不得大于 {MOST_FEN // 100} 元")
    return fen


def _read(name: str, text: str, layout: Layout, day: date) -> object:
    if name in ("amount", "debit", "credit", "balance_after"):
        # Of two columns one is empty; a balance may be.
        return None if text == "" and name != "amount" else fen_of(text, layout.unit)
    if name == "booked_on":
        return _day(text, day)
    if name == "direction":
        return _direction(text)
    if name == "entry_no" and text == "":
        return None
    return _number(name, text)


def _number(name: str, text: str) -> str:
    if _NUMBER.fullmatch(text) is None:
        raise CellUnreadable("须为 1 至 64 位的字母、数字、点、横线或下划线")
    if name == "account_no" and _LIKE_MONEY.fullmatch(text) is not None:
        raise CellUnreadable("此列应为账号，却像金额：请检查列是否错位")
    return text


def _day(text: str, day: date) -> date:
    plain = text.replace("/", "-")
    try:
        # Both 2026-03-02 and 20260302 are days as ISO 8601 writes them.
        found = date.fromisoformat(plain)
    except ValueError as error:
        raise CellUnreadable("日期须写作 2026-03-02、2026/03/02 或 20260302") from error
    if found != day:
        raise CellUnreadable(f"账务日期须为对账日 {day}")
    return found


def _direction(text: str) -> int:
    sign = _WORDS.get(text.upper())
    if sign is None:
        raise CellUnreadable(f"借贷标志只能是 {'、'.join(_WORDS)}")
    return sign


def _signed(found: Mapping[str, object]) -> int | str:
    """Return the signed amount of a row, or what is wrong with its amounts together."""
    amount, sign = _whole(found.get("amount")), _whole(found.get("direction"))
    debit, credit = _whole(found.get("debit")), _whole(found.get("credit"))
    if amount is not None:
        if sign is not None and amount < 0:
            return "有借贷标志时金额不得为负"
        return amount * (sign or 1) or "金额不得为零"
    if bool(debit) == bool(credit):
        return "借方、贷方须恰有一列填写金额"
    if (debit or credit or 0) < 0:
        return "借方、贷方金额不得为负"
    return (credit or 0) - (debit or 0)


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) else None


def totals_of(line: Line, layout: Layout) -> Iterator[tuple[str, int]]:
    """Give what a line adds to each column of amounts, as the column shows it."""
    if layout.amount is not None:
        yield "amount", abs(line.fen) if layout.direction is not None else line.fen
    else:
        yield ("credit" if line.fen > 0 else "debit"), abs(line.fen)
