"""An inbox as a workbook that staff open in their office program."""

from collections.abc import Sequence
from datetime import datetime
from io import BytesIO
from typing import Final

from shared.alerts.clocks import Reckoning, next_due
from shared.alerts.history import CLOCKS
from shared.alerts.model import Alert, Level, State
from shared.city_time import CITY_TIME
from shared.duties.departments import name_of
from shared.spreadsheets.writing import write_cell, written_to

MOST_ROWS: Final = 5_000
LEVEL_NAMES: Final[dict[Level, str]] = {"red": "红色", "yellow": "黄色"}
STATE_NAMES: Final[dict[State, str]] = {
    "raised": "待签收",
    "acknowledged": "已签收",
    "rectifying": "整改中",
    "rechecked": "已复查",
    "disposed": "已处置",
    "superseded": "已撤销",
}
HEADERS: Final = (
    "编号",
    "级别",
    "状态",
    "事项",
    "对象",
    "窗口",
    "内容",
    "依据",
    "牵头部门",
    "提出时间",
    "下一期限",
    "逾期",
    "上报",
    "处置结果",
    "处置理由",
)
_OUTCOMES: Final = {"upheld": "属实", "corrected": "已整改", "unfounded": "不属实"}
_WIDTH = 18


def workbook(alerts: Sequence[Alert], *, reckoning: Reckoning, truncated: bool) -> bytes:
    """Return the workbook of some alerts; it says so when there are more."""
    content = BytesIO()
    with written_to(content) as book:
        sheet = book.add_worksheet("预警")
        moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, len(HEADERS) - 1, _WIDTH)
        sheet.write_row(0, 0, HEADERS, book.add_format({"bold": True}))
        for row, alert in enumerate(alerts, start=1):
            for column, value in enumerate(_cells(alert, reckoning)):
                if isinstance(value, datetime):
                    write_cell(sheet, row, column, _city(value), moment)
                elif value:
                    write_cell(sheet, row, column, value)
        if truncated:
            sheet.write_string(len(alerts) + 1, 0, f"仅列出最新的{len(alerts)}条，请缩小筛选范围。")
    return content.getvalue()


def _cells(alert: Alert, reckoning: Reckoning) -> tuple[str | datetime, ...]:
    due = next_due(alert, reckoning)
    disposal = alert.disposal
    return (
        alert.id,
        LEVEL_NAMES[alert.level],
        STATE_NAMES[alert.state],
        alert.rule.title,
        alert.about.name,
        alert.window,
        alert.message,
        alert.rule.article,
        name_of(alert.lead),
        alert.raised_at,
        "" if due is None else due.at,
        "、".join(f"逾期未{CLOCKS[late.clock]}" for late in alert.overdue),
        _carried_up(alert),
        "" if disposal is None else _OUTCOMES[disposal.outcome],
        "" if disposal is None else disposal.reason,
    )


def _carried_up(alert: Alert) -> str:
    names = (name_of(it.to_department) for it in alert.escalations if it.to_department)
    return "、".join(dict.fromkeys(names))


def _city(moment: datetime) -> datetime:
    """Return city time as a spreadsheet keeps it: without a zone."""
    return moment.astimezone(CITY_TIME).replace(tzinfo=None)
