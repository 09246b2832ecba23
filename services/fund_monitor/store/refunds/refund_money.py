"""What the journal knows of the contracts of which a refund is asked for."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Final

from services.fund_monitor.domain.refunds.refund_money import Movement
from services.fund_monitor.store.ledger.day_totals import day_totals
from services.fund_monitor.store.ledger.unallocated import deposits_of
from shared.mongo import Database, Row, Session

_KINDS: Final = ("deposit", "refund", "refund_returned")


class RefundMoneyStore:
    """Reads payments, refunds and what is consumed, contract by contract."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def accounts_of(self, code: str, *, session: Session) -> list[str]:
        """Return an institution's accounts."""
        found = self._db["accounts"].find({"institution_code": code}, {"_id": 1}, session=session)
        return [row["_id"] async for row in found]

    async def released_fen(
        self, accounts: Sequence[str], contract_no: str, *, session: Session
    ) -> int:
        """Return what was released to the institution for a contract: the value consumed."""
        keys = [f"{account}|{contract_no}" for account in accounts]
        rows = self._db["contract_positions"].find({"_id": {"$in": keys}}, session=session)
        return sum([row.get("released_fen", 0) async for row in rows])

    async def movements(
        self, contracts: Mapping[str, Collection[str]], *, session: Session
    ) -> dict[tuple[str, str], Movement]:
        """Return what stands of some accounts' payments and refunds; accounts have contracts.

        Keyed by contract and event, in no order.
        """
        keys = [f"{account}|{number}" for account, some in contracts.items() for number in some]
        names: set[str] = set()
        async for row in self._db["contract_positions"].find(
            {"_id": {"$in": keys}}, {"pupils": 1}, session=session
        ):
            names.update(row.get("pupils", ()))
        if not names:
            return {}
        asked: Row = {
            "name": {"$in": sorted(names)},
            "account": {"$in": sorted(contracts)},
            "contract_no": {"$in": sorted({one for some in contracts.values() for one in some})},
            "type": {"$in": [*_KINDS, "allocation", "reversal"]},
        }
        rows: dict[tuple[str, str], Row] = {}
        standing: defaultdict[str, int] = defaultdict(int)
        async for row in self._db["entries"].find(asked, session=session):
            if row["type"] == "reversal":
                standing[row["reverses"]] -= row["sign"]
                continue
            standing[row["event"]] += row["sign"]
            rows[row["contract_no"], row["event"]] = row
        found = {key: row for key, row in rows.items() if standing[row["event"]] > 0}
        given = [row["event"] for row in found.values() if row["type"] == "allocation"]
        # Money that was given to a contract later was paid when it came in, as any other.
        deposits = await deposits_of(self._db, given, session=session)
        paid = {key: deposits.get(row["event"], row) for key, row in found.items()}
        return {(number, row["event"]): _movement(row) for (number, _), row in paid.items()}

    async def unconsumed_changes(
        self, accounts: Sequence[str], *, session: Session
    ) -> dict[str, list[tuple[date, int]]]:
        """Return by how much each city day changed what is unconsumed on each account."""
        known = await day_totals(self._db, accounts, session=session)
        return {
            account: [(total.day, total.unconsumed_fen) for total in totals]
            for account, totals in known.items()
        }


def _movement(row: Row) -> Movement:
    return Movement(
        row["event"], row["account"], row["type"], row["occurred_at"], row["amount_fen"]
    )
