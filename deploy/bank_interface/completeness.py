"""The chapters of the bank interface on completeness: the feed's own figures, and statements."""

from collections.abc import Iterator
from typing import Final

from deploy.bank_interface import fields
from deploy.bank_interface.blocks import Block, Code, Heading, Said, Table
from services.fund_monitor.api.banks.feeds import FeedBody
from services.fund_monitor.api.statements.statements import StatementMapping
from services.fund_monitor.domain.rules.limits import EXPLAIN_WORKING_DAYS, SILENT_BY
from services.fund_monitor.domain.statements.statement_check import MOST_PROBLEMS, MOST_ROWS
from shared.bodies import LARGE_BYTES

_MIB: Final = 1024 * 1024
_DECLARED: Final = """{"valid_from": "2026-07-01", "numbering": "per_account", "first_no": 1,
 "balance_after": true, "balance_days": "banking_days", "balance_until": "20:00",
 "grace_minutes": 30, "silent_after_days": 3}"""
_CSV: Final = """流水号,账号,日期,收入,支出,余额
20260302-000017,3304810001,2026-03-02,2400.00,,12400.00
20260302-000018,3304810001,2026-03-02,,400.00,12000.00
合计,,,2400.00,400.00,"""


def completeness() -> Iterator[Block]:
    """Return what is declared of a feed, what is held against it, and what comes of it."""
    yield Heading(2, "11 报送完整性 · Completeness")
    yield Said(
        "银行向监管方声明自己的报送带有哪些可核对的内容（监管方以 `PUT /v1/banks/{bank}/feed` "
        "登记，银行以 `GET` 查询）。声明按发生时间自 `valid_from` 起适用；"
        "声明了什么，就按什么核对，没有声明的不核对。同一起始日再次声明即替换，并重新核对。",
        "A bank declares which figures of its feed can be held against each other; an "
        "administrator puts it, the bank reads it. It holds for what happens from valid_from on. "
        "What is declared is checked, and nothing else.",
    )
    yield Code("json", _DECLARED)
    yield fields.settings_of(FeedBody)
    yield Heading(3, "11.1 核对什么 · What is checked")
    yield Table(
        ("`kind`", "何时发现 when", "怎样了结 how it ends"),
        (
            (
                "`feed_gap`",
                (
                    "`feed_no` 缺号，按区间 `first_no`–`last_no` 列出；"
                    "同一序列的号须连续，重发时不变 missing numbers"
                ),
                "所缺事件到达（含被退回的）即自动缩短、关闭 closes when they come",
            ),
            (
                "`feed_no_reused`",
                (
                    "两笔不同的交易用了同一编号 `first_no`：`event_before` 先到，`event` 后到；"
                    "被退回的事件不占编号 two events under one number"
                ),
                "说明，由部门了结 explained, then resolved",
            ),
            (
                "`feed_no_changed`",
                "同一笔交易先以 `first_no`、又以 `last_no` 报送 one event under two numbers",
                "同上 the same",
            ),
            (
                "`chain_broken`",
                (
                    "同一账户按银行次序，本笔 `balance_after_fen` ≠ 上一笔 + 本笔金额；"
                    "有 `feed_no` 按编号，没有则按 `occurred_at`，"
                    "同一时刻的几笔只要有一种次序成立即可"
                ),
                "补报中间的交易或冲正 send what lies between",
            ),
            (
                "`balance_differs`",
                "`balance` 事件的余额 ≠ 该时刻的账面余额（该时刻发生的可计可不计）",
                "补报缺的交易 send what is missing",
            ),
            (
                "`balance_missing`",
                "应逐日报送余额的日子，过了 `balance_until` 仍没有某个在用账户的 `balance`",
                "补报 send it",
            ),
        ),
    )
    yield Said(
        "发现以后先等待 `grace_minutes`：晚到、乱序、重复都不算差异。宽限过后才列入 "
        "`GET /v1/banks/{bank}/differences`（等待中的以 `?state=waiting` 查询），"
        f"自此 {EXPLAIN_WORKING_DAYS} 个工作日内须补报，或以 "
        "`POST /v1/banks/{bank}/differences/{difference_id}/answer` 说明；"
        "`owner` 为 `fund_monitor` 的，原因是本系统暂挂或搁置的事件。"
        "逾期未说明的预警市人民银行、市金融办和银保监（黄色；两倍时间仍未说明为红色）。"
        "工作日以国务院放假通知为准，尚未公布的年份不计逾期。",
        "What is found waits for its grace first: late, shuffled and repeated events are no "
        "difference. Then it is listed, and to be mended or explained within three working days; "
        "where owner is fund_monitor, the cause is an event that we hold. Overdue: a yellow "
        "alert, red after twice the time; never by an estimated calendar.",
    )
    yield Said(
        "报送中断：已上线且有在用托管账户的银行，声明逐日报送余额的，第二个银行营业日 "
        f"{SILENT_BY:%H:%M} 仍无任何事件或对账文件即黄色，"
        "满 `silent_after_days` 个银行营业日为红色；"
        "没有声明的，分别为满该天数和两倍天数。恢复报送即自动解除。",
        "Silence: a live bank with open custody accounts that sends neither events nor statements. "
        "Who tells balances daily is missed at noon of the second banking day; others after "
        "silent_after_days. It ends with the next thing that is sent.",
    )
    yield from _changes()


def _changes() -> Iterator[Block]:
    yield Heading(3, "11.2 差异的变化 · Changes of differences")
    yield Said(
        "`GET /v1/banks/{bank}/difference-changes?after=游标&limit=200`：差异（含对账文件的）"
        "每次变化一条，`change` 说明变化，其余字段是变化之后的情形；次序、游标的用法同第 7 节，"
        "也可推送（第 14 节）。同一差异以最后一条为准。",
        "One entry for each change of a difference, of statements too, with how it stands since; "
        "read by a cursor as in section 7, or posted (section 14). The last one counts.",
    )
    yield Table(
        ("`change`", "含义 meaning"),
        (
            (
                "`opened`",
                "发现，期限开始；了结或说明之后又变化时再次发现 found, or found again",
            ),
            ("`changed`", "金额、区间或责任方变了 its figures or its owner changed"),
            ("`explained`", "已说明 explained"),
            ("`overdue`", "期限已过，仍未说明 nobody has explained it in time"),
            ("`resolved`", "部门了结 resolved by an office"),
            ("`closed`", "不再不符，自动关闭 agrees now"),
        ),
    )


def statements() -> Iterator[Block]:
    """Return how a day's statement file is written, sent and answered."""
    yield Heading(2, "12 对账文件 · Statement files")
    yield Said(
        "`PUT /v1/banks/{bank}/statements/{business_day}`（银行令牌），请求体即文件本身：CSV"
        "（UTF-8 或 GB18030）或 XLSX（第一张工作表）。第一行是表头，列的次序不限，"
        "多出的列不读；末行可以是合计。列名由监管方一次登记："
        "`PUT /v1/banks/{bank}/statement-mapping`。",
        "One file for each day, CSV or XLSX; the first row names the columns, in any order, others "
        "are not read; the last row may hold the totals. The mapping of columns is declared once.",
    )
    yield fields.settings_of(StatementMapping)
    yield Code("csv", _CSV)
    yield Table(
        ("项目 item", "规则 rule"),
        (
            ("大小 size", f"至多 {LARGE_BYTES // _MIB} MiB、{MOST_ROWS} 行明细"),
            (
                "金额 amounts",
                "元须有两位小数（可带千分位；XLSX 中可为数字），或整数分；单列带符号或另有借贷标志",
            ),
            ("借贷标志 direction", "贷/收/C/CR/+ 为收入，借/付/支/D/DR/- 为支出"),
            ("日期 days", "各行须为对账日：2026-03-02、2026/03/02 或 20260302"),
            ("重复 repeats", "账号、流水号、分录号都相同的两行使整份退回"),
            ("合计 totals", "有合计行则与各行之和核对，其后不得再有内容"),
        ),
    )
    yield Said(
        "整份接收或整份退回：422 `statement-refused` 的 `errors` 以 `/rows/行/列` 指出有误的"
        f"单元格（列出前 {MOST_PROBLEMS} 处）。同一文件重发，回答相同；"
        "当日另一份文件为新的版本，取代前一份。"
        "接收后与所报事件逐户核对（`GET /v1/banks/{bank}/statements/{business_day}` 的 `result`），"
        "晚到的事件使其重新核对；"
        "差异的种类 `statement_only` `report_only` `amount_differs` `direction_differs` "
        "`day_differs` `duplicated`，查询和说明同第 11 节。",
        "Taken whole or not at all; errors points to cells as /rows/row/column. The same file "
        "again answers the same, another one replaces it. It is compared account by account, "
        "again whenever events come late; differences are read and explained as in section 11.",
    )
