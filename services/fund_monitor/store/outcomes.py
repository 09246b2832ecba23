"""What banks are told of their events: written with what was decided, numbered a moment later."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final

from services.fund_monitor.domain.intake import Received, Refused
from services.fund_monitor.domain.posting import Outcome
from shared.clock import machine_now
from shared.ids import new_id
from shared.mongo import Database, Row

OUTCOMES: Final = "outcomes"
MOST_IN_A_DOCUMENT: Final = 500
"""One opening may settle any number of parked events: they are split over several documents."""

_DOCUMENTS_AT_ONCE: Final = 8
_OF_BODY: Final = ("account_no", "booked_on", "entry_no", "feed_no")


def outcome_of_received(received: Received, status: str, reason: str | None = None) -> Row:
    """Return what is told of an event that just came."""
    return {
        **_named(received.body),
        "bank": received.bank,
        "serial_no": received.serial_no,
        "occurred_at": received.event.occurred_at,
        "digest": received.digest,
        "status": status,
        "reason": reason,
    }


def outcome_of_recorded(row: Row, outcome: Outcome) -> Row:
    """Return what is told of a recorded event whose standing changes."""
    return {
        **_named(row["body"]),
        **{name: row[name] for name in ("bank", "serial_no", "occurred_at", "digest")},
        "status": outcome.state,
        "reason": outcome.reason,
    }


def outcome_of_refused(refused: Refused) -> Row:
    """Return what is told of an event that the door refused: with the fields that passed."""
    named = {"serial_no": refused.known.get("serial_no"), **_named(refused.known)}
    return {
        **{name: str(value) for name, value in named.items() if value is not None},
        "bank": refused.bank,
        "digest": refused.digest,
        "status": "refused",
        "problems": [dict(problem) for problem in refused.problems],
    }


def documents_of(outcomes: Iterable[Row]) -> list[Row]:
    """Return what one transaction inserts to tell each bank of its events.

    Nothing here has a number: writers share no counter, and so wait for nobody.
    """
    of_bank: defaultdict[str, list[Row]] = defaultdict(list)
    for outcome in outcomes:
        told = {name: value for name, value in outcome.items() if value is not None}
        of_bank[told.pop("bank")].append(told)
    return [
        {
            "_id": new_id(),
            "bank": bank,
            "waiting": True,
            "told_at": machine_now(),
            "outcomes": told[start : start + MOST_IN_A_DOCUMENT],
        }
        for bank, told in of_bank.items()
        for start in range(0, len(told), MOST_IN_A_DOCUMENT)
    ]


class OutcomeBook:
    """The read side: a bank's outcomes in the order in which they were numbered."""

    def __init__(self, db: Database) -> None:
        self._documents = db[OUTCOMES]

    async def after(self, bank: str, place: int, *, limit: int) -> list[Row]:
        """Return the outcomes that come after a place, each with the place it has itself."""
        found = self._documents.find({"bank": bank, "last": {"$gt": place}}).sort("last")
        page: list[Row] = []
        async with found.batch_size(_DOCUMENTS_AT_ONCE).limit(limit) as documents:
            async for document in documents:
                for at, outcome in enumerate(document["outcomes"], start=document["first"]):
                    if at > place:
                        page.append({**outcome, "place": at, "told_at": document["told_at"]})
                if len(page) >= limit:
                    break
        return page[:limit]


def _named(body: Mapping[str, object]) -> Row:
    return {name: body[name] for name in _OF_BODY if body.get(name) is not None}
