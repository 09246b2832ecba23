"""The inboxes of all services for one department, merged into one table."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx
from rich.table import Table

from deploy.local.stack import Stack
from shared.city_time import CITY_TIME
from shared.duties.departments import name_of
from shared.messaging.permissions import SERVICES

_TIMEOUT_SECONDS = 10.0
_PAGE = 200
_LEVELS = {"red": "[bold red]红[/]", "yellow": "[yellow]黄[/]"}
_CLOCKS = {"acknowledge": "签收", "dispose": "处置", "recheck": "复查"}
_STATES = {
    "raised": "待签收",
    "acknowledged": "已签收",
    "rectifying": "整改中",
    "rechecked": "已复查",
    "disposed": "已处置",
    "superseded": "已撤销",
}


@dataclass(frozen=True, slots=True)
class Inbox:
    """Alerts of one department, and the services that did not answer."""

    alerts: tuple[dict[str, Any], ...]
    silent: tuple[str, ...]


async def read(stack: Stack, *, department: str) -> Inbox:
    """Ask every service side by side; one that is away is named and does not stop the others."""
    token = stack.issuer.token(role="staff", department=department)
    async with httpx.AsyncClient(
        timeout=_TIMEOUT_SECONDS,
        trust_env=False,
        headers={"Authorization": f"Bearer {token}"},
    ) as client:
        answers = await asyncio.gather(
            *(_alerts(client, stack.urls[service], department) for service in SERVICES),
            return_exceptions=True,
        )
    alerts: list[dict[str, Any]] = []
    silent: list[str] = []
    for service, answer in zip(SERVICES, answers, strict=True):
        if isinstance(answer, BaseException):
            silent.append(f"{service}（{str(answer)[:120] or type(answer).__name__}）")
        else:
            alerts.extend(answer)
    alerts.sort(key=lambda alert: str(alert["raised_at"]), reverse=True)
    return Inbox(alerts=tuple(alerts), silent=tuple(silent))


async def _alerts(client: httpx.AsyncClient, url: str, department: str) -> list[dict[str, Any]]:
    alerts: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        query: dict[str, str | int] = {"department": department, "limit": _PAGE}
        if cursor:
            query["cursor"] = cursor
        answer = (await client.get(f"{url}/v1/alerts", params=query)).raise_for_status().json()
        alerts.extend(answer["alerts"])
        cursor = answer.get("next_cursor")
        if not cursor:
            return alerts


def table(alerts: Iterable[dict[str, Any]], *, department: str) -> Table:
    """Return the merged inbox as a department reads it."""
    shown = Table(title=f"{name_of(department)} 的预警")
    for header in ("级别", "对象", "事项与依据", "状态与期限", "提出时间", "来自"):
        shown.add_column(header, overflow="fold")
    for alert in alerts:
        shown.add_row(
            _LEVELS.get(alert["level"], alert["level"]),
            str(alert["about"].get("name") or alert["about"]["id"]),
            f"{alert['title']}（{alert['window']}）\n依据：{alert['article']}",
            f"{_STATES.get(alert['state'], alert['state'])}\n{_deadlines(alert)}".rstrip(),
            _city(alert["raised_at"]),
            str(alert["service"]),
        )
    return shown


def _deadlines(alert: dict[str, Any]) -> str:
    """Say by when the lead has to do what, what is late, and how far that was carried up."""
    history = alert["history"]
    lines = [_deadline(clock) for clock in history["clocks"]]
    step = max(
        (late["step"] for late in history["lateness"] if not late.get("stopped_at")), default=0
    )
    return "\n".join([*lines, *([f"已上报（第{step}级）"] if step else [])])


def _deadline(clock: dict[str, Any]) -> str:
    what = f"{_CLOCKS.get(clock['clock'], clock['clock'])} {_city(clock['due_at'])}"
    if clock["overdue"]:
        return f"[bold red]逾期未{what}[/]"
    return f"{what}（日历未公布，暂估）" if clock["provisional"] else what


def _city(moment: str) -> str:
    return f"{datetime.fromisoformat(moment).astimezone(CITY_TIME):%Y-%m-%d %H:%M}"
