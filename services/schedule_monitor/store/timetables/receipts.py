"""Receipts of checks in MongoDB, with what was answered; after a year and a bit they are gone."""

import zlib

from services.schedule_monitor.domain.basis import Reach
from services.schedule_monitor.domain.timetables.receipt import KEPT, Receipt
from shared.mongo import Database, Row

_SCHEMA = 1
_FAST = 1
# Answers repeat themselves: a term's is a tenth of its size, at the lowest level already.


class ReceiptStore:
    """The receipts of checks."""

    def __init__(self, db: Database) -> None:
        self._rows = db["receipts"]

    async def add(self, receipt: Receipt, answer: bytes) -> None:
        """Keep a receipt with the answer as it was given."""
        row: Row = {
            "_id": receipt.receipt_id,
            "schema": _SCHEMA,
            "asked_at": receipt.asked_at,
            "role": receipt.role,
            "office": receipt.office,
            "institution_id": receipt.institution_id,
            "digest": receipt.digest,
            "session_count": receipt.session_count,
            "verdict": receipt.verdict,
            "counts": dict(receipt.counts),
            "months": list(receipt.reach.months),
            "stages": sorted(receipt.reach.stages),
            "basis": [[name, version] for name, version in receipt.basis.items()],
            "answer": zlib.compress(answer, _FAST),
            "forget_at": receipt.asked_at + KEPT,
        }
        await self._rows.insert_one(row)

    async def find(self, receipt_id: str) -> Receipt | None:
        """Return a receipt without its answer."""
        row = await self._rows.find_one({"_id": receipt_id}, {"answer": 0})
        return None if row is None else _receipt(row)

    async def answer_of(self, receipt_id: str) -> bytes:
        """Return what was answered, byte for byte."""
        row = await self._rows.find_one({"_id": receipt_id}, {"answer": 1})
        return b"" if row is None else zlib.decompress(row["answer"])


def _receipt(row: Row) -> Receipt:
    return Receipt(
        receipt_id=row["_id"],
        asked_at=row["asked_at"],
        role=row["role"],
        office=row["office"],
        institution_id=row["institution_id"],
        digest=row["digest"],
        session_count=row["session_count"],
        verdict=row["verdict"],
        counts=row["counts"],
        reach=Reach(tuple(row["months"]), frozenset(row["stages"])),
        basis=dict(row["basis"]),
    )
