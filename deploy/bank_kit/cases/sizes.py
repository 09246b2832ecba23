"""How large a request may be, and what a request must look like to be read at all."""

from deploy.bank_kit.case import Case
from deploy.bank_kit.checking import Desk
from deploy.bank_kit.sending import body_of

_MOST_EVENTS = 1_000
_MOST_BYTES = 768 * 1024
_MALFORMED = (422, "invalid-request")


async def _as_many_as_allowed(desk: Desk) -> None:
    books = desk.books
    paid = [books.money("deposit", 1) for _ in range(_MOST_EVENTS - 1)]
    await desk.accepted(books.opened(), *paid)
    await desk.stands(paid[-1], "posted")
    await desk.balance_is(len(paid))


async def _one_too_many(desk: Desk) -> None:
    paid = [desk.books.money("deposit", 1) for _ in range(_MOST_EVENTS + 1)]
    await desk.turned_away(*_MALFORMED, body_of(paid))


async def _no_event(desk: Desk) -> None:
    await desk.turned_away(*_MALFORMED, body_of([]))


async def _as_large_as_allowed(desk: Desk) -> None:
    opened = desk.books.opened()
    answer = await desk.sending.post(body_of([opened]).ljust(_MOST_BYTES))
    desk.note(f"{answer.status_code}")
    await desk.stands(opened, "posted")


async def _too_large(desk: Desk) -> None:
    body = body_of([desk.books.opened()]).ljust(_MOST_BYTES + 1)
    await desk.turned_away(413, "too-large", body)


async def _no_json(desk: Desk) -> None:
    await desk.turned_away(*_MALFORMED, b'{"events": [')


async def _another_envelope(desk: Desk) -> None:
    body = body_of([desk.books.opened()]).removesuffix(b"}") + b', "bank": "x"}'
    await desk.turned_away(*_MALFORMED, body)


async def _one_bad_among_good(desk: Desk) -> None:
    books = desk.books
    first, bad, last = (books.money("deposit", 100) for _ in range(3))
    events = [books.opened(), first, bad | {"amount_fen": -1}, last]
    await desk.answered(events, "accepted", "accepted", "refused", "accepted")
    for paid in (first, last):
        await desk.stands(paid, "posted")
    await desk.balance_is(200)


CASES = (
    Case("K44", "一次 1,000 个事件", "全部入账", _as_many_as_allowed),
    Case("K45", "一次 1,001 个事件", "422 invalid-request", _one_too_many),
    Case("K46", "没有事件", "422 invalid-request", _no_event),
    Case("K47", "请求体正好 768 KiB", "接收并入账", _as_large_as_allowed),
    Case("K48", "请求体超过 768 KiB", "413 too-large", _too_large),
    Case("K49", "不是 JSON", "422 invalid-request", _no_json),
    Case("K50", "请求体有 events 以外的字段", "422 invalid-request", _another_envelope),
    Case("K51", "一批中有一个坏事件", "只退回这一个，其余入账", _one_bad_among_good),
)
