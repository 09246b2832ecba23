"""A platform that holds a class on a Sunday, found by its own logs, over a real MongoDB."""

import json
from collections.abc import Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime

import httpx
import pytest
from standardwebhooks import Webhook

from services.schedule_monitor.application import application
from services.schedule_monitor.desks import takedown_desk
from services.schedule_monitor.loops import judge_of
from shared.clock import Clock
from shared.kernel import Kernel
from shared.takedown.desk import TakedownTimers
from shared.telemetry.sight import Sight
from shared.timers import Timers
from tests.schedule_monitor.builders import (
    INSTITUTION,
    a_calendar_body,
    a_held_item,
    a_licensed_state,
)

SUNDAY = "2026-03-01"
MONDAY = datetime(2026, 3, 2, 4, tzinfo=UTC)
URL = "/v1/takedowns"
OWN = "/v1/platforms/cloud/takedowns"
FILE = {"kind": "file", "name": "后台截图.png", "sha256": "a" * 64}
SNAPSHOT = {"kind": "snapshot", "name": "课程页", "reference": "SNAP-2026-0302-1"}


@dataclass
class City:
    """The service at any moment, on one database; ``secret`` is the platform's."""

    kernel: Kernel
    bearer: Callable[..., dict[str, str]]
    secret: str = ""
    ids: dict[str, str] = field(default_factory=dict)

    def then(self, moment: datetime) -> Kernel:
        return replace(self.kernel, clock=Clock(moment - datetime.now(UTC)), sight=Sight())

    @asynccontextmanager
    async def client(self, moment: datetime = MONDAY):
        transport = httpx.ASGITransport(application(self.then(moment)))
        async with httpx.AsyncClient(transport=transport, base_url="http://schedule") as client:
            yield client

    async def ask(self, method, url, body=None, *, by="economy_it", at=MONDAY, person="wang"):
        headers = self.bearer(role="staff", department=by, sub=f"staff:{by}:{person}")
        async with self.client(at) as client:
            return await client.request(method, url, json=body, headers=headers)

    async def sign(self, method, url, body=None, *, at=MONDAY, key=None):
        now = datetime.now(UTC)
        text = "" if body is None else json.dumps(body)
        name = f"msg-{now.timestamp()}"
        headers = {
            "webhook-id": name,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": Webhook(key or self.secret).sign(name, now, text),
        }
        async with self.client(at) as client:
            return await client.request(method, url, content=text.encode(), headers=headers)

    async def tell(self, *items, at=MONDAY):
        answer = await self.sign(
            "POST", "/v1/platforms/cloud/sessions", {"sessions": list(items)}, at=at
        )
        assert {one["status"] for one in answer.json()["results"]} == {"accepted"}, answer.text
        await self.judge(at)
        return [one["session_id"] for one in answer.json()["results"]]

    async def judge(self, at=MONDAY):
        judge = judge_of(self.then(at))
        while await judge.judge_one(now=at):
            pass

    async def pass_time(self, at) -> bool:
        """Do what is due at a moment; tell whether anything was."""
        return await self._timers(at).run_one()

    async def recount(self, at) -> int:
        """Count deadlines anew by the calendar as it is; tell how many moved."""
        return await self._timers(at).recount()

    def _timers(self, at) -> Timers:
        kernel = self.then(at)
        handlers = TakedownTimers(takedown_desk(kernel)).handlers
        return Timers(kernel.db, clock=kernel.clock, calendar=kernel.calendar, handlers=handlers)

    async def alerts(self, rule="schedule.takedown_overdue"):
        wanted = {"rule.code": rule, "state": {"$ne": "superseded"}}
        return await self.kernel.db["alerts"].find(wanted).to_list()

    async def draft(self, *, at=MONDAY, by="economy_it", **more):
        answer = await self.ask("POST", URL, self.request(**more), at=at, by=by)
        assert answer.status_code == 201, answer.text
        return answer.json()["takedown_id"]

    async def sent(self, *, at=MONDAY, **more):
        takedown_id = await self.draft(at=at, **more)
        answer = await self.ask("POST", f"{URL}/{takedown_id}/send", at=at)
        assert answer.status_code == 200, answer.text
        return takedown_id

    def request(self, **more):
        return {
            "recipient": {"platform": "cloud"},
            "thing": {
                "kind": "class",
                "title": "三年级1班（周日数学）",
                "institution_id": INSTITUTION,
                "class_group": "三年级1班",
            },
            "demand": "停止三年级1班的线上课，并撤下报名页面。",
            "grounds": [
                {"kind": "alert", "reference": self.ids["alert"], "says": "3月1日（周日）上课。"}
            ],
            "proofs": [SNAPSHOT],
            **more,
        }

    async def read(self, takedown_id, *, at=MONDAY):
        return (await self.ask("GET", f"{URL}/{takedown_id}", at=at)).json()

    async def answer(self, takedown_id, outcome="done", *, at=MONDAY, **more):
        body = {
            "takedown_id": takedown_id,
            "outcome": outcome,
            "text": "已下架",
            "proofs": [FILE],
            **more,
        }
        return await self.sign("POST", f"{OWN}/{takedown_id}/answer", body, at=at)


@pytest.fixture
async def city(kernel, bearer, institutions) -> City:
    city = City(kernel, bearer)
    state = a_licensed_state(mode="online")
    await institutions.take(state, told_on=date(2026, 1, 1))
    year = "/v1/school-calendars/2025-2026"
    answer = await city.ask("PUT", year, a_calendar_body(), by="education")
    assert answer.status_code == 201, answer.text
    made = {"code": "cloud", "name": "云课堂"}
    city.secret = (await city.ask("POST", "/v1/platforms", made)).json()["secret"]
    [city.ids["session"]] = await city.tell(a_held_item(SUNDAY))
    [alert] = await city.alerts("schedule.rest_day")
    city.ids["alert"] = alert["_id"]
    return city
