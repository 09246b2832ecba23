"""Numbers and balances of the bank's own feed: what is missing is seen, and mended by itself."""

from deploy.bank_kit.case import Case
from deploy.bank_kit.checking import Desk
from deploy.bank_kit.plan import Plan
from deploy.bank_kit.sending import Event

_PAID = 10_000


async def _gap(desk: Desk) -> None:
    await desk.accepted(_opened(desk), _paid(desk, 3))
    await desk.differs_by("feed_gap", "2–2")


async def _late_filler(desk: Desk) -> None:
    missing = _paid(desk, 2)
    await desk.accepted(_opened(desk), _paid(desk, 4))
    await desk.differs_by("feed_gap", "2–3")
    await desk.accepted(missing)
    await desk.differs_by("feed_gap", "3–3")
    await desk.answered([missing], "duplicate")
    await desk.accepted(_paid(desk, 3))
    await desk.differs_by("feed_gap", "")


async def _broken_chain(desk: Desk) -> None:
    books = desk.books
    first = _paid(desk, 2, balance_after_fen=_PAID)
    late = _paid(desk, 3, balance_after_fen=2 * _PAID, occurred_at=books.at("10:00:00+08:00"))
    last = _paid(desk, 4, balance_after_fen=3 * _PAID, occurred_at=books.at("11:00:00+08:00"))
    await desk.accepted(_opened(desk), first, last)
    await desk.differs_by("chain_broken", f"{3 * _PAID}≠{2 * _PAID}")
    await desk.accepted(late)
    await desk.differs_by("chain_broken", "")


async def _told_balance(desk: Desk) -> None:
    told = desk.books.event(
        "balance", balance_fen=_PAID, occurred_at=desk.books.at("20:00:00+08:00"), feed_no=2
    )
    await desk.accepted(_opened(desk), told)
    await desk.differs_by("balance_differs", f"{_PAID}≠0")
    await desk.accepted(_paid(desk, 3))
    await desk.differs_by("balance_differs", "")


async def _two_under_one(desk: Desk) -> None:
    await desk.accepted(_opened(desk), _paid(desk, 2), _paid(desk, 2))
    await desk.differs_by("feed_no_reused", "2–2", state="open")


async def _one_under_two(desk: Desk) -> None:
    paid = _paid(desk, 2)
    await desk.accepted(_opened(desk), paid)
    await desk.stands(paid, "posted")
    await desk.answered([paid | {"feed_no": 3}], "duplicate")
    await desk.differs_by("feed_no_changed", "2–3", state="open")


def _opened(desk: Desk) -> Event:
    return desk.books.opened(feed_no=1)


def _paid(desk: Desk, number: int, **more: object) -> Event:
    return desk.books.money("deposit", _PAID, feed_no=number, **more)


def _declared_none(plan: Plan) -> str | None:
    lacking = "检验日没有声明每户连续编号（自 1 起）和余额链，或宽限不足 5 分钟"
    return None if plan.feed_declared else lacking


CASES = (
    Case("K75", "缺一个 feed_no", "等待宽限的缺号 2–2", _gap, _declared_none),
    Case("K76", "缺号的事件晚到、重复", "缺号缩短，到齐后消失", _late_filler, _declared_none),
    Case("K77", "余额链中断，中间一笔晚到", "先有差异，后消失", _broken_chain, _declared_none),
    Case("K78", "balance 与账面不符，交易晚到", "先有差异，后消失", _told_balance, _declared_none),
    Case("K86", "两笔交易同一 feed_no", "差异，列出该号", _two_under_one, _declared_none),
    Case("K87", "同一交易改号重报", "duplicate；差异，列出两号", _one_under_two, _declared_none),
)
