"""A file of events through the same intake as a request: chunk by chunk, whatever its size.

What a chunk's lines are answered is kept before they are stored, and found again by whoever goes on
after a crash: the result is the same, however often the work was broken off.
"""

import asyncio
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import IO, Final

from pydantic_core import from_json

from services.fund_monitor.app.banks.take_in import (
    IDENTITY_CONFLICT,
    Answer,
    Request,
    decide,
    store,
)
from services.fund_monitor.domain.banks.bank import Bank
from services.fund_monitor.domain.banks.dropped import number_of
from services.fund_monitor.store.banks.banks import BankStore
from services.fund_monitor.store.banks.dropped_files import DroppedFileStore
from services.fund_monitor.store.ledger.records import RecordStore
from shared.contracts.bank import MOST_BYTES
from shared.messaging.publish import Publisher
from shared.mongo import Row
from shared.problem import Problem

CHUNK_EVENTS: Final = 500
MOST_LINE_BYTES: Final = 16 * 1024
"""Far more than any event needs."""

COUNTED: Final = ("accepted", "duplicate", "conflict", "refused")


@dataclass(frozen=True, slots=True, kw_only=True)
class FileIntake:
    """What taking a file in works on."""

    banks: BankStore
    records: RecordStore
    files: DroppedFileStore
    bus: Publisher


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some lines of a file that go through the intake together."""

    first_line: int
    lines: tuple[bytes, ...]

    def events(self) -> list[object]:
        """Return what each line holds; one that holds no JSON is its own text, and refused so."""
        return [_read(line) for line in self.lines]


async def take_chunk(chunk: Chunk, file: Row, *, bank: Bank, intake: FileIntake) -> list[Row]:
    """Take a chunk in as a request would be, and return its answers."""
    request = Request(bank, file["name"], b"".join(chunk.lines), chunk.events())
    # By the moment when the file was taken, so that whoever goes on later decides the same.
    decision = await decide(
        request, banks=intake.banks, records=intake.records, now=file["taken_at"]
    )
    kept = await intake.files.keep_answers(
        file["_id"], chunk.first_line, [_row(answer) for answer in decision.answers]
    )
    await store(request, decision, banks=intake.banks, bus=intake.bus, now=file["taken_at"])
    return kept


async def take_events(
    content: IO[bytes], file: Row, *, bank: Bank, intake: FileIntake
) -> dict[str, int]:
    """Take every line of a file in, and return how many were answered in which way."""
    counts = Counter(dict.fromkeys(COUNTED, 0))
    chunks = chunks_of(content)
    while (chunk := await asyncio.to_thread(next, chunks, None)) is not None:
        answers = await take_chunk(chunk, file, bank=bank, intake=intake)
        counts.update(answer["status"] for answer in answers)
    return {"lines": counts.total(), **counts}


def chunks_of(content: IO[bytes]) -> Iterator[Chunk]:
    """Cut a file into chunks that a request could hold; the same file is always cut the same."""
    content.seek(0)
    lines = _lines(content)
    first = 1
    held: list[bytes] = []
    size = 0
    for line in lines:
        if held and (len(held) == CHUNK_EVENTS or size + len(line) > MOST_BYTES):
            yield Chunk(first, tuple(held))
            first, held, size = first + len(held), [], 0
        held.append(line)
        size += len(line)
    if held:
        yield Chunk(first, tuple(held))


def result_line(row: Row) -> bytes:
    """Return one line of a result file."""
    return json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def result_lines(rows: Iterable[Row], summary: Row) -> Iterator[bytes]:
    """Return a result file: what is said of each line, and at the end of the file."""
    yield from map(result_line, rows)
    yield result_line({"summary": summary})


def problem_row(problem: Problem) -> Row:
    """Return a problem as it stands in a result file: with its number."""
    told = problem.model_dump(exclude_none=True, exclude_defaults=True)
    return {"number": number_of(problem.type), "problem": told}


def _lines(content: IO[bytes]) -> Iterator[bytes]:
    while line := content.readline(MOST_LINE_BYTES):
        if len(line) == MOST_LINE_BYTES and not line.endswith(b"\n"):
            # The rest of it is read past: what is kept of it is enough to be refused.
            while rest := content.readline(MOST_LINE_BYTES):
                if rest.endswith(b"\n"):
                    break
        yield line


def _read(line: bytes) -> object:
    if len(line) < MOST_LINE_BYTES:
        try:
            return from_json(line, allow_inf_nan=False)
        except ValueError:
            pass
    return line.decode("utf-8", errors="replace")


def _row(answer: Answer) -> Row:
    row: Row = {"serial_no": answer.serial_no, "status": answer.status}
    if answer.problem is not None:
        if answer.problem.type == IDENTITY_CONFLICT.type:
            row["status"] = "conflict"
        row |= problem_row(answer.problem)
    return row
