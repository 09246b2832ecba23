"""What the judge reads of the ledger."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from services.fund_monitor.domain.rules.account_outflows import Movement
from services.fund_monitor.domain.rules.coverage import DayTotal
from services.fund_monitor.domain.rules.post_paid import Paid
from services.fund_monitor.domain.rules.unregistered_money import Inflow
from services.fund_monitor.store.banks.dropped_files import FILE_CONFLICTS
from services.fund_monitor.store.ledger.day_totals import day_totals
from services.fund_monitor.store.ledger.unallocated import allocations_of
from shared.mongo import Database, Row, Session
from shared.working_days import end_of, start_of


class PositionStore:
    """The ledger as the rules see it, in one snapshot."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def accounts_of(
        self, codes: Sequence[str], *, session: Session
    ) -> dict[str, dict[str, str]]:
        """Return the opened accounts of each institution and the kind of each."""
        found: dict[str, dict[str, str]] = {code: {} for code in codes}
        asked = {"institution_code": {"$in": list(codes)}}
        needed = {"institution_code": 1, "account_kind": 1}
        async for row in self._db["accounts"].find(asked, needed, session=session):
            found[row["institution_code"]][row["_id"]] = row["account_kind"]
        return found

    async def inflows(self, account: str, since: date, *, session: Session) -> list[Inflow]:
        """Return the deposits and the opening balance of an account that stand, since a day."""
        types = ("deposit", "opening_balance")
        return await self._standing(account, since, types, session=session)

    async def judicial_deductions(
        self, account: str, since: date, *, session: Session
    ) -> list[Inflow]:
        """Return what a court has taken of an account, since a day."""
        return await self._standing(account, since, ("judicial_deduction",), session=session)

    async def movements(
        self, account: str, since: date, *, session: Session
    ) -> tuple[int, list[Movement]]:
        """Return an account's balance before a day, and what stands of its movements since.

        What was reversed is as if it had never been, on whichever side of the day either lies.
        """
        before = await day_totals(self._db, [account], before=since, session=session)
        balance = sum(total.balance_fen for total in before.get(account, ()))
        asked = {"account": account, "occurred_at": {"$gte": start_of(since)}}
        rows: dict[str, Row] = {}
        fen: defaultdict[str, int] = defaultdict(int)
        async for row in self._db["entries"].find(asked, session=session):
            rows[row["event"]] = row
            fen[row["event"]] += sum(line["fen"] for line in row["lines"] if line["book"] == "bank")
        reversals = {
            row["_id"]: row["reverses"]
            async for row in self._db["events"].find(
                {"reverses": {"$in": list(rows)}, "state": "posted"},
                {"reverses": 1},
                session=session,
            )
        }
        undone = set(reversals.values())
        balance += sum(fen[original] for by, original in reversals.items() if by not in rows)
        balance += sum(
            fen[name]
            for name, row in rows.items()
            if "reverses" in row and row["reverses"] not in rows
        )
        found = [
            Movement(name, row["type"], row["occurred_at"], fen[name])
            for name, row in rows.items()
            if fen[name] and "reverses" not in row and name not in undone
        ]
        return balance, found

    async def paid(self, accounts: Sequence[str], since: date, *, session: Session) -> list[Paid]:
        """Return the deposits on accounts that stand, since a day, and what they are paid for.

        A deposit that was allocated is paid for the contract that it was given to.
        """
        rows = [
            row
            for account in accounts
            for row in await self._standing_rows(account, since, ("deposit",), session=session)
        ]
        waited = [row["event"] for row in rows if "contract_no" not in row]
        given = await allocations_of(self._db, waited, session=session)
        to = {deposit: one.contract_no for deposit, one in given.items() if one.stands}
        return [
            Paid(
                row["event"],
                date.fromisoformat(row["day"]),
                row["amount_fen"],
                row.get("contract_no", to.get(row["event"])),
                "lessons" in row,
                date.fromisoformat(row["period_until"]) if "period_until" in row else None,
            )
            for row in rows
        ]

    async def _standing(
        self, account: str, since: date, types: Sequence[str], *, session: Session
    ) -> list[Inflow]:
        rows = await self._standing_rows(account, since, types, session=session)
        return [Inflow(row["event"], row["occurred_at"], row["amount_fen"]) for row in rows]

    async def _standing_rows(
        self, account: str, since: date, types: Sequence[str], *, session: Session
    ) -> list[Row]:
        """Return an entry of every event of some types that nothing has taken back."""
        asked = {
            "account": account,
            "occurred_at": {"$gte": start_of(since)},
            "type": {"$in": list(types)},
        }
        found: dict[str, Row] = {}
        signs: defaultdict[str, int] = defaultdict(int)
        async for row in self._db["entries"].find(asked, session=session):
            found[row["event"]] = row
            signs[row["event"]] += row["sign"]
        undone = self._db["events"].find(
            {"reverses": {"$in": list(found)}, "state": "posted"}, {"reverses": 1}, session=session
        )
        async for row in undone:
            signs[row["reverses"]] -= 1
        return [row for name, row in found.items() if signs[name] > 0]

    async def day_totals(
        self, accounts: Sequence[str], *, session: Session
    ) -> dict[str, list[DayTotal]]:
        """Return what each city day changed on each account."""
        return await day_totals(self._db, accounts, session=session)

    async def outflows_by_day(
        self, accounts: Sequence[str], days: Sequence[date], *, session: Session
    ) -> dict[date, list[str]]:
        """Return what took money out of the balance on some days."""
        if not days:
            return {}
        signs: defaultdict[tuple[str, str], int] = defaultdict(int)
        async for row in self._db["entries"].find(
            {
                "account": {"$in": list(accounts)},
                "type": {"$in": ["withdrawal", "judicial_deduction", "fee", "reversal"]},
                "occurred_at": {"$gte": start_of(min(days)), "$lt": end_of(max(days))},
                "day": {"$in": [day.isoformat() for day in days]},
            },
            {"day": 1, "event": 1, "sign": 1},
            session=session,
        ):
            signs[row["day"], row["event"]] += row["sign"]
        found: dict[date, list[str]] = {}
        for (day, event), sign in signs.items():
            if sign > 0:
                found.setdefault(date.fromisoformat(day), []).append(event)
        return found

    async def conflicts(self, bank: str, *, session: Session) -> dict[str, list[str]]:
        """Return a bank's conflicting identities by month."""
        found: dict[str, list[str]] = {}
        async for row in self._db["conflicts"].find({"bank": bank}, session=session):
            found.setdefault(row["month"], []).append(row["_id"])
        return found

    async def file_conflicts(self, bank: str, *, session: Session) -> dict[str, list[str]]:
        """Return the names of files that a bank sent under a taken number, by month."""
        found: dict[str, list[str]] = {}
        conflicts = self._db[FILE_CONFLICTS].find({"bank": bank}, session=session).sort("_id")
        async for row in conflicts:
            found.setdefault(row["month"], []).append(row["name"])
        return found
