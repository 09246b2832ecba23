"""How accounts stand, by the events of banks that are posted."""

from collections import defaultdict
from collections.abc import Sequence

from services.fund_monitor.domain.custody.custody import AccountEvent, Standing, standing_of
from services.fund_monitor.domain.rules.accounts import KnownAccount
from services.fund_monitor.store.rows import HISTORY_TYPES
from shared.mongo import Database, Row, Session


class AccountEventStore:
    """Reads the openings, freezes and closings of accounts."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def standings(
        self, accounts: Sequence[str], *, session: Session | None = None
    ) -> dict[str, Standing]:
        """Return how each of these accounts stands."""
        asked = {
            "account": {"$in": list(accounts)},
            "type": {"$in": HISTORY_TYPES},
            "state": "posted",
        }
        events: defaultdict[str, list[AccountEvent]] = defaultdict(list)
        async for row in self._db["events"].find(asked, session=session):
            events[row["account"]].append(_event(row))
        return {account: standing_of(events[account]) for account in accounts}

    async def known(
        self, accounts: Sequence[str], *, session: Session
    ) -> dict[str, tuple[KnownAccount, bool]]:
        """Return opened accounts by key, and of each whether a court has taken of it."""
        standings = await self.standings(accounts, session=session)
        rows = self._db["accounts"].find(
            {"_id": {"$in": list(accounts)}},
            {"account_kind": 1, "account_name": 1, "by_type": 1},
            session=session,
        )
        return {
            row["_id"]: (
                KnownAccount(
                    row["_id"], row["account_kind"], row["account_name"], standings[row["_id"]]
                ),
                "judicial_deduction" in row.get("by_type", {}),
            )
            async for row in rows
        }

    async def balances(self, accounts: Sequence[str]) -> dict[str, int]:
        """Return what is on each of these accounts that a bank has told of."""
        rows = self._db["accounts"].find(
            {"_id": {"$in": list(accounts)}, "opened_by": {"$exists": True}}, {"balance_fen": 1}
        )
        return {row["_id"]: row.get("balance_fen", 0) async for row in rows}


def _event(row: Row) -> AccountEvent:
    body = row["body"]
    amount = body.get("frozen_fen" if row["type"] == "account_frozen" else "amount_fen")
    return AccountEvent(row["_id"], row["type"], row["occurred_at"], amount)
