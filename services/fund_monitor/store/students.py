"""References of students that were issued, and the sealed key they were made with."""

import secrets
from collections.abc import Sequence
from typing import Final

from pymongo.errors import DuplicateKeyError

from services.fund_monitor.domain.student import ALGORITHM, Identification, StudentKey
from shared.clock import machine_now
from shared.ids import new_id
from shared.mongo import Database, Row, Session
from shared.sealing import Sealer

_CURRENT: Final = "current"
_KEY_BYTES: Final = 32


class StudentStore:
    """Keeps the references alone: nothing of a student's identification comes here."""

    def __init__(self, db: Database, sealer: Sealer) -> None:
        self._students = db["students"]
        self._keys = db["student_keys"]
        self._sealer = sealer

    async def key(self) -> StudentKey:
        """Return the key of references; the first who asks makes it.

        It lies sealed beside what was made with it, so that a backup holds both or neither.
        """
        row = await self._keys.find_one({"_id": _CURRENT})
        if row is None:
            made: Row = {
                "_id": _CURRENT,
                "name": new_id(),
                "algorithm": ALGORITHM,
                "sealed": self._sealer.seal(secrets.token_hex(_KEY_BYTES)),
                "made_at": machine_now(),
            }
            try:
                await self._keys.insert_one(made)
            except DuplicateKeyError:
                # Somebody else was faster: theirs is the key.
                return await self.key()
            row = made
        return StudentKey(row["name"], bytes.fromhex(self._sealer.open(row["sealed"])))

    async def references(self, some: Sequence[Identification]) -> list[str]:
        """Return the references that students have or would get, and issue none."""
        key = await self.key()
        return [key.reference(who) for who in some]

    async def issue(
        self, some: Sequence[Identification], *, session: Session
    ) -> tuple[list[str], set[str]]:
        """Return students' references, and those of them that are new.

        They are kept with the names of their algorithm and key.
        """
        key = await self.key()
        references = [key.reference(who) for who in some]
        new = await self.unknown(set(references), session=session)
        if new:
            made = {"algorithm": ALGORITHM, "key": key.name, "issued_at": machine_now()}
            rows: list[Row] = [{"_id": reference, **made} for reference in sorted(new)]
            await self._students.insert_many(rows, session=session)
        return references, new

    async def unknown(self, references: set[str], *, session: Session) -> set[str]:
        """Return which of some references were not issued here."""
        rows = self._students.find(
            {"_id": {"$in": sorted(references)}}, {"_id": 1}, session=session
        )
        return references - {row["_id"] async for row in rows}
