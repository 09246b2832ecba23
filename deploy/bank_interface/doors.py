"""The chapters of the bank interface on its other doors: files, webhooks, origins."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from deploy.bank_interface.blocks import Block, Code, Heading, Said, Table
from services.fund_monitor.app.banks.drop_folder import MOST_FILE_BYTES
from services.fund_monitor.app.banks.take_file import CHUNK_EVENTS, MOST_LINE_BYTES
from services.fund_monitor.app.banks.tell_banks import PAGE, TYPES
from services.fund_monitor.domain.banks.dropped import MOST_MISSING_TOLD
from shared.notify.model import DELAYS
from shared.notify.subscriptions import SECRET_OVERLAP
from shared.notify.webhook import TIMEOUT

_KIB: Final = 1024
_MIB: Final = 1024 * 1024
_HOUR: Final = timedelta(hours=1)
_SIGN: Final = """f=events-20260302-000001.jsonl
sh sign.sh $f $f > $f.sig.part
mv $f.sig.part $f.sig"""
_RESULT: Final = """{"line":1,"serial_no":"20260302-000017","status":"accepted"}
{"line":2,"serial_no":"20260302-000018","status":"refused","number":"E1001","problem":{
  "type":"urn:haining:problem:invalid-request","title":"请求格式有误","status":422,
  "errors":[{"pointer":"/amount_fen","detail":"必须是整数"}]}}
{"summary":{"file":"events-20260302-000002.jsonl","status":"accepted","digest":"sha256:…",
  "lines":2,"accepted":1,"duplicate":0,"conflict":0,"refused":1,"missing":0,"first_missing":[]}}"""


def doors() -> Iterator[Block]:
    """Return the chapters of files, webhooks and origins."""
    yield from _files()
    yield from _results()
    yield from _webhooks()
    yield from _origin()


def _files() -> Iterator[Block]:
    yield Heading(2, "13 文件投递 · Files")
    yield Said(
        "只能交付文件的银行使用。每家银行一个投递目录：`in/` 由银行写入，`out/` 放结果文件；"
        "正在处理的移到 `taken/`，收下的移到 `done/`，没有收下的移到 `refused/`，从不删除。"
        "规则、交易标识和结果与"
        f"第 4、5 节相同，入账结果同样见第 7 节。每 {CHUNK_EVENTS} 行为一批，一个文件至多 "
        f"{MOST_FILE_BYTES // _MIB} MiB，一行至多 {MOST_LINE_BYTES // _KIB} KiB。",
        "For banks that only deliver files. A bank writes to in/ and reads out/; what is looked at "
        "moves to taken/, then to done/ or, refused, to refused/, and nothing is deleted. Rules, "
        "identities and outcomes are those of the HTTP door.",
    )
    yield Table(
        ("文件 file", "内容 content"),
        (
            ("`events-20260302-000001.jsonl`", "每行一个事件，同第 3 节；UTF-8 one event a line"),
            ("`statement-20260302-000001.csv`（或 `.xlsx`）", "该日对账文件 that day's statement"),
            ("`….sig`", "签名：第 2 节三个请求头的值，各一行 the three values, a line each"),
            ("`out/….result.jsonl`、`….result.jsonl.sig`", "结果及其签名 result and signature"),
        ),
    )
    yield Said(
        "名称为种类、业务日、六位顺序号。顺序号按银行和种类从 000001 起连续递增，"
        "**不按日重新开始**；"
        f"缺号在结果文件和监测指标中列出（至多列 {MOST_MISSING_TOLD} 个），补上即消。"
        "一个顺序号只收一次：同名、同内容再次投递，答复相同；名称或内容不同则整份拒收（E1302）。",
        "Kind, business day, running number. Numbers count on from 000001 for each kind, over all "
        "days; what is missing is told until it comes. A number is taken once: the same file is "
        "answered the same, another one under its number is refused whole (E1302).",
    )
    yield Said(
        "签名对文件的全部字节，算法同第 2 节；`webhook-id` **必须是文件名**，"
        "第 2 节的三个例子可以直接使用。时间戳不得晚于服务器时钟 5 分钟以上，早不限："
        "文件可以是旧的，重放由顺序号和内容摘要限定；签名所用的密钥须在处理时仍然有效。",
        "Signed as in section 2 over all bytes of the file; the id **is the file's name**. There "
        "is no lower bound of age: number and digest bound a replay. The secret must be live when "
        "the file is read.",
    )
    yield Code("sh", _SIGN)
    yield Said(
        "先以别的名称写完再改名，`.sig` 最后放入：有 `.sig`、且大小和时间不再变化的文件才会处理。",
        "Write under another name and rename; put the signature last. Only files with a signature "
        "that no longer change are taken.",
    )


def _results() -> Iterator[Block]:
    yield Heading(3, "13.1 结果文件 · Results")
    yield Said(
        "每行答复输入的一行，末行是整份的汇总；以该银行最新的密钥签名，`webhook-id` 是结果文件名。"
        "`status` 为 `accepted`、`duplicate`、`conflict`（同一标识的不同内容）或 `refused`，"
        "后两种带编号和 `problem`。示例为便于阅读而折行：",
        "One line for each line, then a summary; signed with the bank's newest secret, its id is "
        "the result's name. Folded here to be read.",
    )
    yield Code("json", _RESULT)
    yield Said(
        "整份拒收时只有汇总一行，`status` 为 `refused`，带编号：签名无效 E1002、暂停或未上线 "
        "E1008、E1009、过大 E1004、名称 E1301、顺序号已用 E1302、对账文件 E1201、E1202。"
        "没有收下的文件不占用顺序号，更正后以原名再投。结果出来时，原文件已从 `in/` 移走。",
        "A file that is refused whole has a summary alone, with the number. It takes no running "
        "number: correct it and drop it under its name. When a result is there, the file that it "
        "answers has left `in/`.",
    )


def _webhooks() -> Iterator[Block]:
    yield Heading(2, "14 结果推送 · Webhooks")
    last = DELAYS[-1] // _HOUR
    yield Said(
        "`PUT /v1/banks/{bank}/webhook`（银行自己的令牌，权限 `banks:webhook`）登记一个公网 https "
        "地址，答复中的签名密钥只显示一次；再次登记即换密钥，旧密钥再并用 "
        f"{SECRET_OVERLAP // _HOUR} 小时。"
        "此后入账结果和差异变化按读取的次序、同样的游标推送，"
        f"每次一种、至多 {PAGE} 条；`data` 有 `bank`、所列的内容、`next_cursor`。",
        "A bank sets its own public https address; the secret is shown once. Outcomes and changes "
        "of differences are then posted in the order and by the cursor with which they are read, "
        "one kind and some at a time.",
    )
    yield Table(
        ("`type`", "`data` 中的内容 content", "另可读取 also read at"),
        (
            (
                f"`{TYPES['outcomes']}`",
                "`outcomes`：第 7 节的结果",
                "`GET /v1/banks/{bank}/outcomes`",
            ),
            (
                f"`{TYPES['differences']}`",
                "`differences`：第 11.2 节的差异变化",
                "`GET /v1/banks/{bank}/difference-changes`",
            ),
        ),
    )
    yield Table(
        ("项目 item", "规定 rule"),
        (
            ("签名 signature", "Standard Webhooks；更换期间两个签名 two while one takes over"),
            ("应答 answer", f"{TIMEOUT.seconds} 秒内任一 2xx；不跟随重定向 2xx, no redirects"),
            (
                "重发 repeats",
                f"同一段内容、同一 `webhook-id`，共 {len(DELAYS)} 次，间隔由 5 秒增至 {last} 小时",
            ),
            ("停用 disabled", "全部未送达，或答复 410：停用并通知监管方；重新登记后从停下处继续"),
            (
                "重放 replay",
                (
                    "`POST /v1/banks/{bank}/webhook/replay`，`stream` 为 `outcomes` 或 "
                    "`differences`，`after` 为其游标，不给则从头"
                ),
            ),
            (
                "进度 progress",
                (
                    "`GET /v1/banks/{bank}/webhook`：已送达的游标、尚未送达数；"
                    "`differences` 之下是差异变化的"
                ),
            ),
        ),
    )
    yield Said(
        "同一段可能送达不止一次：以 `webhook-id` 去重。"
        "首次登记从此刻起推送，或以 `after`、`differences_after` 指定起点。",
        "A page may arrive twice: tell by webhook-id. A first address is told what comes from now "
        "on, or from the cursors given.",
    )


def _origin() -> Iterator[Block]:
    yield Heading(2, "15 来源与证书 · Origin")
    yield Said(
        "监管方可以为银行登记来源网段（CIDR）和客户端证书（DER 的 SHA-256，更换时两个）："
        "`PUT /v1/banks/{bank}/access`。登记之后，报送和查询都须来自这些网段、出示这些证书，"
        "否则 403（E1016、E1017），计入审计；多次则该来源停收。没有登记的不作要求。",
        "Networks and pinned certificates may be registered for a bank; what it sends and reads "
        "must then come from there. Elsewhere it is refused, audited, and soon locked out.",
    )
