"""The bank interface, chapter by chapter."""

import json
from collections.abc import Iterator
from typing import Final

from deploy.bank_interface import fields, sample
from deploy.bank_interface.answers import answers, errors, reading
from deploy.bank_interface.blocks import Block, Code, Heading, Said, Table
from deploy.bank_interface.completeness import completeness, statements
from deploy.bank_interface.doors import doors
from deploy.bank_interface.markdown import markdown
from deploy.bank_interface.told_fields import told_fields
from services.fund_monitor.app.banks.check_events import MOST_AHEAD
from shared.access.throttle import Rates
from shared.contracts.bank import MOST_BYTES, MOST_EVENTS
from shared.senders.lockout import LOCKED_SECONDS, MOST_BAD, WITHIN_SECONDS

_KIB: Final = 1024


def text() -> str:
    """Return the whole interface as Markdown."""
    return markdown(document())


def document() -> Iterator[Block]:
    """Return the whole interface."""
    yield from _head()
    yield from _request()
    yield from _signing()
    yield from _types()
    yield from answers()
    yield from _identity()
    yield from _days()
    yield from reading()
    yield from _limits()
    yield from _states()
    yield from errors()
    yield from completeness()
    yield from statements()
    yield from doors()
    yield from told_fields()


def _head() -> Iterator[Block]:
    yield Heading(1, "预收费资金监管 银行接口规范 · Bank interface")
    yield Said(
        "本规范由代码中的契约生成（`./run contracts`），请勿手改；"
        "`./run bank-interface --docx 文件` 写出同样内容的 Word 文档。"
        "入门见《银行接入指南》（bank.md）。",
        "Generated from the contract in the code; the command writes the same for Word. "
        "The guide for banks (bank.md) is the short way in.",
    )


def _request() -> Iterator[Block]:
    yield Heading(2, "1 请求 · Request")
    yield Said(
        "`POST /v1/banks/{bank}/events`，`content-type: application/json`，UTF-8。"
        '请求体是 `{"events": [...]}`，只有这一个字段。`null` 等于没有这个字段；'
        "不认识的字段使该事件被退回：这里没有付款人、收款人姓名的位置。",
        "The body has the one field events. null means absent; an unknown field refuses its "
        "event: there is no place for the names of payers or payees.",
    )
    yield Code("json", json.dumps(json.loads(sample.body()), ensure_ascii=False, indent=2))


def _signing() -> Iterator[Block]:
    yield Heading(2, "2 签名 · Signing")
    yield Said(
        "按 Standard Webhooks：密钥是 `whsec_` 之后部分的 Base64 解码；"
        "对 `webhook-id.webhook-timestamp.请求体`（实际发送的字节）作 HMAC-SHA256，"
        "结果以 Base64 写成 `v1,…`。时间戳为 Unix 秒，与服务器相差不得超过 5 分钟；"
        "重发时重新签名，`webhook-id` 可以沿用。",
        "The key is the secret after whsec_, decoded from Base64. HMAC-SHA256 over id, timestamp "
        "and the very bytes that are sent, in Base64 after v1. Five minutes of tolerance; sign "
        "a repeat anew, its id may stay.",
    )
    yield Said(
        "可以直接使用的例子在 `docs/guides/signing/`：`sign.py`（Python 标准库）、`Sign.java`"
        "（Java 8，不用第三方库）、`sign.sh`（openssl、base64）；各打印三个请求头，"
        "结果逐字节相同。核对用的一组固定值（请求体为 `body.json`，末尾没有换行）：",
        "Samples to copy stand in docs/guides/signing/; all print the same headers. "
        "Fixed values to check your own against; body.json has no line end.",
    )
    yield Table(
        ("项目 item", "值 value"),
        (
            ("密钥 secret", f"`{sample.SECRET}`"),
            ("`webhook-id`", f"`{sample.MESSAGE_ID}`"),
            ("`webhook-timestamp`", f"`{sample.TIMESTAMP}`"),
            ("`webhook-signature`", f"`{sample.signature()}`"),
        ),
    )
    yield Code("json", sample.body())


def _types() -> Iterator[Block]:
    yield Heading(2, "3 事件 · Events")
    yield Said(
        "每种事件一张表。“声明后必填”：银行声明该字段为交易标识时必填，否则可不填。"
        "示例只说明写法。金额一律为整数分。",
        "One table for each type. “If declared”: required where the bank declared the field a "
        "part of its identity. Examples only show the form. Money is whole fen.",
    )
    for number, model in enumerate(fields.events(), start=1):
        title = f"3.{number} {fields.type_of(model)} {fields.meaning_of(model)}"
        yield Heading(3, title)
        yield fields.table_of(model)


def _identity() -> Iterator[Block]:
    yield Heading(2, "5 幂等、冲突与冲正 · Idempotency, conflicts, reversal")
    yield Said(
        "交易标识 = 银行 + `account_no` + `serial_no` + 银行声明的字段（`booked_on`、`entry_no`）。"
        "同一标识、相同内容只入账一次，重发总是安全的。比较内容时去掉没有的字段和 `feed_no`，"
        "课时取两位小数，时间换成 UTC 毫秒。同一标识、不同内容不入账，两份摘要都留存并预警。"
        "被退回的事件不占用标识：更正后以原流水号重报。",
        "Identity = bank, account, serial number and the declared fields. The same body again is "
        "posted once; another body under a taken identity is never posted, kept, and raises an "
        "alert. A refused event takes no identity: correct it, send it under its serial number.",
    )
    yield Said(
        "冲正是有自己流水号的新事件，`amount_fen` 与原交易相同，`reverses_…` 指出同一账户上的"
        "原交易；可以先于原交易到达。冲正不能再冲正；一笔交易只冲正一次，"
        "多个时 `occurred_at` 最早的有效，其余搁置。",
        "A reversal is an event of its own with the same amount, names its original on the same "
        "account and may come before it. Reversals cannot be reversed; of several for one "
        "original the earliest by occurred_at stands.",
    )


def _days() -> Iterator[Block]:
    yield Heading(2, "6 日切与切换 · Day switch and cut-over")
    yield Said(
        "`occurred_at` 写实际发生的时间，`booked_on` 写银行的账务日期，日切前后两者可以不是同一天。"
        "流水号每天重新开始的银行须声明 `booked_on`，否则次日的同号交易会成为冲突。"
        "声明自首个事件起不可更改。",
        "occurred_at is when it happened, booked_on the bank's own day; about the day switch they "
        "may differ. A bank whose serials restart daily declares booked_on; the declaration is "
        "fixed from its first event.",
    )
    yield Said(
        "账户纳入监管时报送 `account_opened` 和一笔 `opening_balance`（切换时点的余额）；"
        "次序不限：先到的划拨等在暂挂中，开户到达后自动入账。期初余额每户一笔，"
        "多笔时最早的有效，其余搁置。切换时点之前的交易已在期初余额之中，不要再报。",
        "At cut-over send account_opened and one opening_balance, in any order with what follows: "
        "what comes before the opening is parked and posted by itself. What happened before the "
        "cut-over is in the opening balance: do not send it as well.",
    )


def _limits() -> Iterator[Block]:
    yield Heading(2, "8 限制 · Limits")
    rates = Rates()
    yield Table(
        ("项目 item", "限制 limit"),
        (
            ("每次请求 per request", f"1–{MOST_EVENTS} 个事件，至多 {MOST_BYTES // _KIB} KiB"),
            ("每家银行 per bank", f"每秒 {rates.per_sender} 次报送（默认值，按进程计）"),
            ("每个令牌持有人 per bearer", f"每秒 {rates.per_subject} 次查询（默认值，按进程计）"),
            ("签名无效 bad signatures", _lockout()),
            ("`occurred_at`", f"至多比服务时钟晚 {MOST_AHEAD.seconds // 60} 分钟；可以很早"),
            ("保存 kept", "已接收的请求在总线上保留 400 天 on the bus"),
            ("次序 order", "不要求；晚到、乱序、重复都正常 none is needed"),
        ),
    )


def _lockout() -> str:
    return (
        f"同一来源地址 {int(WITHIN_SECONDS) // 60} 分钟内 {MOST_BAD} 次，"
        f"停收 {int(LOCKED_SECONDS) // 60} 分钟"
    )


def _states() -> Iterator[Block]:
    yield Heading(2, "9 沙箱与接入状态 · Sandbox and states")
    yield Said(
        "沙箱有自己的数据、密钥和地址，与正式账务无关；`./run bank-kit` 在其中逐项检验"
        "并写出验收报告。"
        "状态依次为 `sandbox` 沙箱 → `certified` 已认证（登记检验结果摘要）→ `live` 已上线 ⇄ "
        "`suspended` 已暂停；变更立即生效。正式环境只接收 `live` 银行的事件；"
        "沙箱接收 `suspended` 之外的银行。`GET /v1/banks/{bank}/state` 查询。",
        "The sandbox has data, secrets and an address of its own; ./run bank-kit tries the cases "
        "there. A bank is certified by the digest of such a run, goes live, and may be suspended. "
        "The city takes events of live banks only, the sandbox of all but suspended ones.",
    )
