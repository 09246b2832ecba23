"""Count every sum of the books again, from the entries alone."""

from collections.abc import AsyncIterator, Mapping

from services.fund_monitor.domain.ledger.allocation import PREPAID
from services.fund_monitor.store.ledger.day_totals import SUMS, day_totals
from services.fund_monitor.store.ledger.journal import Effects, entry_of_row, positions_of
from services.fund_monitor.store.ledger.unallocated import WAITING
from shared.mongo import Database, Row, Session


class Recount:
    """Holds what is kept of each account against its entries, each account as of one moment."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def accounts(self) -> AsyncIterator[str]:
        """Give the key of every account, and of every one that only entries know."""
        async for row in self._db["accounts"].find({}, {"_id": 1}).sort("_id", 1):
            yield row["_id"]
        for key in await self._db["entries"].distinct("account"):
            if await self._db["accounts"].find_one({"_id": key}, {"_id": 1}) is None:
                yield key

    async def differences(self, account: str) -> list[str]:
        """Say where an account's sums do not agree with its entries."""
        async with self._db.client.start_session(snapshot=True) as session:
            counted, unallocated, unbalanced = await self._counted(account, session)
            return [
                *(f"分录 {entry} 借贷不平" for entry in unbalanced),
                *await self._account(account, counted, session),
                *await self._days(account, counted, session),
                *await self._positions(account, counted, session),
                *await self._waiting(account, unallocated, session),
            ]

    async def _counted(self, account: str, session: Session) -> tuple[Effects, int, list[str]]:
        effects, unallocated, unbalanced = Effects(""), 0, list[str]()
        async for row in self._db["entries"].find({"account": account}, session=session):
            if sum(line["fen"] for line in row["lines"]):
                unbalanced.append(row["_id"])
                continue
            effects.count(entry_of_row(row))
            unallocated -= sum(line["fen"] for line in row["lines"] if line["book"] in PREPAID)
        return effects, unallocated, unbalanced

    async def _account(self, account: str, counted: Effects, session: Session) -> list[str]:
        row = await self._db["accounts"].find_one({"_id": account}, session=session) or {}
        kept = {name: row.get(name, 0) for name in (*SUMS, "entries")}
        kept |= {f"by_type.{kind}": fen for kind, fen in row.get("by_type", {}).items()}
        return _differing(f"账户 {account}", kept, counted.accounts[account])

    async def _days(self, account: str, counted: Effects, session: Session) -> list[str]:
        totals = await day_totals(self._db, [account], session=session)
        kept = {
            total.day.isoformat(): {name: getattr(total, name) for name in SUMS}
            for total in totals.get(account, ())
        }
        found = {day: dict(zip(SUMS, sums, strict=True)) for (_, day), sums in counted.days.items()}
        return [
            each
            for day in sorted({*kept, *found})
            for each in _differing(f"账户 {account} {day}", kept.get(day, {}), found.get(day, {}))
        ]

    async def _positions(self, account: str, counted: Effects, session: Session) -> list[str]:
        kept = {
            row["_id"]: _sums_of(row)
            async for row in self._db["contract_positions"].find(
                positions_of([account]), session=session
            )
        }
        found = {key: position.sums for key, position in counted.positions.items()}
        return [
            each
            for key in sorted({*kept, *found})
            for each in _differing(f"合同 {key}", kept.get(key, {}), found.get(key, {}))
        ]

    async def _waiting(self, account: str, counted: int, session: Session) -> list[str]:
        """What waits for a contract is what the books of unallocated money hold."""
        rows = self._db[WAITING].find({"account": account}, {"amount_fen": 1}, session=session)
        kept = sum([row["amount_fen"] async for row in rows])
        return _differing(f"账户 {account}", {"待认领资金": kept}, {"待认领资金": counted})


def _sums_of(row: Row) -> dict[str, int]:
    return {name: value for name, value in row.items() if name.endswith(("_fen", "_lessons"))}


def _differing(what: str, kept: Mapping[str, int], counted: Mapping[str, int]) -> list[str]:
    return [
        f"{what} 的 {name}：所存 {kept.get(name, 0)}，按分录重算 {counted.get(name, 0)}"
        for name in sorted({*kept, *counted})
        if kept.get(name, 0) != counted.get(name, 0)
    ]
