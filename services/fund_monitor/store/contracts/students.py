"""References of students that were issued, and the sealed keys they were made with, two at most."""

import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import ClassVar, Final

from pymongo import UpdateOne
from pymongo.errors import DuplicateKeyError

from services.fund_monitor.domain.contracts.student import ALGORITHM, Identification, StudentKey
from shared.clock import machine_now, milliseconds
from shared.errors import Conflict, NotFound
from shared.ids import new_id
from shared.mongo import Database, Row, Session
from shared.sealing import Sealer

_CURRENT: Final = "current"
_FORMER: Final = "former"
_KEY_BYTES: Final = 32


class TwoStudentKeysLive(Conflict):
    """A former key is still read beside the one in use: a third would leave its students behind."""

    code: ClassVar[str] = "two-student-keys-live"
    title: ClassVar[str] = "已有两把有效的学员代码密钥"


class StudentKeyInUse(Conflict):
    """The key by which new references are made cannot be retired, only be rotated."""

    code: ClassVar[str] = "student-key-in-use"
    title: ClassVar[str] = "正在使用的学员代码密钥不能作废"


class StudentKeyNotFound(NotFound):
    """There is no live key of this name."""

    code: ClassVar[str] = "student-key-not-found"
    title: ClassVar[str] = "没有这把学员代码密钥"


class StudentStore:
    """Keeps the references alone: nothing of a student's identification comes here."""

    def __init__(self, db: Database, sealer: Sealer) -> None:
        self._students = db["students"]
        self._keys = db["student_keys"]
        self._sealer = sealer

    async def keys(self) -> tuple[StudentKey, ...]:
        """Return the live keys, the one in use first; the first who asks makes it.

        They lie sealed beside what was made with them, so that a backup holds all or none.
        """
        rows = {row["_id"]: row async for row in self._keys.find()}
        if _CURRENT not in rows:
            # Where somebody else was faster, theirs is the key.
            with suppress(DuplicateKeyError):
                await self._keys.insert_one(self._made())
            return await self.keys()
        return tuple(
            StudentKey(row["name"], bytes.fromhex(self._sealer.open(row["sealed"])))
            for name in (_CURRENT, _FORMER)
            if (row := rows.get(name)) is not None
        )

    async def references(self, some: Sequence[Identification]) -> list[str]:
        """Return the references that students have or would get, and issue none."""
        digests = _digests(some, await self.keys())
        known = await self._known(digests)
        return [_reference(each, known) for each in digests]

    async def issue(
        self, some: Sequence[Identification], *, session: Session
    ) -> tuple[list[str], set[str]]:
        """Return students' references, and those of them that are new.

        Whoever is known under any live key keeps that reference, and is found by the key in use
        from then on, also when the former one is retired.
        """
        keys = await self.keys()
        digests = _digests(some, keys)
        known = await self._known(digests, session=session)
        new = {each[0]: each for each in digests if known.keys().isdisjoint(each)}
        if new:
            made = {"algorithm": ALGORITHM, "key": keys[0].name, "issued_at": machine_now()}
            rows: list[Row] = [
                {"_id": first, "digests": each, **made} for first, each in new.items()
            ]
            await self._students.insert_many(rows, session=session)
        carried = [
            UpdateOne(
                {"_id": row["_id"]},
                {"$addToSet": {"digests": each[0]}, "$set": {"carried_to": keys[0].name}},
            )
            for each in digests
            if (row := _row(each, known)) is not None
            and keys[0].name not in (row["key"], row.get("carried_to"))
        ]
        if carried:
            await self._students.bulk_write(carried, session=session)
        return [_reference(each, known) for each in digests], set(new)

    async def _known(
        self, digests: Sequence[Sequence[str]], *, session: Session | None = None
    ) -> dict[str, Row]:
        """Return who is known under any of some digests, by each of theirs."""
        asked = [digest for each in digests for digest in each]
        if not asked:
            return {}
        rows = self._students.find(
            {"$or": [{"_id": {"$in": asked}}, {"digests": {"$in": asked}}]}, session=session
        )
        return {
            digest: row async for row in rows for digest in (row["_id"], *row.get("digests", ()))
        }

    async def unknown(self, references: set[str], *, session: Session) -> set[str]:
        """Return which of some references were not issued here."""
        rows = self._students.find(
            {"_id": {"$in": sorted(references)}}, {"_id": 1}, session=session
        )
        return references - {row["_id"] async for row in rows}

    async def live(self, *, session: Session | None = None) -> list[Row]:
        """Return the live keys without themselves, the one in use first."""
        rows = self._keys.find({}, {"sealed": 0}, session=session)
        return sorted(await rows.to_list(), key=lambda row: str(row["_id"]))

    async def rotate(self, *, session: Session) -> str:
        """Make a new key, and read the one before beside it; return the new one's name."""
        await self._first(session)
        rows = {row["_id"]: row async for row in self._keys.find(session=session)}
        if _FORMER in rows:
            raise TwoStudentKeysLive("请先作废上一把密钥，再更换")
        await self._keys.insert_one({**rows[_CURRENT], "_id": _FORMER}, session=session)
        made = self._made()
        await self._keys.replace_one({"_id": _CURRENT}, made, session=session)
        return str(made["name"])

    async def retire(self, name: str, *, session: Session) -> None:
        """Forget the former key; the references made with it stay valid."""
        row = await self._keys.find_one({"name": name}, session=session)
        if row is None:
            raise StudentKeyNotFound(f"没有名为 {name} 的有效密钥")
        if row["_id"] == _CURRENT:
            raise StudentKeyInUse("请先更换，再作废")
        await self._keys.delete_one({"_id": row["_id"]}, session=session)

    async def not_carried_over(self) -> int:
        """Count the students who would get another reference if the former key were retired."""
        rows = {row["_id"]: row async for row in self._keys.find()}
        if _FORMER not in rows:
            return 0
        # Issued by a former key and not seen since: nothing says who they are by the key in use.
        now = rows[_CURRENT]["name"]
        left = {"key": {"$ne": now}, "carried_to": {"$ne": now}}
        return await self._students.count_documents(left)

    async def _first(self, session: Session) -> None:
        if await self._keys.find_one({"_id": _CURRENT}, session=session) is None:
            await self._keys.insert_one(self._made(), session=session)

    def _made(self) -> Row:
        return {
            "_id": _CURRENT,
            "name": new_id(),
            "algorithm": ALGORITHM,
            "sealed": self._sealer.seal(secrets.token_hex(_KEY_BYTES)),
            "made_at": milliseconds(machine_now()),
        }


def _digests(some: Sequence[Identification], keys: Sequence[StudentKey]) -> list[list[str]]:
    """Return what students are called by each of some keys."""
    return [[key.reference(who) for key in keys] for who in some]


def _row(digests: Sequence[str], known: Mapping[str, Row]) -> Row | None:
    return next((known[one] for one in digests if one in known), None)


def _reference(digests: Sequence[str], known: Mapping[str, Row]) -> str:
    row = _row(digests, known)
    return digests[0] if row is None else str(row["_id"])
