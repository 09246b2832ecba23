"""What fund_monitor's figures ask of its store: what waits to be judged, and what is not posted."""

from prometheus_client import CollectorRegistry, Gauge

from services.fund_monitor.store.banks.bank_webhooks import WEBHOOKS
from services.fund_monitor.store.banks.dropped_files import NUMBERINGS, numbering_of
from services.fund_monitor.store.banks.told import STREAMS
from shared.mongo import Database, Row
from shared.telemetry.figures import counted, counting
from shared.telemetry.sight import Look

_UNPOSTED = ("parked", "set_aside")


def fund_looks(registry: CollectorRegistry, db: Database) -> dict[str, Look]:
    """Return what looks at marks, at events that are not posted, and at what banks wait for."""
    return {
        "marks": counting(
            registry,
            "haining_fund_marks_waiting",
            "Marks on institutions and banks that wait to be judged.",
            counted(db, "to_judge", {}),
        ),
        "unposted": _unposted(registry, db),
        "files": _missing_files(registry, db),
        "webhooks": _behind(registry, db),
    }


def _unposted(registry: CollectorRegistry, db: Database) -> Look:
    unposted = Gauge(
        "haining_fund_unposted_events",
        "Events that are recorded and not posted, by where they stand.",
        ["state"],
        registry=registry,
    )
    by_state: list[Row] = [
        {"$match": {"state": {"$in": list(_UNPOSTED)}}},
        {"$group": {"_id": "$state", "n": {"$sum": 1}}},
    ]

    async def look() -> None:
        # The index holds unposted events alone, so that the ledger's size does not matter.
        found = await db["events"].aggregate(by_state, hint="unposted")
        counts = {row["_id"]: row["n"] async for row in found}
        for state in _UNPOSTED:
            unposted.labels(state).set(counts.get(state, 0))

    return look


def _missing_files(registry: CollectorRegistry, db: Database) -> Look:
    missing = Gauge(
        "haining_fund_missing_files",
        "Running numbers of dropped files that have not come, by bank and kind.",
        ["bank", "kind"],
        registry=registry,
    )

    async def look() -> None:
        async for row in db[NUMBERINGS].find({}):
            bank, kind = row["_id"].split("|")
            missing.labels(bank, kind).set(numbering_of(row).missing)

    return look


def _behind(registry: CollectorRegistry, db: Database) -> Look:
    behind = Gauge(
        "haining_fund_webhook_behind",
        "Outcomes and changes of differences that a bank's address has not been told yet.",
        ["bank", "stream"],
        registry=registry,
    )

    async def look() -> None:
        addresses = await db[WEBHOOKS].find({}, {"streams": 1}).to_list()
        for stream in STREAMS:
            heads = {row["_id"]: int(row["last"]) async for row in db[stream.heads].find({})}
            for row in addresses:
                place = row["streams"][stream.name]["place"]
                behind.labels(row["_id"], stream.name).set(heads.get(row["_id"], 0) - place)

    return look
