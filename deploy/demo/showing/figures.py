"""The figures of the money, read from the record once everything is judged."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import httpx

from deploy.demo.acting.doors import Call, DemoFailed, Doors, expect, patiently

_OK = 200
_DEADLINE_SECONDS = 180.0
_PAUSE_SECONDS = 0.25
_PAGE = 100

Counts = Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Events by outcome, alerts by department and level, the ledger."""

    events: Counts
    alerts: Mapping[str, Counts]
    ledger: Mapping[str, int | bool]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


async def settled_figures(doors: Doors, *, sent: int) -> Figures:
    """Wait until everything taken in is judged and sent on, and return the figures then.

    ``sent`` is the number of events in the sample: what is in none of the record's figures was
    sent once more.
    """
    deadline = time.monotonic() + _DEADLINE_SECONDS
    before: Figures | None = None
    waiting = ""
    while time.monotonic() < deadline:
        summary, alerts = await read(doors)
        waiting = str(summary.get("waiting", "服务无应答"))
        now = figures(summary, alerts, sent=sent) if summary.get("settled") else None
        # Two equal readings in a row: a state of the register may still be on its way.
        if now is not None and now == before:
            return now
        before = now
        await asyncio.sleep(_PAUSE_SECONDS)
    raise DemoFailed(
        f"{_DEADLINE_SECONDS:.0f} 秒后仍有事件未处理完（{waiting}）；"
        "请用 ./run status 查看各进程，再运行一次 ./run demo。"
    )


async def read(doors: Doors) -> tuple[Mapping[str, Any], Mapping[str, Counts]]:
    """Return the fund monitor's summary and its alerts; nothing while it is away."""
    try:
        summary = await _get(doors, "/v1/summary")
        alerts = await _get(doors, "/v1/alerts/summary")
    except httpx.TransportError:
        return {}, {}
    return summary, alerts.get("alerts", {})


async def standing_alerts(doors: Doors, service: str = "fund_monitor") -> list[Mapping[str, Any]]:
    """Return every alert of a service that stands, page by page."""
    alerts: list[Mapping[str, Any]] = []
    cursor: str | None = None
    while True:
        page = await _page(doors, service, {} if cursor is None else {"cursor": cursor})
        alerts += [each for each in page["alerts"] if each["state"] != "superseded"]
        cursor = page.get("next_cursor")
        if cursor is None:
            return alerts


def figures(summary: Mapping[str, Any], alerts: Mapping[str, Counts], *, sent: int) -> Figures:
    """Return the figures of the record; a duplicate is what the record does not show twice."""
    events = dict(summary["events"])
    seen = events["accepted"] + events["refused"] + events["conflict"]
    return Figures(
        events={**events, "duplicate": sent - seen},
        alerts={department: dict(levels) for department, levels in sorted(alerts.items())},
        ledger=dict(summary["ledger"]),
    )


async def _page(doors: Doors, service: str, where: Mapping[str, str]) -> Mapping[str, Any]:
    call = Call(
        method="GET",
        url=doors.url(service, "/v1/alerts"),
        headers=lambda: doors.bearer(role="admin"),
        params={"limit": _PAGE, **where},
    )
    return expect(await patiently(doors, call), _OK)


async def _get(doors: Doors, path: str) -> Mapping[str, Any]:
    response = await doors.http.get(
        doors.url("fund_monitor", path), headers=doors.bearer(role="admin")
    )
    if response.is_server_error:
        return {}
    return expect(response, _OK)
