"""Files that banks dropped: each number once, the answers of its lines, and who works at a bank's.

One worker at a time works at a bank's folder; its lease ends by itself when the worker dies.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, ClassVar, Final

from pymongo.errors import DuplicateKeyError

from services.fund_monitor.domain.banks.dropped import DroppedName, Numbering
from shared.audit.log import AuditLog, Entry, Who
from shared.city_time import month_of
from shared.clock import machine_now, milliseconds
from shared.errors import Conflict
from shared.ids import new_id
from shared.marks import mark
from shared.mongo import Database, Row, Session, transact

DROPPED: Final = "dropped_files"
ANSWERS: Final = "dropped_answers"
NUMBERINGS: Final = "dropped_numberings"
FOLDERS: Final = "dropped_folders"
FILE_CONFLICTS: Final = "file_conflicts"


class FileNumberTaken(Conflict):
    """Another file came under this running number before; nothing of this one is taken."""

    code: ClassVar[str] = "file-number-taken"
    title: ClassVar[str] = "此文件顺序号已用于不同的文件，本文件未接收"


class FolderLost(Exception):
    """Somebody else works at the bank's folder now: this one stops at once."""


@dataclass(frozen=True, slots=True)
class Dropped:
    """A file whose signature was good: whose it is, its name and what is in it."""

    bank: str
    name: DroppedName
    digest: str
    size: int

    @property
    def key(self) -> str:
        """The identity of a file: its running number among those of its bank and kind."""
        return f"{self.bank}|{self.name.kind}|{self.name.number:06d}"


class DroppedFileStore:
    """The dropped files of all banks."""

    def __init__(self, db: Database, audit: AuditLog) -> None:
        self._db = db
        self._files = db[DROPPED]
        self._answers = db[ANSWERS]
        self._numberings = db[NUMBERINGS]
        self._folders = db[FOLDERS]
        self._audit = audit

    async def hold(self, bank: str, lease: timedelta) -> str | None:
        """Take a bank's folder and return the token; nothing while somebody else holds it."""
        now, token = machine_now(), new_id()
        free = {"_id": bank, "$or": [{"until": None}, {"until": {"$lte": now}}]}
        taken = {"$set": {"until": now + lease, "token": token}}
        try:
            await self._folders.update_one(free, taken, upsert=True)
        except DuplicateKeyError:
            return None
        return token

    async def keep_hold(self, bank: str, token: str, lease: timedelta) -> None:
        """Hold a folder for longer; ``FolderLost`` when it is somebody else's."""
        mine = {"_id": bank, "token": token}
        longer = {"$set": {"until": machine_now() + lease}}
        done = await self._folders.update_one(mine, longer)
        if done.matched_count == 0:
            raise FolderLost(bank)

    async def let_go(self, bank: str, token: str) -> None:
        """Give a folder back."""
        await self._folders.update_one({"_id": bank, "token": token}, {"$set": {"until": None}})

    async def find(self, file: Dropped) -> Row | None:
        """Return what is known of a file; another one under its number is a refusal."""
        known = await self._files.find_one({"_id": file.key})
        if known is not None and (known["digest"], known["name"]) != (file.digest, file.name.name):
            await self._note_other(file, known)
            raise FileNumberTaken(
                f"顺序号 {file.name.number:06d} 已用于 {known['name']}（{known['digest']}）；"
                f"本文件 {file.digest}"
            )
        return known

    async def take(
        self, file: Dropped, *, now: datetime, found: Mapping[str, Any] | None = None
    ) -> Row:
        """Take a file under its number, once; with ``found`` it has its answer already."""

        async def write(session: Session) -> Row:
            known = await self._files.find_one({"_id": file.key}, session=session)
            if known is not None:
                return known
            numbering = (await self._numbering(file, session)).taking(file.name.number)
            row: Row = {
                "_id": file.key,
                "bank": file.bank,
                "kind": file.name.kind,
                "number": file.name.number,
                "name": file.name.name,
                "day": file.name.day.isoformat(),
                "digest": file.digest,
                "size": file.size,
                "taken_at": milliseconds(now),
                "missing": numbering.missing,
                "first_missing": numbering.first_missing(),
                "state": "taking",
            }
            if found is not None:
                row |= {"state": "answered", "found": dict(found), "answered_at": _now()}
            await self._files.insert_one(row, session=session)
            await self._numberings.replace_one(
                {"_id": _numbering_key(file)},
                {"highest": numbering.highest, "gaps": [list(gap) for gap in numbering.gaps]},
                upsert=True,
                session=session,
            )
            await self._audit.record(_entry("bank.file_taken", file), session=session)
            return row

        return await transact(self._db, write)

    async def keep_answers(self, key: str, first_line: int, answers: Sequence[Row]) -> list[Row]:
        """Keep what a chunk's lines are answered; what was kept before stands."""
        place = {"_id": f"{key}|{first_line:09d}"}
        content = {"file": key, "first_line": first_line, "answers": list(answers)}
        await self._answers.update_one(place, {"$setOnInsert": content}, upsert=True)
        kept = await self._answers.find_one(place)
        return list(answers) if kept is None else list(kept["answers"])

    async def answers(self, key: str) -> AsyncIterator[Row]:
        """Give a file's answers, line by line, with the number of each line."""
        chunks = self._answers.find({"file": key}).sort("_id").batch_size(2)
        async for chunk in chunks:
            for line, answer in enumerate(chunk["answers"], start=chunk["first_line"]):
                yield {"line": line, **answer}

    async def answered(self, key: str, found: Mapping[str, Any]) -> Row:
        """Note that every line is stored, and what the file comes to; the first word stands."""
        change = {"$set": {"state": "answered", "found": dict(found), "answered_at": _now()}}
        await self._files.update_one({"_id": key, "state": "taking"}, change)
        row = await self._files.find_one({"_id": key})
        if row is None:
            raise LookupError(key)
        return row

    async def unfinished(self, bank: str) -> list[Row]:
        """Return a bank's files that are answered and may still lie where they were dropped."""
        rows = self._files.find({"bank": bank, "state": "answered"})
        return await rows.sort("_id").to_list()

    async def done(self, key: str) -> None:
        """Note that a file's result is written and the file is moved; its answers go with that."""

        async def write(session: Session) -> None:
            await self._files.update_one({"_id": key}, {"$set": {"state": "done"}}, session=session)
            await self._answers.delete_many({"file": key}, session=session)

        await transact(self._db, write)

    async def _numbering(self, file: Dropped, session: Session) -> Numbering:
        row = await self._numberings.find_one({"_id": _numbering_key(file)}, session=session)
        return Numbering() if row is None else numbering_of(row)

    async def _note_other(self, file: Dropped, known: Row) -> None:
        entry = _entry("bank.file_number_taken", file, known=known["digest"])
        month = month_of(date.fromisoformat(known["day"]))
        conflict: Row = {
            "_id": f"{file.key}#{file.digest}",
            "bank": file.bank,
            "month": month,
            "name": file.name.name,
            "digest": file.digest,
            "kept_name": known["name"],
            "kept_digest": known["digest"],
            "received_at": _now(),
        }
        again = mark("bank", file.bank, month, [conflict["_id"]])

        async def write(session: Session) -> None:
            await self._audit.record(entry, session=session)
            await self._db[FILE_CONFLICTS].insert_one(conflict, session=session)
            await self._db["to_judge"].bulk_write([again], session=session)

        try:
            await transact(self._db, write)
        except DuplicateKeyError:
            # The same other file again: it is noted.
            return


def numbering_of(row: Row) -> Numbering:
    """Return the running numbers of one bank and kind as they are stored."""
    return Numbering(row["highest"], tuple((first, last) for first, last in row["gaps"]))


def _numbering_key(file: Dropped) -> str:
    return f"{file.bank}|{file.name.kind}"


def _entry(action: str, file: Dropped, **more: str) -> Entry:
    return Entry(
        action=action,
        about_kind="bank",
        about_id=file.bank,
        who=Who(role="bank", office=file.bank),
        details={"file": file.name.name, "digest": file.digest, **more},
        identity=f"{action}|{file.key}|{file.digest}",
    )


def _now() -> datetime:
    return milliseconds(machine_now())
