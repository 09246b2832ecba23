"""What cells may hold, and how Chinese offices write it: texts, numbers, money and choices."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Final

from shared.plain_text import one_form
from shared.spreadsheets.raw import CellUnreadable, Value, as_text
from shared.spreadsheets.sheet import Kind

# Beyond 15 digits an office program has already changed a number's last ones.
_EXACT: Final = 10**15
_LONGEST_NUMBER: Final = 32
_NUMBER: Final = re.compile(r"[+-]?([0-9]+|[0-9]{1,3}(,[0-9]{3})+)(\.[0-9]+)?")
_YUAN_SIGNS: Final = re.compile(r"^(?:[¥￥]|RMB|CNY)\s*|\s*元$")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def text(*, most: int, least: int = 1, pattern: str = "", form: str = "") -> Kind:
    """Return the kind of a text in one line, the same in full and half width only if so typed."""
    said = form or f"文本，最多 {most} 个字符"
    shape = re.compile(pattern) if pattern else None

    def parse(cell: Value) -> str:
        if isinstance(cell, int | float) and abs(cell) >= _EXACT:
            raise CellUnreadable("长数字末几位已被改变：请先把单元格设为“文本”格式，再重新填写")
        found = as_text(cell).strip()
        if _CONTROL.search(found):
            raise CellUnreadable("不得含换行等控制字符")
        if not least <= len(found) <= most:
            raise CellUnreadable(f"须为 {least} 至 {most} 个字符")
        if shape is not None and shape.fullmatch(found) is None:
            raise CellUnreadable(f"须为{said}")
        return found

    return Kind(parse=parse, form=said)


def in_one_form(kind: Kind) -> Kind:
    """Return a kind that reads names as others write them too, whatever widths were typed."""

    def parse(cell: Value) -> object:
        return kind.parse(one_form(cell) if isinstance(cell, str) else cell)

    return replace(kind, parse=parse)


def choice(names: Mapping[str, object], *, offered: tuple[str, ...] = ()) -> Kind:
    """Return the kind of one of some names, each standing for its value.

    ``offered`` are the names that people are shown; without it all are.
    """
    shown = offered or tuple(names)
    known = {plain(name): value for name, value in names.items()}

    def parse(cell: Value) -> object:
        try:
            return known[plain(as_text(cell))]
        except KeyError:
            raise CellUnreadable(f"只能填写：{'、'.join(shown)}") from None

    return Kind(parse=parse, form="选择一项", choices=shown)


def whole(*, least: int, most: int) -> Kind:
    """Return the kind of a whole number."""

    def parse(cell: Value) -> int:
        found = _decimal(cell)
        if found != found.to_integral_value():
            raise CellUnreadable("须为整数")
        return int(_bounded(found, Decimal(least), Decimal(most)))

    return Kind(parse=parse, form=f"整数，{least} 至 {most}", number_format="0")


def decimal(*, least: str, most: str, places: int) -> Kind:
    """Return the kind of an exact decimal with so many places at most."""

    def parse(cell: Value) -> Decimal:
        found = _decimal(cell)
        if _places(found) > places:
            raise CellUnreadable(f"小数最多 {places} 位")
        return _bounded(found, Decimal(least), Decimal(most))

    return Kind(
        parse=parse,
        form=f"数字，{least} 至 {most}，小数最多 {places} 位",
        number_format=f"0.{'#' * places}" if places else "0",
    )


def yuan(*, least_fen: int, most_fen: int) -> Kind:
    """Return the kind of an amount that is written in yuan; its value is in fen."""

    def parse(cell: Value) -> int:
        found = _decimal(_YUAN_SIGNS.sub("", plain(cell)) if isinstance(cell, str) else cell)
        if _places(found) > 2:  # noqa: PLR2004 - a yuan has a hundred fen
            raise CellUnreadable("金额须精确到分，小数最多两位")
        bounded = _bounded(found, Decimal(least_fen) / 100, Decimal(most_fen) / 100, unit=" 元")
        return int(bounded * 100)

    return Kind(parse=parse, form="金额，单位元，如 1234.50", number_format="0.00")


def plain(cell: Value) -> str:
    """Return a cell as text without differences of width and without blanks."""
    return "".join(unicodedata.normalize("NFKC", as_text(cell)).split())


def _decimal(cell: Value) -> Decimal:
    if isinstance(cell, bool) or not isinstance(cell, str | int | float):
        raise CellUnreadable("须为数字")
    found = plain(cell)
    if len(found) > _LONGEST_NUMBER:
        raise CellUnreadable("数字过长")
    if isinstance(cell, str) and _NUMBER.fullmatch(found) is None:
        raise CellUnreadable("须为数字")
    return Decimal(found.replace(",", ""))


def _bounded(found: Decimal, least: Decimal, most: Decimal, *, unit: str = "") -> Decimal:
    if not least <= found <= most:
        raise CellUnreadable(f"须在 {least} 至 {most}{unit} 之间")
    return found


def _places(number: Decimal) -> int:
    exponent = number.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
