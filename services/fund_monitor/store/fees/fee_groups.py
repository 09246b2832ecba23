"""Pupils' contracts by subject, with the money known for them, and what was found of each group.

A contract keeps the basis on which it was judged. A newer version of it comes without, so it is
looked at again, as everything is when the dated data or the institution's accounts change.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from pymongo import DeleteOne, ReplaceOne, UpdateOne

from services.fund_monitor.domain.contracts.contract import TrainingContract
from services.fund_monitor.domain.rules.breach import Breach
from services.fund_monitor.domain.rules.fee_collections import Payment
from services.fund_monitor.domain.rules.fee_groups import Consumed, FeeBreach, FeeGroup
from services.fund_monitor.store.contracts.contracts import (
    CONTRACTS,
    VERSIONS,
    contract_key,
    contract_of_row,
)
from services.fund_monitor.store.ledger.unallocated import deposits_of
from shared.marks import FROM_THE_BEGINNING, mark
from shared.mongo import Database, Row, Session

MOST_AT_ONCE: Final = 500
_MONEY: Final = ("deposit", "release", "refund", "allocation")
_WHOSE: Final = {"account": 1, "contract_no": 1}
GroupKey = tuple[str, str, str]
"""An institution's id, a pupil's reference and a subject."""


@dataclass(frozen=True, slots=True)
class Unjudged:
    """A contract that was not judged on the present basis."""

    key: str
    institution_id: str
    basis: str


class FeeGroupStore:
    """What the fee rules look at, and what they found."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def with_contracts(self, institution_ids: Sequence[str], *, session: Session) -> set[str]:
        """Return those institutions that have filed any contract."""
        asked = {"institution_id": {"$in": list(institution_ids)}}
        return set(await self._db[CONTRACTS].distinct("institution_id", asked, session=session))

    async def unjudged(
        self, bases: Mapping[str, str], *, session: Session
    ) -> tuple[list[Unjudged], set[GroupKey]]:
        """Return some contracts to be judged on their institution's basis, and their groups."""
        if not bases:
            return [], set()
        asked = {
            "$or": [
                {"institution_id": institution, "fees_judged": {"$ne": basis}}
                for institution, basis in bases.items()
            ]
        }
        rows = await self._db[CONTRACTS].find(asked, session=session).limit(MOST_AT_ONCE).to_list()
        some = [
            Unjudged(row["_id"], row["institution_id"], bases[row["institution_id"]])
            for row in rows
        ]
        return some, await self._groups_of(rows, session)

    async def paid(
        self,
        owners: Mapping[str, str],
        names: Iterable[str],
        *,
        session: Session,
    ) -> set[GroupKey]:
        """Return the groups of the filed contracts for which money was posted under some names.

        ``owners`` says which institution each account belongs to.
        """
        asked = {"name": {"$in": sorted(names)}, "account": {"$in": sorted(owners)}}
        entries = self._db["entries"].find(asked, _WHOSE, session=session)
        keys = {
            contract_key(owners[row["account"]], row["contract_no"])
            async for row in entries
            if "contract_no" in row
        }
        if not keys:
            return set()
        rows = self._db[CONTRACTS].find({"_id": {"$in": sorted(keys)}}, session=session)
        return await self._groups_of(await rows.to_list(), session)

    async def groups(
        self, keys: set[GroupKey], accounts: Mapping[str, Sequence[str]], *, session: Session
    ) -> dict[GroupKey, FeeGroup]:
        """Return some groups with their contracts and money; one may have no contracts left."""
        contracts: dict[GroupKey, list[TrainingContract]] = {key: [] for key in keys}
        if not keys:
            return {}
        asked = {
            "institution_id": {"$in": sorted({key[0] for key in keys})},
            "student_ref": {"$in": sorted({key[1] for key in keys})},
        }
        async for row in self._db[CONTRACTS].find(asked, session=session):
            found = contracts.get(_key(row))
            if found is not None:
                found.append(contract_of_row(row))
        payments, consumed = await self._money(contracts, accounts, session)
        return {
            key: FeeGroup(
                key[1],
                tuple(some),
                tuple(payments[key]),
                tuple(consumed[key]),
            )
            for key, some in contracts.items()
        }

    async def keep(
        self, found: Mapping[GroupKey, Sequence[FeeBreach]], *, session: Session
    ) -> None:
        """Keep what was found of some groups, or that nothing was."""
        writes = [_write(key, some) for key, some in found.items()]
        if writes:
            await self._db["fee_groups"].bulk_write(writes, ordered=False, session=session)

    async def kept(
        self, institution_ids: Iterable[str], *, session: Session
    ) -> dict[str, list[FeeBreach]]:
        """Return what was found of all groups of some institutions."""
        asked = {"institution_id": {"$in": list(institution_ids)}}
        found: defaultdict[str, list[FeeBreach]] = defaultdict(list)
        async for row in self._db["fee_groups"].find(asked, session=session):
            found[row["institution_id"]] += [
                FeeBreach(
                    each["rule"],
                    date.fromisoformat(each["day"]),
                    row["student_ref"],
                    Breach(each["level"], each["message"], tuple(each["events"]), each["figures"]),
                )
                for each in row["breaches"]
            ]
        return found

    async def judged(self, contracts: Sequence[Unjudged], *, session: Session) -> None:
        """Note on which basis contracts are judged."""
        writes = [
            UpdateOne({"_id": each.key}, {"$set": {"fees_judged": each.basis}})
            for each in contracts
        ]
        if writes:
            await self._db[CONTRACTS].bulk_write(writes, ordered=False, session=session)

    async def go_on(self, codes: Iterable[str], *, session: Session) -> None:
        """Have institutions judged once more: there was more than fits into one look."""
        marks = [mark("institution", code, FROM_THE_BEGINNING, ()) for code in sorted(codes)]
        await self._db["to_judge"].bulk_write(marks, session=session)

    async def _groups_of(self, rows: Sequence[Row], session: Session) -> set[GroupKey]:
        """Return the groups of contracts, and those that earlier versions belonged to."""
        found = {_key(row) for row in rows}
        amended = [row["contract_no"] for row in rows if row["version"] > 1]
        if amended:
            asked = {
                "institution_id": {"$in": sorted({row["institution_id"] for row in rows})},
                "contract_no": {"$in": amended},
            }
            found |= {_key(row) async for row in self._db[VERSIONS].find(asked, session=session)}
        return found

    async def _money(
        self,
        contracts: Mapping[GroupKey, Sequence[TrainingContract]],
        accounts: Mapping[str, Sequence[str]],
        session: Session,
    ) -> tuple[defaultdict[GroupKey, list[Payment]], defaultdict[GroupKey, list[Consumed]]]:
        groups = {
            (account, one.contract_no): key
            for key, some in contracts.items()
            for one in some
            for account in accounts.get(key[0], ())
        }
        payments: defaultdict[GroupKey, list[Payment]] = defaultdict(list)
        consumed: defaultdict[GroupKey, list[Consumed]] = defaultdict(list)
        for row in await self._standing(groups, session):
            key, day = groups[row["account"], row["contract_no"]], date.fromisoformat(row["day"])
            if row["type"] == "deposit":
                payments[key].append(
                    Payment(row["event"], row["contract_no"], day, row["amount_fen"])
                )
            else:
                lessons = Decimal(row["lessons"]) if "lessons" in row else None
                consumed[key].append(Consumed(row["contract_no"], day, lessons, row["amount_fen"]))
        return payments, consumed

    async def _standing(
        self, groups: Mapping[tuple[str, str], GroupKey], session: Session
    ) -> list[Row]:
        """Return one entry of every event of these contracts that no other entry takes back."""
        positions = [f"{account}|{number}" for account, number in groups]
        names = {number for _, number in groups}
        if not positions:
            return []
        known = self._db["contract_positions"].find(
            {"_id": {"$in": positions}}, {"pupils": 1}, session=session
        )
        async for row in known:
            names |= {*row.get("pupils", ())}
        asked = {
            "name": {"$in": sorted(names)},
            "account": {"$in": sorted({account for account, _ in groups})},
        }
        by_event: defaultdict[str, list[Row]] = defaultdict(list)
        undone: defaultdict[str, int] = defaultdict(int)
        async for row in self._db["entries"].find(asked, session=session):
            if (row["account"], row.get("contract_no")) not in groups:
                continue
            if "reverses" in row:
                undone[row["reverses"]] += row["sign"]
            elif row["type"] in _MONEY:
                by_event[row["event"]].append(row)
        standing = [
            rows[0]
            for event, rows in by_event.items()
            if sum(row["sign"] for row in rows) > undone[event]
        ]
        given = [row["event"] for row in standing if row["type"] == "allocation"]
        deposits = await deposits_of(self._db, given, session=session)
        return [
            {**deposits[row["event"]], "contract_no": row["contract_no"]}
            if row["type"] == "allocation"
            else row
            for row in standing
        ]


def _key(row: Row) -> GroupKey:
    return row["institution_id"], row["student_ref"], row["subject"]


def _write(key: GroupKey, found: Sequence[FeeBreach]) -> ReplaceOne[Row] | DeleteOne:
    institution_id, student_ref, subject = key
    name = f"{institution_id}|{student_ref}|{subject}"
    if not found:
        return DeleteOne({"_id": name})
    row: Row = {
        "_id": name,
        "institution_id": institution_id,
        "student_ref": student_ref,
        "breaches": [
            {
                "rule": one.rule,
                "day": one.day.isoformat(),
                "level": one.breach.level,
                "message": one.breach.message,
                "events": list(one.breach.events),
                "figures": one.breach.figures,
            }
            for one in found
        ],
    }
    return ReplaceOne({"_id": name}, row, upsert=True)
