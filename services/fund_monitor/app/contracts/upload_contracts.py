"""File the contracts of a sheet: every row is checked before the first one is filed."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from services.fund_monitor.app.contracts.file_contracts import (
    MOST_IN_ONE_GO,
    ContractDesk,
    Filer,
    decide_filings,
    file_contracts,
    issue_references,
)
from services.fund_monitor.domain.contracts.contract import TrainingContract
from services.fund_monitor.domain.contracts.filing import Filed, Step
from services.fund_monitor.domain.contracts.student import Identification
from shared.errors import Refusal
from shared.mongo import Session, transact
from shared.spreadsheets.reading import Bad, Good
from shared.spreadsheets.taking import Taking

_CHECKED_AT_ONCE: Final = 1_000


@dataclass(frozen=True, slots=True)
class SheetContract:
    """A contract as a row tells it; without a reference its student is named beside it."""

    contract: TrainingContract
    student: Identification | None


Rows = Sequence[Good[SheetContract]]


async def upload_contracts(
    rows: Taking[SheetContract], *, desk: ContractDesk, by: Filer
) -> Counter[Step]:
    """File what may be filed and count the steps; the same sheet again changes nothing.

    Some rows are filed in one transaction, not all of them: whoever is cut off sends the sheet
    once more. A row that another door changed between check and filing is refused for itself.
    """
    async for some in rows.check(most=_CHECKED_AT_ONCE):
        await rows.refuse(_refused(some, await _decided(some, desk=desk)))
    steps: Counter[Step] = Counter()
    if rows.stopped:
        return steps
    async for some in rows.take(most=MOST_IN_ONE_GO):
        results = await _filed(some, desk=desk, by=by)
        steps.update(one.step for one in results if isinstance(one, Filed))
        await rows.refuse(_refused(some, results))
    return steps


async def _decided(rows: Rows, *, desk: ContractDesk) -> list[Filed | Refusal]:
    references = await desk.students.references(_named(rows))
    given = _contracts(rows, references)

    async def work(session: Session) -> list[Filed | Refusal]:
        return await decide_filings(given, desk=desk, session=session, issued=set(references))

    return await transact(desk.db, work)


async def _filed(rows: Rows, *, desk: ContractDesk, by: Filer) -> list[Filed | Refusal]:
    async def work(session: Session) -> list[Filed | Refusal]:
        references = await issue_references(_named(rows), desk=desk, by=by.who, session=session)
        given = _contracts(rows, references)
        return await file_contracts(given, desk=desk, by=by, session=session)

    return await transact(desk.db, work)


def _named(rows: Rows) -> list[Identification]:
    """Return the students who are named, row by row."""
    return [row.item.student for row in rows if row.item.student is not None]


def _contracts(rows: Rows, references: Sequence[str]) -> list[TrainingContract]:
    """Return the contracts of some rows, with the references of those who are named."""
    left = iter(references)
    return [
        row.item.contract
        if row.item.student is None
        else replace(row.item.contract, student_ref=next(left))
        for row in rows
    ]


def _refused(rows: Rows, results: Sequence[Filed | Refusal]) -> list[Bad]:
    return [
        row.refused(_reasons(one))
        for row, one in zip(rows, results, strict=True)
        if isinstance(one, Refusal)
    ]


def _reasons(refusal: Refusal) -> list[tuple[str, str]]:
    """Return what is wrong by the columns of the sheet, which are called as the fields are."""
    if refusal.fields:
        return [(pointer.removeprefix("/"), reason) for pointer, reason in refusal.fields]
    return [("contract_no", f"{refusal.title}：{refusal}")]
