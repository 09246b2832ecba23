"""The composition root of the ads watch: the only file that knows every room."""

import asyncio
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from fastapi import FastAPI
from nats.js import JetStreamContext

from services.ads_watch.api import page
from services.ads_watch.settings import AdsWatchSettings
from shared.access import Verifier
from shared.alerts.api import alerts_router
from shared.alerts.indexes import ALERT_INDEXES
from shared.alerts.store import AlertStore
from shared.clock import Clock, machine_now
from shared.contracts.alerts import ALERT_CHANNELS
from shared.health import Check, report_ready
from shared.logs import configure
from shared.messaging.apply import TopologyDrift, verify
from shared.messaging.connect import connect as connect_bus
from shared.messaging.permissions import streams_of
from shared.messaging.topology import consumers_of
from shared.mongo import Database, connect, ensure_indexes
from shared.outbox import OUTBOX_INDEXES, Relay
from shared.process import Loop, run
from shared.settings import unknown_keys
from shared.web import create_app

SERVICE: Final = "ads_watch"
ROLES: Final = ("serve", "work", "both")
_UNSENT_AT_MOST = timedelta(seconds=60)


def application(
    db: Database,
    *,
    verifier: Verifier,
    clock: Clock,
    committed: Callable[[], None],
    checks: dict[str, Check],
) -> FastAPI:
    """Return the ads watch's HTTP side: its page and its inbox."""
    app = create_app(title="广告监测", verifier=verifier, checks=checks, asyncapi={})
    app.state.clock = clock
    app.state.alerts = AlertStore(db, ALERT_CHANNELS[SERVICE], committed=committed)
    app.include_router(page.router)
    app.include_router(alerts_router(SERVICE))
    return app


def round_trips(db: Database, js: JetStreamContext) -> dict[str, Check]:
    """Return what must succeed for the ads watch to be ready."""

    async def store() -> None:
        now = {"$set": {"at": machine_now()}}
        await db["health"].update_one({"_id": SERVICE}, now, upsert=True)

    async def bus() -> None:
        for stream in streams_of(SERVICE):
            await js.stream_info(stream.name)

    async def outbox() -> None:
        oldest = await db["outbox"].find_one({"sent_at": None}, {"_id": 1}, sort=[("_id", 1)])
        if oldest is not None and machine_now() - _made_at(oldest["_id"]) > _UNSENT_AT_MOST:
            raise TimeoutError("the oldest outgoing event waits for more than a minute")

    return {"mongo": store, "nats": bus, "outbox": outbox}


def _made_at(identifier: str) -> datetime:
    """Return when a UUIDv7 was made: its first 48 bits are milliseconds."""
    return datetime.fromtimestamp((UUID(identifier).int >> 80) / 1000, UTC)


async def main(role: str) -> None:
    """Run the ads watch: its HTTP side, its relay, or both."""
    settings = AdsWatchSettings()
    configure(SERVICE, level=settings.log_level)
    client = connect(
        settings.mongo_url,
        username=settings.mongo_username,
        password=settings.mongo_password(),
        database=settings.mongo_database,
    )
    db = client[settings.mongo_database]
    await ensure_indexes(db, {**OUTBOX_INDEXES, **ALERT_INDEXES})
    bus = await connect_bus(settings.nats_url, user=SERVICE, seed_file=settings.nats_seed_file)
    js = bus.jetstream()
    await verify(js, streams=streams_of(SERVICE), consumers=consumers_of(SERVICE))
    verifier = Verifier(
        jwks=settings.jwks, issuer=settings.token_issuer, audience=settings.token_audience
    )
    await verifier.load()
    relay = Relay(db, js)
    checks = round_trips(db, js)
    app = application(
        db,
        verifier=verifier,
        clock=Clock(settings.clock_offset),
        committed=relay.wake,
        checks=checks,
    )
    loops: list[Loop] = [] if role == "serve" else [relay.run]
    if settings.ready_file is not None:
        path = settings.ready_file
        loops.append(lambda: report_ready(path, checks))
    try:
        await run(
            loops,
            app=None if role == "work" else app,
            host=settings.host,
            port=settings.port,
        )
    finally:
        await bus.close()
        await client.close()


def start() -> None:
    """Read the command line and run; what stands in the way is one line."""
    role = sys.argv[1] if len(sys.argv) > 1 else "both"
    if role not in ROLES:
        sys.exit(f"{SERVICE}：只能以 {'、'.join(ROLES)} 方式启动，不能是 {role}")
    if misspelt := unknown_keys(AdsWatchSettings):
        sys.exit(f"{SERVICE}：环境变量中有不认识的设置：{'、'.join(misspelt)}")
    try:
        asyncio.run(main(role))
    except TopologyDrift as drift:
        sys.exit(f"{SERVICE}：{drift}")


if __name__ == "__main__":
    start()
