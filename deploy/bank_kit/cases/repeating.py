"""What comes again: the same is one event, another body under its identity is none."""

from deploy.bank_kit.case import Case
from deploy.bank_kit.checking import Desk
from deploy.bank_kit.sending import Event, Signing

_PAID = 50_000


async def _paid_in(desk: Desk, **more: object) -> Event:
    paid = desk.books.money("deposit", _PAID, **more)
    await desk.accepted(desk.books.opened(), paid)
    await desk.stands(paid, "posted")
    return paid


async def _twice_in_one_request(desk: Desk) -> None:
    paid = desk.books.money("deposit", _PAID)
    await desk.answered([desk.books.opened(), paid, paid], "accepted", "accepted", "duplicate")
    await desk.stands(paid, "posted")
    await desk.balance_is(_PAID)


async def _again_in_another_request(desk: Desk) -> None:
    paid = await _paid_in(desk)
    await desk.answered([paid], "duplicate")
    await desk.balance_is(_PAID)


async def _same_message_again(desk: Desk) -> None:
    signing = Signing(message_id=f"kit-{desk.books.account}")
    paid = desk.books.money("deposit", _PAID)
    await desk.accepted(desk.books.opened())
    await desk.answered([paid], "accepted", signing=signing)
    await desk.stands(paid, "posted")
    await desk.answered([paid], "duplicate", signing=signing)
    await desk.balance_is(_PAID)


async def _same_message_id_other_body(desk: Desk) -> None:
    signing = Signing(message_id=f"kit-{desk.books.account}")
    first, second = (desk.books.money("deposit", _PAID) for _ in range(2))
    await desk.accepted(desk.books.opened())
    for paid in (first, second):
        await desk.answered([paid], "accepted", signing=signing)
        await desk.stands(paid, "posted")
    await desk.balance_is(2 * _PAID)


async def _other_body(desk: Desk) -> None:
    paid = await _paid_in(desk)
    [result] = await desk.answered([paid | {"amount_fen": _PAID + 1}], "refused")
    desk.note(str(result["problem"]["type"]).rpartition(":")[2])
    await desk.stands(paid, "posted", conflicts=1)
    await desk.balance_is(_PAID)


async def _feed_no_is_not_compared(desk: Desk) -> None:
    paid = await _paid_in(desk, feed_no=1)
    await desk.answered([paid], "duplicate")
    await desk.answered([paid | {"feed_no": 2}], "duplicate")
    await desk.balance_is(_PAID)


async def _null_is_absent(desk: Desk) -> None:
    paid = await _paid_in(desk)
    await desk.answered([paid | {"contract_no": None}], "duplicate")


async def _lessons_in_two_forms(desk: Desk) -> None:
    paid = await _paid_in(desk, lessons="24")
    await desk.answered([paid | {"lessons": "24.00"}], "duplicate")


async def _corrected_after_refusal(desk: Desk) -> None:
    paid = desk.books.money("deposit", _PAID)
    await desk.answered([desk.books.opened(), paid | {"amount_fen": 0}], "accepted", "refused")
    await desk.accepted(paid)
    await desk.stands(paid, "posted")
    await desk.balance_is(_PAID)


CASES = (
    Case("K14", "同一请求内重复", "第二个为 duplicate，只入账一次", _twice_in_one_request),
    Case("K15", "另一请求内重复", "duplicate，只入账一次", _again_in_another_request),
    Case("K16", "同一 webhook-id、同一内容重发", "duplicate，只入账一次", _same_message_again),
    Case("K17", "同一 webhook-id、不同内容", "两笔都入账，互不遮盖", _same_message_id_other_body),
    Case("K18", "同一标识、不同内容", "refused，原件不变，留存 1 份冲突", _other_body),
    Case("K19", "重复时 feed_no 相同或不同", "都是 duplicate", _feed_no_is_not_compared),
    Case("K20", "重复时多出 null 字段", "null 等于没有：duplicate", _null_is_absent),
    Case("K21", "课时写作 24 和 24.00", "内容相同：duplicate", _lessons_in_two_forms),
    Case("K22", "退回后用原流水号更正重报", "入账一次", _corrected_after_refusal),
)
