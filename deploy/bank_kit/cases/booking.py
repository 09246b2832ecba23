"""What each type of event does to the balance of an account."""

from collections.abc import Mapping
from functools import partial

from deploy.bank_kit.case import Case
from deploy.bank_kit.checking import Desk

_PAID_IN = 120_000
_MOVED = 30_000


async def _opening(desk: Desk) -> None:
    opened = desk.books.opened()
    await desk.accepted(opened)
    await desk.stands(opened, "posted")
    await desk.balance_is(0)


async def _deposit_with_lessons(desk: Desk) -> None:
    paid = desk.books.money(
        "deposit",
        _PAID_IN,
        contract_no=f"KIT-{desk.plan.run}",
        lessons="24.00",
        period_from=desk.plan.day.isoformat(),
        period_until=desk.plan.day.isoformat(),
    )
    await desk.accepted(desk.books.opened(), paid)
    await desk.stands(paid, "posted")
    await desk.balance_is(_PAID_IN)


async def _moves(desk: Desk, *, kind: str, sign: int, more: Mapping[str, object]) -> None:
    books = desk.books
    moved = books.money(kind, _MOVED, **more)
    await desk.accepted(books.opened(), books.money("deposit", _PAID_IN), moved)
    await desk.stands(moved, "posted")
    await desk.balance_is(_PAID_IN + sign * _MOVED)


async def _risk_deposit(desk: Desk) -> None:
    opened = desk.books.opened(account_kind="risk_deposit")
    await desk.accepted(opened, desk.books.money("deposit", _PAID_IN))
    await desk.stands(opened, "posted")
    await desk.balance_is(_PAID_IN)


async def _statement_moves_nothing(desk: Desk) -> None:
    books = desk.books
    told = books.event("balance", balance_fen=_PAID_IN)
    await desk.accepted(books.opened(), books.money("deposit", _PAID_IN), told)
    await desk.stands(told, "posted")
    await desk.balance_is(_PAID_IN)


async def _frozen_freed_closed(desk: Desk) -> None:
    books = desk.books
    frozen = books.event("account_frozen", occurred_at=books.at("10:00:00+08:00"), frozen_fen=1)
    freed = books.event("account_unfrozen", occurred_at=books.at("11:00:00+08:00"))
    closed = books.event("account_closed", occurred_at=books.at("12:00:00+08:00"))
    await desk.accepted(books.opened(), frozen, freed, closed)
    for event in (frozen, freed, closed):
        await desk.stands(event, "posted")
    await desk.balance_is(0)


async def _frozen_whole(desk: Desk) -> None:
    frozen = desk.books.event("account_frozen")
    await desk.accepted(desk.books.opened(), frozen)
    await desk.stands(frozen, "posted")


def _moving(number: str, shows: str, kind: str, sign: int, **more: object) -> Case:
    way = "增加" if sign > 0 else "减少"
    play = partial(_moves, kind=kind, sign=sign, more=more)
    return Case(number, f"{shows}（{kind}）", f"入账，余额{way} {_MOVED} 分", play)


CASES = (
    Case("K01", "开户（account_opened）", "入账，余额为 0", _opening),
    Case("K02", "学费存入，带合同、课时和服务期", "入账，余额增加", _deposit_with_lessons),
    _moving("K03", "按课时划拨", "release", -1, payee_class="own_settlement"),
    _moving("K04", "退费", "refund", -1, payee_class="student"),
    _moving("K05", "退费被退回", "refund_returned", 1),
    _moving("K06", "其他支取", "withdrawal", -1),
    _moving("K07", "司法扣划", "judicial_deduction", -1, document_no="KIT-1"),
    _moving("K08", "手续费", "fee", -1),
    _moving("K09", "利息", "interest", 1),
    Case("K10", "风险保证金账户", "开户和存入入账", _risk_deposit),
    Case("K11", "银行报告的余额（balance）", "保存，余额不变", _statement_moves_nothing),
    Case("K12", "冻结一笔金额、解冻、销户", "逐个入账，余额不变", _frozen_freed_closed),
    Case("K13", "全额冻结（不填金额）", "入账", _frozen_whole),
)
