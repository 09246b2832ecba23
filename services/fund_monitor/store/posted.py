"""What the audit chain holds of a posting: how many events, and one digest over them all."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from services.fund_monitor.domain.intake import Received
from shared.audit.chain import digest
from shared.audit.log import Entry
from shared.mongo import Row

ACTION = "fund.posted"


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
