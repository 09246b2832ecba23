"""What the audit chain holds of a posting: how many events, and one digest over them all.

With it the ledger's record can be held against the chain: an event changed, removed or put in since
makes its posting differ.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

from services.fund_monitor.domain.banks.intake import Received
from shared.audit.chain import ROWS, digest
from shared.audit.log import Entry
from shared.audit.verify import Difference
from shared.mongo import Database, Row

ACTION = "fund.posted"
_SERVICE = "fund_monitor"
_BY_POSTING: list[Row] = [
    {"$project": {"bank": 1, "posting": 1, "digest": 1}},
    {
        "$group": {
            "_id": {"posting": "$posting", "bank": "$bank"},
            "events": {"$push": {"identity": "$_id", "digest": "$digest"}},
        }
    },
]


def entries_of(
    posting: str, fresh: Mapping[str, Received], conflicts: Sequence[Row]
) -> list[Entry]:
    """Return one entry for each bank of which a transaction records events or conflicts."""
    events: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for identity, one in fresh.items():
        events[one.bank].append((identity, one.digest))
    refused = Counter(str(row["bank"]) for row in conflicts)
    return [
        Entry(
            action=ACTION,
            about_kind="bank",
            about_id=bank,
            details={
                "posting": posting,
                "events": len(events[bank]),
                "conflicts": refused[bank],
                "digest": digest_of_events(events[bank]),
            },
        )
        for bank in sorted({*events, *refused})
    ]


def digest_of_events(events: Iterable[tuple[str, str]]) -> str:
    """Return one digest over identities and the digests of their bodies, in whatever order."""
    lines = sorted(f"{identity}\n{body}\n" for identity, body in events)
    return digest("".join(lines).encode())


async def differing_postings(
    db: Database, *, body_digest: Callable[[Mapping[str, object]], str]
) -> list[Difference]:
    """Hold the recorded events against the chain, posting by posting; postings may go on."""
    # Only what the chain told before is compared: it is whole by now. What is posted during the
    # walk may be seen in part, and need only be told when the walk has ended.
    told = await _told(db)
    differing = [
        _difference(None, f"事件 {event['_id']} 的内容与其摘要不符")
        async for event in db["events"].find({}, {"body": 1, "digest": 1})
        if event.get("digest") != body_digest(event.get("body") or {})
    ]
    recorded = await _recorded(db)
    told_since = await _told(db)
    for (posting, bank), found in recorded.items():
        row = told.get((posting, bank))
        if row is not None and _detail(row, "digest") != found:
            differing.append(_difference(row, f"入账批次 {posting} 的事件与链上摘要不符"))
        if (posting, bank) not in told_since:
            differing.append(_difference(None, f"入账批次 {posting} 不在审计链上"))
    return differing + [
        _difference(row, f"入账批次 {posting} 的事件已不在账上")
        for (posting, bank), row in told.items()
        if (posting, bank) not in recorded and _detail(row, "events")
    ]


async def _recorded(db: Database) -> dict[tuple[str, str], str]:
    """Return the digest of each posting's events as the ledger has them."""
    found = {}
    async for group in await db["events"].aggregate(_BY_POSTING, allowDiskUse=True):
        key = (str(group["_id"].get("posting")), str(group["_id"].get("bank")))
        events = ((str(one["identity"]), str(one.get("digest"))) for one in group["events"])
        found[key] = digest_of_events(events)
    return found


async def _told(db: Database) -> dict[tuple[str, str], Row]:
    rows = db[ROWS].find({"action": ACTION, "about.kind": "bank"})
    return {(str(_detail(row, "posting")), str(row["about"].get("id"))): row async for row in rows}


def _detail(row: Row, name: str) -> object:
    details = row.get("details")
    return details.get(name) if isinstance(details, dict) else None


def _difference(row: Row | None, what: str) -> Difference:
    sequence = None if row is None else row.get("sequence")
    return Difference(service=_SERVICE, sequence=sequence, what=what)
