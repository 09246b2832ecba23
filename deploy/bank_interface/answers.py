"""The chapters of the bank interface that tell what is answered: results, reads and numbers."""

from collections.abc import Iterator
from typing import Final

from deploy.bank_interface.blocks import Block, Code, Heading, Said, Table
from deploy.bank_interface.errors import NUMBERED, Numbered
from deploy.bank_interface.field_errors import BODY_ERRORS, FIELD_ERRORS

_PREFIX: Final = "urn:haining:problem:"
_REFUSED: Final = """{"results": [
  {"index": 0, "serial_no": "20260302-000017", "status": "accepted"},
  {"index": 1, "serial_no": "20260302-000018", "status": "refused", "problem": {
    "type": "urn:haining:problem:invalid-request", "title": "请求格式有误", "status": 422,
    "errors": [{"pointer": "/amount_fen", "detail": "必须是整数"}]}}
]}"""


def answers() -> Iterator[Block]:
    """Return what the door says of a request and of each event."""
    yield Heading(2, "4 答复与重发 · Answers and repeats")
    yield Said(
        "202 表示整个请求已落盘保存；`results` 逐个给出结果，次序与请求相同。",
        "202: all of the request is stored and synced; one result for each event, in order.",
    )
    yield Code("json", _REFUSED)
    yield Table(
        ("`status`", "含义 meaning"),
        (
            ("`accepted`", "已保存，将会入账判断；最终结果见第 7 节 stored, will be judged"),
            ("`duplicate`", "相同内容已记录，或在本次请求中已出现 recorded already"),
            ("`refused`", "只有这一个被退回，其余照常；`problem` 说明原因 this one alone"),
        ),
    )
    yield Said(
        "检查次序：来源是否停收、大小、在办是否已满（503 `busy`，没有保存）、"
        "签名、频率、接入状态、格式。"
        "其他答复为 `application/problem+json`，编号见第 10 节。"
        "503、429 带 `Retry-After`（秒）：到时以新的时间戳和签名**整批**重发。"
        "500、超时、断线：不知道是否保存，同样整批重发；重复无害。"
        "403 `bank-suspended`、`bank-not-live`：没有保存，保留全部事件，以后补报。",
        "Checked in this order: lockout, size, whether more than can be done is in hand (503 "
        "`busy`, nothing was stored), signature, rate, state, form. Other answers are "
        "problem documents (section 10). After 503 and 429 repeat the whole "
        "request when Retry-After has passed, signed anew; after 500, a timeout or a cut line as "
        "well: a repeat does no harm. After 403 nothing was stored: keep everything.",
    )


def reading() -> Iterator[Block]:
    """Return how a bank learns where its events stand."""
    yield Heading(2, "7 入账结果 · Outcomes")
    yield Said(
        "`GET /v1/banks/{bank}/outcomes?after=游标&limit=200`（`Authorization: Bearer …`，"
        "`limit` 1–1000）按固定次序逐页给出结果，不漏不重。首次不带 `after`；"
        "以后带上一页的 `next_cursor`，它总会给出，内容不透明，可以长期保存。"
        "结果少于 `limit` 即暂时读完，稍后以同一游标再读。事件的状态以后变化时另有一条新结果，"
        "同一事件以最后一条为准。",
        "Pages of outcomes in a fixed order, none skipped and none twice. Begin without after, "
        "then give the last next_cursor; it is always there, opaque, and may be kept. A page that "
        "is not full is the last for now. A changed standing is an outcome of its own: "
        "the last one counts.",
    )
    yield Table(
        ("`status`", "含义 meaning", "怎样做 what to do"),
        (
            ("`posted`", "已入账 posted", ""),
            ("`parked`", "暂挂：账户尚未开立，或原交易尚未收到 waits", "补报缺的事件 send it"),
            (
                "`set_aside`",
                "搁置：不能入账，`reason` 说明 cannot be posted",
                "核对，有误另报 check",
            ),
            ("`conflict`", "同一标识的不同内容，未入账 another body", "核对两份摘要 compare"),
            ("`refused`", "被退回，`problems` 说明 refused by the door", "更正后重报 correct"),
        ),
    )
    yield Said(
        "搁置的原因：第二个开户或期初余额、金额不符的冲正、重复冲正、数据库拒绝。"
        "只能有一个时 `occurred_at` 最早的有效；更早的一笔晚到时取代原来的一笔，"
        "所以 `posted` 与 `set_aside` 可能互换。",
        "Where only one can stand the earliest by occurred_at does, even if it arrives later: "
        "posted and set_aside may change places.",
    )
    yield Table(
        ("另可查询 other reads", "内容 what"),
        (
            (
                "`GET /v1/banks/{bank}/events/{serial_no}`",
                "一个流水号的各笔及其冲突；尚未处理时 404 `not-yet` 和 `Retry-After`",
            ),
            (
                "`GET /v1/banks/{bank}/accounts/{account_no}`",
                "`balance_fen`、`unconsumed_fen` 及按类型的构成 `by_type`",
            ),
            (
                "`GET /v1/banks/{bank}/unposted?state=parked`",
                "暂挂的事件，`state=set_aside` 为搁置的；`cursor`、`limit`（至多 200）翻页",
            ),
            (
                "`GET /v1/banks/{bank}/refused`",
                "被退回的事件，同一内容只列一次；不认识的字段只留名称",
            ),
        ),
    )


def errors() -> Iterator[Block]:
    """Return the numbers of everything that may be answered."""
    yield Heading(2, "10 错误编号 · Numbered errors")
    yield Said(
        f"程序按 `type`（`{_PREFIX}` 加下列代码）处理；编号供通信往来引用，永不更改，也不重复使用。"
        "`detail` 说明当次情形。",
        "Programs act on type; the numbers are for people to refer to, never changed or reused.",
    )
    yield Table(
        ("编号 no.", "代码 code", "状态 status", "含义 meaning", "怎样做 what to do"),
        tuple(_numbered(one) for one in NUMBERED),
    )
    yield Heading(3, "10.1 请求体 · The body (E1001)")
    yield Table(("编号 no.", "`detail`"), tuple((one.number, one.detail) for one in BODY_ERRORS))
    yield Heading(3, "10.2 字段 · Fields (E1001)")
    yield Said(
        "`errors` 中 `pointer` 指出字段，`detail` 是下列之一（数字、取值因字段而异）；"
        "从不回显所报内容。",
        "errors names the field by its pointer; figures and words differ by field, and what was "
        "sent is never said back.",
    )
    yield Table(
        ("编号 no.", "`pointer` 例 e.g.", "`detail` 例 e.g."),
        tuple((one.number, f"`{one.pointer}`", one.detail) for one in FIELD_ERRORS),
    )


def _numbered(one: Numbered) -> tuple[str, ...]:
    code = one.problem.type.removeprefix(_PREFIX)
    advice = f"{one.chinese} {one.english}"
    return (one.number, f"`{code}`", str(one.problem.status), one.problem.title, advice)
