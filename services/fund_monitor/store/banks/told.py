"""What banks are told, in streams: written with what was decided, numbered a moment later.

Each stream has an order of its own for every bank, with places that never skip (ADR 0022).
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from shared.clock import machine_now
from shared.ids import new_id
from shared.mongo import Database, Row

StreamName = Literal["outcomes", "differences"]
MOST_IN_A_DOCUMENT: Final = 500
"""One opening may settle any number of parked events: they are split over several documents."""

_DOCUMENTS_AT_ONCE: Final = 8


@dataclass(frozen=True, slots=True)
class Stream:
    """One order in which banks are told of something: its documents, and how far each is told.

    The name is also that of the list within a document.
    """

    name: StreamName
    documents: str
    heads: str


OUTCOME_STREAM: Final = Stream("outcomes", "outcomes", "outcome_heads")
DIFFERENCE_STREAM: Final = Stream("differences", "difference_changes", "difference_heads")
STREAMS: Final = (OUTCOME_STREAM, DIFFERENCE_STREAM)


def documents_of(
    stream: Stream, everything: Iterable[Row], *, now: datetime | None = None
) -> list[Row]:
    """Return what one transaction inserts to tell each bank its part, at the machine's time or now.

    Nothing here has a number: writers share no counter, and so wait for nobody.
    """
    told_at = now or machine_now()
    of_bank: defaultdict[str, list[Row]] = defaultdict(list)
    for told in everything:
        of_bank[told.pop("bank")].append(told)
    return [
        {
            "_id": new_id(),
            "bank": bank,
            "waiting": True,
            "told_at": told_at,
            stream.name: told[start : start + MOST_IN_A_DOCUMENT],
        }
        for bank, told in of_bank.items()
        for start in range(0, len(told), MOST_IN_A_DOCUMENT)
    ]


class ToldBook:
    """The read side of a stream: what a bank was told, in the order in which it was numbered."""

    def __init__(self, db: Database, stream: Stream) -> None:
        self.stream = stream
        self._documents = db[stream.documents]

    async def after(self, bank: str, place: int, *, limit: int) -> list[Row]:
        """Return what comes after a place, each with the place it has itself."""
        found = self._documents.find({"bank": bank, "last": {"$gt": place}}).sort("last")
        page: list[Row] = []
        async with found.batch_size(_DOCUMENTS_AT_ONCE).limit(limit) as documents:
            async for document in documents:
                for at, told in enumerate(document[self.stream.name], start=document["first"]):
                    if at > place:
                        page.append({**told, "place": at, "told_at": document["told_at"]})
                if len(page) >= limit:
                    break
        return page[:limit]
