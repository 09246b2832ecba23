"""Banks that declared identity fields: with the serial number they make an event unique."""

from datetime import timedelta

from deploy.bank_kit.case import Case
from deploy.bank_kit.checking import Desk
from deploy.bank_kit.plan import Plan

_PAID = 7_000


async def _missing(desk: Desk) -> None:
    name = desk.plan.identity_fields[0]
    paid = desk.books.money("deposit", _PAID)
    del paid[name]
    await desk.refused_at(paid, f"/{name}")


async def _missing_in_a_reversal(desk: Desk) -> None:
    name = f"reverses_{desk.plan.identity_fields[0]}"
    back = desk.books.reversal(desk.books.money("deposit", _PAID))
    del back[name]
    await desk.refused_at(back, f"/{name}")


async def _serial_number_starts_again(desk: Desk) -> None:
    books = desk.books
    next_day = desk.plan.day + timedelta(days=1)
    paid = books.money("deposit", _PAID)
    again = paid | {"booked_on": next_day.isoformat(), "occurred_at": books.at(days=1)}
    await desk.accepted(books.opened(), paid, again)
    for event in (paid, again):
        await desk.stands(event, "posted")
    await desk.balance_is(2 * _PAID)


async def _several_entries(desk: Desk) -> None:
    paid = desk.books.money("deposit", _PAID)
    other = paid | {"entry_no": "2"}
    await desk.accepted(desk.books.opened(), paid, other)
    for event in (paid, other):
        await desk.stands(event, "posted")
    await desk.balance_is(2 * _PAID)


def _declared_nothing(plan: Plan) -> str | None:
    return None if plan.identity_fields else "该银行没有声明标识字段（--identity-fields）"


def _without(name: str, plan: Plan) -> str | None:
    return None if name in plan.identity_fields else f"该银行没有声明 {name}"


CASES = (
    Case("K71", "缺声明过的标识字段", "refused，指出字段", _missing, _declared_nothing),
    Case(
        "K72",
        "冲正缺原交易的标识字段",
        "refused，指出字段",
        _missing_in_a_reversal,
        _declared_nothing,
    ),
    Case(
        "K73",
        "流水号次日重新开始（booked_on 不同）",
        "两笔都入账",
        _serial_number_starts_again,
        lambda plan: _without("booked_on", plan),
    ),
    Case(
        "K74",
        "一个流水号多笔分录（entry_no 不同）",
        "两笔都入账",
        _several_entries,
        lambda plan: _without("entry_no", plan),
    ),
)
