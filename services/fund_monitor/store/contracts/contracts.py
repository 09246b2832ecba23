"""Filed contracts: the newest version of each, and every version that came before it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar, Final

from services.fund_monitor.domain.contracts.contract import Instalment, TrainingContract
from shared.contracts.fund import CONTRACT_FILED, ContractFiled
from shared.errors import NotFound
from shared.mongo import Database, Row, Session
from shared.outbox import Outgoing

CONTRACTS: Final = "contracts"
VERSIONS: Final = "contract_versions"
SCHEMA: Final = 1
_DATES: Final = ("period_from", "period_until", "signed_on", "starts_on")
_PLAIN: Final = (
    "institution_id",
    "contract_no",
    "version",
    "student_ref",
    "subject",
    "course_kind",
    "mode",
    "stage",
    "class_size",
    "lesson_minutes",
    "price_fen",
    "supervision",
    "cooling_off_days",
    "source",
    "platform",
)


class ContractNotFound(NotFound):
    """The institution has filed no contract of this number."""

    code: ClassVar[str] = "contract-not-found"
    title: ClassVar[str] = "没有这份合同"


@dataclass(frozen=True, slots=True)
class FiledContract:
    """One version of a contract, and when it was filed by the service's clock."""

    contract: TrainingContract
    filed_at: datetime


class ContractStore:
    """The contracts of fund_monitor."""

    def __init__(self, db: Database) -> None:
        self._rows = db[CONTRACTS]
        self._versions = db[VERSIONS]

    async def of_institution(
        self, institution_id: str, *, session: Session | None = None
    ) -> list[TrainingContract]:
        """Return the newest version of every contract of an institution, by number."""
        rows = self._rows.find({"institution_id": institution_id}, session=session)
        return [contract_of_row(row) async for row in rows.sort("contract_no", 1)]

    async def of_student(self, institution_id: str, student_ref: str) -> list[TrainingContract]:
        """Return the newest version of every contract of a student with an institution."""
        asked = {"institution_id": institution_id, "student_ref": student_ref}
        return [contract_of_row(row) async for row in self._rows.find(asked).sort("_id", 1)]

    async def find(
        self, institution_id: str, contract_no: str, *, session: Session | None = None
    ) -> TrainingContract | None:
        """Return the newest version of a contract."""
        key = {"_id": contract_key(institution_id, contract_no)}
        row = await self._rows.find_one(key, session=session)
        return None if row is None else contract_of_row(row)

    async def known(
        self, contracts: Sequence[TrainingContract], *, session: Session
    ) -> dict[str, TrainingContract]:
        """Return what is filed under the numbers of some contracts, by key."""
        keys = [contract_key(one.institution_id, one.contract_no) for one in contracts]
        rows = self._rows.find({"_id": {"$in": keys}}, session=session)
        return {row["_id"]: contract_of_row(row) async for row in rows}

    async def of_numbers(
        self, wanted: Mapping[str, Collection[str]], *, session: Session
    ) -> dict[str, dict[str, TrainingContract]]:
        """Return the newest version of institutions' contracts of some numbers, by both."""
        keys = [contract_key(one, no) for one, numbers in wanted.items() for no in numbers]
        found: dict[str, dict[str, TrainingContract]] = {}
        async for row in self._rows.find({"_id": {"$in": keys}}, session=session):
            contract = contract_of_row(row)
            found.setdefault(contract.institution_id, {})[contract.contract_no] = contract
        return found

    async def filing(self, institution_ids: set[str], *, session: Session) -> set[str]:
        """Return those of some institutions that have filed a contract."""
        if not institution_ids:
            return set()
        asked = {"institution_id": {"$in": sorted(institution_ids)}}
        return set(await self._rows.distinct("institution_id", asked, session=session))

    async def page(
        self, institution_id: str, *, after: str | None, limit: int
    ) -> list[FiledContract]:
        """Return contracts of an institution by number, from the one after ``after``."""
        asked: Row = {"institution_id": institution_id}
        if after is not None:
            asked["contract_no"] = {"$gt": after}
        rows = self._rows.find(asked).sort("contract_no", 1).limit(limit)
        return [_filed(row) async for row in rows]

    async def versions(
        self, institution_id: str, contract_no: str, *, limit: int
    ) -> list[FiledContract]:
        """Return the newest versions of a contract, the newest first."""
        asked = {"institution_id": institution_id, "contract_no": contract_no}
        found = [_filed(row) async for row in self._rows.find(asked)]
        if not found:
            raise ContractNotFound(f"该机构没有编号为 {contract_no} 的合同")
        rows = self._versions.find(asked).sort("version", -1).limit(limit - 1)
        return [*found, *[_filed(row) async for row in rows]]

    async def put(
        self, contracts: Sequence[TrainingContract], *, now: datetime, session: Session
    ) -> None:
        """Write versions; what stood before them goes to the earlier ones. Each is written once."""
        first = [_row(one, now) for one in contracts if one.version == 1]
        if first:
            await self._rows.insert_many(first, session=session)
        for one in contracts:
            if one.version > 1:
                await self._replace(one, now=now, session=session)

    async def _replace(
        self, contract: TrainingContract, *, now: datetime, session: Session
    ) -> None:
        row = _row(contract, now)
        # The whole document before comes back: nothing of a version is lost by a newer one.
        before = await self._rows.find_one_and_replace(
            {"_id": row["_id"], "version": contract.version - 1}, row, session=session
        )
        if before is None:
            told = f"Version {contract.version - 1} of {row['_id']} was not read in this go."
            raise RuntimeError(told)
        earlier = {**before, "_id": f"{row['_id']}|{before['version']}"}
        await self._versions.insert_one(earlier, session=session)


def contract_key(institution_id: str, contract_no: str) -> str:
    """Return the key of a contract: its number is unique within its institution."""
    return f"{institution_id}|{contract_no}"


def contract_fields(contract: TrainingContract) -> Row:
    """Return a contract's fields as they are stored: dates and lessons as text."""
    row: dict[str, Any] = {name: getattr(contract, name) for name in _PLAIN}
    for name in _DATES:
        day: date | None = getattr(contract, name)
        row[name] = None if day is None else day.isoformat()
    row["lessons"] = None if contract.lessons is None else f"{contract.lessons:.2f}"
    row["instalments"] = [
        {"due_on": one.due_on.isoformat(), "amount_fen": one.amount_fen}
        for one in contract.instalments
    ]
    return row


def contract_of_row(row: Row) -> TrainingContract:
    """Return a stored contract."""
    return TrainingContract(
        **{name: row[name] for name in _PLAIN},
        **{name: _day(row[name]) for name in _DATES},
        lessons=None if row["lessons"] is None else Decimal(row["lessons"]),
        instalments=tuple(
            Instalment(date.fromisoformat(one["due_on"]), one["amount_fen"])
            for one in row["instalments"]
        ),
    )


def announced(contract: TrainingContract, *, filed_at: datetime) -> Outgoing:
    """Return what the others are told of a version; nothing of it names the student."""
    told = {
        name: value
        for name, value in contract_fields(contract).items()
        if name in ContractFiled.model_fields
    }
    return Outgoing(
        channel=CONTRACT_FILED,
        key=f"contract|{contract_key(contract.institution_id, contract.contract_no)}",
        version=contract.version,
        tokens={"institution": contract.institution_id},
        subject=contract.institution_id,
        data=ContractFiled.model_validate({**told, "filed_at": filed_at}),
    )


def _row(contract: TrainingContract, now: datetime) -> Row:
    key = contract_key(contract.institution_id, contract.contract_no)
    return {"_id": key, "schema": SCHEMA, "filed_at": now, **contract_fields(contract)}


def _filed(row: Row) -> FiledContract:
    return FiledContract(contract_of_row(row), row["filed_at"])


def _day(text: str | None) -> Any:  # noqa: ANN401 - whether it may be absent, the field knows
    return None if text is None else date.fromisoformat(text)
