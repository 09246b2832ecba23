"""When things happened and in which order they come: day switch, cut-over, late and shuffled."""

from deploy.bank_kit.case import Case
from deploy.bank_kit.checking import Desk

_PAID = 10_000


async def _last_moment_of_the_day(desk: Desk) -> None:
    books = desk.books
    before = books.money("deposit", _PAID, occurred_at=books.at("23:59:59.999+08:00"))
    after = books.money("deposit", _PAID, occurred_at=books.at("00:00:00+08:00", days=1))
    await desk.accepted(books.opened(), before, after)
    for paid in (before, after):
        await desk.stands(paid, "posted")
    await desk.balance_is(2 * _PAID)


async def _same_instant_in_utc(desk: Desk) -> None:
    books = desk.books
    paid = books.money("deposit", _PAID, occurred_at=books.at("00:30:00+08:00", days=1))
    await desk.accepted(books.opened(), paid)
    await desk.stands(paid, "posted")
    for form in ("16:30:00Z", "16:30:00.000+00:00"):
        await desk.answered([paid | {"occurred_at": books.at(form)}], "duplicate")


async def _opening_balance_once(desk: Desk) -> None:
    books = desk.books
    first = books.money("opening_balance", _PAID, occurred_at=books.at("10:00:00+08:00"))
    second = books.money("opening_balance", 1, occurred_at=books.at("11:00:00+08:00"))
    await desk.accepted(books.opened(), first, second)
    await desk.stands(first, "posted")
    await desk.stands(second, "set_aside")
    await desk.balance_is(_PAID)


async def _before_the_account(desk: Desk) -> None:
    paid, opened = desk.books.money("deposit", _PAID), desk.books.opened()
    await desk.accepted(paid)
    await desk.stands(paid, "parked")
    await desk.accepted(opened)
    await desk.stands(paid, "posted")
    await desk.balance_is(_PAID)


async def _opened_twice(desk: Desk) -> None:
    books = desk.books
    first, second = books.opened(), books.opened(occurred_at=books.at("11:00:00+08:00"))
    await desk.accepted(second, first)
    await desk.stands(first, "posted")
    await desk.stands(second, "set_aside")


async def _cut_over(desk: Desk) -> None:
    """What the old system still sends comes before the opening, and is counted all the same."""
    books = desk.books
    balance = books.money("opening_balance", 5 * _PAID)
    release = books.money("release", _PAID, occurred_at=books.at(days=1))
    await desk.accepted(release)
    await desk.accepted(balance)
    await desk.stands(release, "parked")
    await desk.accepted(books.opened())
    for event in (release, balance):
        await desk.stands(event, "posted")
    await desk.balance_is(4 * _PAID)


async def _late_and_shuffled(desk: Desk) -> None:
    books = desk.books
    paid = [books.money("deposit", _PAID, occurred_at=books.at(days=-each)) for each in range(4)]
    back = books.reversal(paid[3])
    for event in (back, paid[1], books.opened(), paid[3], paid[0], paid[2]):
        await desk.accepted(event)
    for event in (*paid, back):
        await desk.stands(event, "posted")
    await desk.balance_is(3 * _PAID)


async def _returned_refund(desk: Desk) -> None:
    books = desk.books
    refund = books.money("refund", _PAID, payee_class="student")
    returned = books.money("refund_returned", _PAID, occurred_at=books.at(days=1))
    again = books.money("refund", _PAID, occurred_at=books.at("15:00:00+08:00", days=1))
    await desk.accepted(books.opened(), books.money("deposit", 2 * _PAID), refund)
    await desk.accepted(returned, again)
    for event in (refund, returned, again):
        await desk.stands(event, "posted")
    await desk.balance_is(_PAID)


CASES = (
    Case("K36", "日切前后：23:59:59.999 与次日 00:00", "两笔都入账", _last_moment_of_the_day),
    Case("K37", "同一时刻用 UTC 表示（Z、+00:00）", "内容相同：duplicate", _same_instant_in_utc),
    Case("K38", "期初余额报送两次", "最早的入账，另一个 set_aside", _opening_balance_once),
    Case("K39", "开户之前的交易", "先 parked，开户后自动入账", _before_the_account),
    Case("K40", "同一账户开户两次", "最早的入账，另一个 set_aside", _opened_twice),
    Case("K41", "纳管切换：划拨、期初余额先于开户", "开户后都入账", _cut_over),
    Case("K42", "晚到、乱序，跨多个请求", "全部入账，余额与次序无关", _late_and_shuffled),
    Case("K43", "退费、次日退回、再退费", "三笔都入账", _returned_refund),
)
