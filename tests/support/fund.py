"""fund_monitor over real servers in one process: its door, its workers, and a bank that signs."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from fastapi import FastAPI
from nats.aio.client import Client as BusClient
from standardwebhooks import Webhook

from services.fund_monitor.app.judging.judge import Judge
from services.fund_monitor.app.sight import FundSight
from services.fund_monitor.application import application
from services.fund_monitor.events.intake import intake_loops, intake_waiting
from services.fund_monitor.loops import feed_follower
from services.fund_monitor.store.indexes import INDEXES
from services.fund_monitor.store.institutions import InstitutionReplica
from services.fund_monitor.store.numbering import Numberer
from services.fund_monitor.store.postings import PostingStore
from services.fund_monitor.store.told import STREAMS
from shared.access.tokens import Verifier
from shared.alerts.store import AlertStore
from shared.cancelling import ended
from shared.clock import Clock
from shared.contracts.alerts import ALERT_CHANNELS
from shared.contracts.bank import several
from shared.dead_letters import DeadLetters
from shared.kernel import KERNEL_INDEXES, Kernel
from shared.marks import MarkStore
from shared.messaging.bundling import Bundling
from shared.messaging.publish import Publisher
from shared.mongo import Database, ensure_indexes
from shared.telemetry.sight import Sight
from shared.working_days import WorkingDays
from tests.support.audit import audit_log
from tests.support.rates import UNLIMITED
from tests.support.servers import NatsServer

SEEN_AT = datetime(2026, 6, 30, 10, tzinfo=UTC)
Event = dict[str, Any]
PATIENCE_SECONDS = 30.0


class FundMonitor:
    """A running fund_monitor as a bank and a department meet it."""

    app: FastAPI

    def __init__(
        self, db: Database, bus: BusClient, client: httpx.AsyncClient, token: Callable[..., str]
    ) -> None:
        self.db = db
        self.bus = bus
        self.client = client
        self.token = token
        self.secrets: dict[str, str] = {}
        self.institutions = InstitutionReplica(db)

    async def add_bank(self, code: str, *identity_fields: str) -> None:
        answer = await self.client.post(
            "/v1/banks",
            json={"code": code, "identity_fields": list(identity_fields)},
            headers=self.bearer(role="bank_admin"),
        )
        assert answer.status_code == 201, answer.text
        self.secrets[code] = answer.json()["secret"]

    async def send(
        self,
        events: Sequence[Event] | bytes,
        *,
        bank: str = "alpha",
        signed_by: str | None = None,
        webhook_id: str | None = None,
        signed_at: datetime | None = None,
    ) -> httpx.Response:
        body = events if isinstance(events, bytes) else json.dumps({"events": events}).encode()
        moment = signed_at or datetime.now(UTC)
        name = webhook_id or f"msg-{time.monotonic_ns()}"
        signature = Webhook(self.secrets[signed_by or bank]).sign(name, moment, body.decode())
        headers = {
            "webhook-id": name,
            "webhook-timestamp": str(int(moment.timestamp())),
            "webhook-signature": signature,
        }
        return await self.client.post(f"/v1/banks/{bank}/events", content=body, headers=headers)

    async def accepted(self, events: Sequence[Event], **how: Any) -> list[str]:
        answer = await self.send(events, **how)
        assert answer.status_code == 202, answer.text
        return [result["status"] for result in answer.json()["results"]]

    async def settled(self) -> None:
        """Wait until nothing waits to be posted or judged."""
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until:
            waiting = (
                await intake_waiting(self.bus.jetstream()) + await MarkStore(self.db).waiting()
            )
            if waiting == 0:
                return
            await asyncio.sleep(0.05)
        raise TimeoutError("fund_monitor did not settle")

    async def read(self, path: str, **claims: str) -> httpx.Response:
        return await self.client.get(path, headers=self.bearer(**(claims or {"role": "admin"})))

    async def event(self, serial_no: str, *, bank: str = "alpha") -> Event:
        answer = await self.read(f"/v1/banks/{bank}/events/{serial_no}")
        assert answer.status_code == 200, answer.text
        [result] = answer.json()["results"]
        return dict(result)

    async def balance(self, account_no: str, *, bank: str = "alpha") -> int:
        answer = await self.read(f"/v1/banks/{bank}/accounts/{account_no}")
        return int(answer.json()["balance_fen"])

    async def summary(self) -> Event:
        return dict((await self.read("/v1/summary")).json())

    async def standing(self) -> set[tuple[str, str, str, str, str]]:
        """Return the alerts that stand: about, rule, window, level and lead."""
        page = (await self.read("/v1/alerts?limit=200")).json()["alerts"]
        return {
            (a["about"]["id"], a["rule"], a["window"], a["level"], a["lead"])
            for a in page
            if a["state"] != "superseded"
        }

    def bearer(self, **claims: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token(**claims)}"}


@asynccontextmanager
async def fund_monitor(
    db: Database,
    server: NatsServer,
    access: Verifier,
    token: Callable[..., str],
    *,
    workers: int = 1,
    sight: Sight | None = None,
    feeds: bool = False,
) -> AsyncIterator[FundMonitor]:
    """Run the service with so many workers beside each other; feeds are followed on demand."""
    await ensure_indexes(db, {**KERNEL_INDEXES, **INDEXES})
    bus = await server.connect("fund_monitor")
    js = bus.jetstream()
    clock = Clock(SEEN_AT - datetime.now(UTC))
    sight = sight or Sight()
    seen = FundSight(sight)
    kernel = Kernel(
        service="fund_monitor",
        db=db,
        verifier=access,
        clock=clock,
        audit=audit_log(db),
        sight=sight,
        rates=UNLIMITED,
    )
    app = application(
        kernel,
        bus=Bundling(Publisher(js, stream="BANK_INTAKE", tracer=sight.tracer), join=several),
        waiting=lambda: intake_waiting(js),
        seen=seen,
    )
    tasks = [task for _ in range(workers) for task in _working(db, bus, clock, seen)]
    if feeds:
        follower = feed_follower(kernel, waiting=lambda: intake_waiting(js))
        tasks.append(asyncio.create_task(follower.run()))
    transport = httpx.ASGITransport(app)
    with sight.of(app):
        async with httpx.AsyncClient(
            transport=transport, base_url="http://fund", timeout=30
        ) as client:
            try:
                running = FundMonitor(db, bus, client, token)
                running.app = app
                yield running
            finally:
                await ended(*tasks)
                await bus.close()


def _working(
    db: Database, bus: BusClient, clock: Clock, seen: FundSight
) -> list[asyncio.Task[None]]:
    postings = PostingStore(db, audit_log(db))
    loops = intake_loops(
        bus.jetstream(), postings=postings, dead_letters=DeadLetters(db), seen=seen
    )
    alerts = AlertStore(db, ALERT_CHANNELS["fund_monitor"])
    judge = Judge(db, alerts, calendar=WorkingDays(), seen=seen)

    async def judging() -> None:
        while True:
            if not await judge.judge_some(now=clock.now()):
                await asyncio.sleep(0.02)

    numbering = [Numberer(db, stream).run() for stream in STREAMS]
    running = [*(loop.run() for loop in loops), *numbering, judging()]
    return [asyncio.create_task(loop) for loop in running]


def at(day: str, time_of_day: str = "09:30:00") -> str:
    """Return an instant of a 2026 day in city time."""
    return f"2026-{day}T{time_of_day}+08:00"


def opened(account_no: str = "A1", *, code: str = "52330481MJ000001XJ", **more: object) -> Event:
    return {
        "type": "account_opened",
        "serial_no": f"open-{account_no}",
        "account_no": account_no,
        "occurred_at": at("02-16"),
        "institution_code": code,
        "account_kind": "custody",
        "account_name": "甲培训机构预收费资金托管专户",
        "agreement_no": "X-1",
        **more,
    }


def money(kind: str, serial_no: str, amount_fen: int = 1_000, **more: object) -> Event:
    return {
        "type": kind,
        "serial_no": serial_no,
        "account_no": "A1",
        "occurred_at": at("03-02"),
        "amount_fen": amount_fen,
        **more,
    }


def an_institution(version: int = 1, **more: object) -> Event:
    return {
        "_id": "inst-1",
        "version": version,
        "name": "甲培训机构",
        "uscc": "52330481MJ000001XJ",
        "kind": "sports",
        "competent_department": "culture_tourism_sports",
        "status": "active",
        **more,
    }


def minutes_ago(minutes: int) -> datetime:
    return datetime.now(UTC) - timedelta(minutes=minutes)
