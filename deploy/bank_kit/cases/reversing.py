"""Reversals: an event of its own that takes one earlier event back, whole and once."""

from deploy.bank_kit.case import Case
from deploy.bank_kit.checking import Desk

_PAID = 80_000


async def _taken_back(desk: Desk) -> None:
    paid = desk.books.money("deposit", _PAID)
    back = desk.books.reversal(paid)
    await desk.accepted(desk.books.opened(), paid, back)
    await desk.stands(back, "posted")
    await desk.balance_is(0)


async def _before_its_original(desk: Desk) -> None:
    paid = desk.books.money("deposit", _PAID)
    back = desk.books.reversal(paid)
    await desk.accepted(desk.books.opened(), back)
    await desk.stands(back, "parked")
    await desk.accepted(paid)
    await desk.stands(paid, "posted")
    await desk.stands(back, "posted")
    await desk.balance_is(0)


async def _twice(desk: Desk) -> None:
    books = desk.books
    paid = books.money("deposit", _PAID)
    first = books.reversal(paid, occurred_at=books.at("10:00:00+08:00"))
    second = books.reversal(paid, occurred_at=books.at("11:00:00+08:00"))
    await desk.accepted(books.opened(), paid, second, first)
    await desk.stands(first, "posted")
    await desk.stands(second, "set_aside")
    await desk.balance_is(0)


async def _wrong_amount(desk: Desk) -> None:
    paid = desk.books.money("deposit", _PAID)
    back = desk.books.reversal(paid, amount_fen=_PAID - 1)
    await desk.accepted(desk.books.opened(), paid, back)
    await desk.stands(back, "set_aside")
    await desk.balance_is(_PAID)


async def _of_a_reversal(desk: Desk) -> None:
    paid = desk.books.money("deposit", _PAID)
    back = desk.books.reversal(paid)
    forth = desk.books.reversal(back)
    await desk.accepted(desk.books.opened(), paid, back, forth)
    await desk.stands(forth, "set_aside")
    await desk.balance_is(0)


async def _on_the_next_day(desk: Desk) -> None:
    paid = desk.books.money("deposit", _PAID)
    back = desk.books.reversal(paid, occurred_at=desk.books.at(days=1))
    await desk.accepted(desk.books.opened(), paid)
    await desk.stands(paid, "posted")
    await desk.accepted(back)
    await desk.stands(back, "posted")
    await desk.balance_is(0)


async def _of_a_debit(desk: Desk) -> None:
    given = desk.books.money("release", _PAID)
    back = desk.books.reversal(given)
    await desk.accepted(desk.books.opened(), desk.books.money("deposit", _PAID), given, back)
    await desk.stands(back, "posted")
    await desk.balance_is(_PAID)


CASES = (
    Case("K29", "冲正一笔存入", "都入账，余额回到 0", _taken_back),
    Case("K30", "冲正先于原交易到达", "先 parked，原交易到后自动入账", _before_its_original),
    Case("K31", "同一交易冲正两次", "发生最早的入账，另一个 set_aside", _twice),
    Case("K32", "冲正金额不符", "set_aside，余额不变", _wrong_amount),
    Case("K33", "冲正一笔冲正", "set_aside，余额不变", _of_a_reversal),
    Case("K34", "次日冲正", "入账，余额回到 0", _on_the_next_day),
    Case("K35", "冲正一笔划拨", "入账，余额加回", _of_a_debit),
)
