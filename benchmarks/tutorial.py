"""Posting as a tutorial would write it: one FastStream handler an event, and each write for itself.

A crash half way leaves half an event. It is what batches and transactions are compared with.
"""

import asyncio
from datetime import datetime
from typing import Any

from faststream import FastStream
from faststream.nats import JStream, NatsRouter, PullSub

from services.fund_monitor.application import SERVICE
from services.fund_monitor.settings import FundMonitorSettings
from shared.contracts.bank import BankBatch
from shared.messaging.permissions import inbox_prefix
from shared.messaging.subscribe import broker_of
from shared.messaging.topology import BANK_INTAKE, PARTITIONS, intake_consumer, intake_subject
from shared.mongo import Database, connect


async def tutorial() -> None:
    """Run until ended, with the settings of the environment."""
    settings = FundMonitorSettings()
    client = connect(settings.mongo_url, username=None, password=None, database="admin")
    broker = broker_of(
        [_router(client[settings.mongo_database])],
        url=settings.nats_url,
        user=SERVICE,
        seed_file=settings.nats_seed_file,
    )
    await FastStream(broker, logger=None).run()


def _router(db: Database) -> NatsRouter:
    router = NatsRouter()

    async def on_event(batch: BankBatch) -> None:
        for accepted in batch.events:
            await _post(db, accepted.digest, accepted.event)

    for partition in range(PARTITIONS):
        router.subscriber(
            intake_subject(partition),
            stream=JStream(BANK_INTAKE.name, declare=False),
            durable=intake_consumer(partition),
            pull_sub=PullSub(batch_size=1),
            inbox_prefix=f"{inbox_prefix(SERVICE)}.".encode(),
        )(on_event)
    return router


async def _post(db: Database, digest: str, event: dict[str, Any]) -> None:
    identity = f"alpha|{event['account_no']}|{event['serial_no']}"
    if await db["events"].find_one({"_id": identity}) is not None:
        return
    fen = event.get("amount_fen", 0) * (1 if event["type"] == "deposit" else -1)
    await db["events"].insert_one({"_id": identity, "digest": digest, "body": event})
    await db["entries"].insert_one(
        {
            "_id": identity,
            "account": event["account_no"],
            "occurred_at": datetime.fromisoformat(event["occurred_at"]),
            "lines": [{"book": "bank", "fen": fen}, {"book": "prepaid", "fen": -fen}],
        }
    )
    await db["accounts"].update_one(
        {"_id": event["account_no"]}, {"$inc": {"balance_fen": fen}}, upsert=True
    )
    await db["contract_positions"].update_one(
        {"_id": f"{event['account_no']}|{event.get('contract_no')}"},
        {"$inc": {f"{event['type']}_fen": fen}},
        upsert=True,
    )


if __name__ == "__main__":
    asyncio.run(tutorial())
