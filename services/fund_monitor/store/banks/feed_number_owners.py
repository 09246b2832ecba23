"""Which event has which number of a bank's feed: one event each, or else a difference.

Owners lie in blocks of a hundred numbers, written by whoever follows the outcomes: posting has no
part in it. What is wrong stays wrong, whatever comes later; it ends by a word that is said of it.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from pymongo import ReplaceOne, UpdateOne

from services.fund_monitor.domain.banks.feed_numbers import Misnumbered, Numbered, own
from services.fund_monitor.store.banks.feed_gaps import Count
from services.fund_monitor.store.statements.difference_rows import NO_CLOCK
from services.fund_monitor.store.statements.differences import DIFFERENCES
from shared.city_time import city_date
from shared.ids import id_from
from shared.mongo import Database, Row, Session

OWNERS: Final = "feed_number_owners"
_BLOCK: Final = 100


class FeedNumberOwners:
    """The owners of all numbers that were followed."""

    def __init__(self, db: Database) -> None:
        self._owners = db[OWNERS]
        self._rows = db[DIFFERENCES]

    async def take(
        self, count: Count, numbered: Iterable[Numbered], *, now: datetime, session: Session
    ) -> None:
        """Give each number to the event that came under it first, in the caller's transaction."""
        mine = [one for one in numbered if one.number >= count.first_no]
        fresh, wrong = own(mine, await self._known(count, mine, session))
        blocks: defaultdict[str, Row] = defaultdict(dict)
        for number, event in fresh.items():
            blocks[_block(count, number)][f"owners.{number}"] = event
        if blocks:
            writes = [
                UpdateOne({"_id": name}, {"$set": {"bank": count.bank, **owners}}, upsert=True)
                for name, owners in sorted(blocks.items())
            ]
            await self._owners.bulk_write(writes, ordered=False, session=session)
        await self._differ([_row(count, one, now) for one in wrong], session)

    async def forget(self, bank: str) -> None:
        """Forget whose a bank's numbers are: all of them are about to be followed anew."""
        await self._owners.delete_many({"bank": bank})

    async def _known(
        self, count: Count, numbered: Sequence[Numbered], session: Session
    ) -> dict[int, str]:
        names = sorted({_block(count, one.number) for one in numbered})
        found = self._owners.find({"_id": {"$in": names}}, {"owners": 1}, session=session)
        return {
            int(number): event async for row in found for number, event in row["owners"].items()
        }

    async def _differ(self, rows: Sequence[Row], session: Session) -> None:
        """Keep what is wrong once; what an earlier declaration ended is found again."""
        wanted = {row["_id"]: row for row in rows}
        if not wanted:
            return
        stands = {"_id": {"$in": list(wanted)}, "state": {"$ne": "closed"}}
        async for row in self._rows.find(stands, {"_id": 1}, session=session):
            del wanted[row["_id"]]
        writes = [ReplaceOne({"_id": key}, row, upsert=True) for key, row in wanted.items()]
        if writes:
            await self._rows.bulk_write(writes, ordered=False, session=session)


def _block(count: Count, number: int) -> str:
    return f"{count.name}|{number // _BLOCK}"


def _row(count: Count, wrong: Misnumbered, now: datetime) -> Row:
    reused = wrong.before is not None
    kind = "feed_no_reused" if reused else "feed_no_changed"
    account = "|".join(wrong.event.split("|")[:2])
    return {
        "_id": id_from(f"{count.name}|{kind}|{wrong.number}|{wrong.event}"),
        "schema": 1,
        "bank": count.bank,
        "account": account,
        "day": city_date(now).isoformat(),
        "kind": kind,
        "line": wrong.before,
        "event": wrong.event,
        "first_no": wrong.number if reused else wrong.first_no,
        "last_no": wrong.number,
        "stated_fen": None,
        "reported_fen": None,
        "owner": "bank",
        "found_at": now,
        "state": "waiting",
        **NO_CLOCK,
        # Nothing that comes late can mend it: it is told as soon as anything is.
        "ripe_at": now,
    }
