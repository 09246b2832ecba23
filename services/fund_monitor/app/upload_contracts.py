"""File the contracts of a sheet: every row is checked before the first one is filed."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from services.fund_monitor.app.file_contracts import (
    MOST_IN_ONE_GO,
    ContractDesk,
    Filer,
    decide_filings,
    file_contracts,
    issue_references,
)
from services.fund_monitor.domain.contract import TrainingContract
from services.fund_monitor.domain.filing import Filed, Step
from services.fund_monitor.domain.student import Identification, StudentKey
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

    def with_reference(self, key: StudentKey) -> TrainingContract:
        """Return the contract with the reference of its student."""
        if self.student is None:
            return self.contract
        return replace(self.contract, student_ref=key.reference(self.student))


Rows = Sequence[Good[SheetContract]]


async def upload_contracts(
    rows: Taking[SheetContract], *, desk: ContractDesk, by: Filer
) -> Counter[Step]:
    """File what may be filed and count the steps; the same sheet again changes nothing.

    Some rows are filed in one transaction, not all of them: whoever is cut off sends the sheet
    once more. A row that another door changed between check and filing is refused for itself.
    """
    key = await desk.students.key()
    async for some in rows.check(most=_CHECKED_AT_ONCE):
        await rows.refuse(_refused(some, await _decided(some, key, desk=desk)))
    steps: Counter[Step] = Counter()
    if rows.stopped:
        return steps
    async for some in rows.take(most=MOST_IN_ONE_GO):
        results = await _filed(some, key, desk=desk, by=by)
        steps.update(one.step for one in results if isinstance(one, Filed))
        await rows.refuse(_refused(some, results))
    return steps


async def _decided(rows: Rows, key: StudentKey, *, desk: ContractDesk) -> list[Filed | Refusal]:
    given = [row.item.with_reference(key) for row in rows]
    issued = _named(rows, given)

    async def work(session: Session) -> list[Filed | Refusal]:
        return await decide_filings(given, desk=desk, session=session, issued=issued)

    return await transact(desk.db, work)


async def _filed(
    rows: Rows, key: StudentKey, *, desk: ContractDesk, by: Filer
) -> list[Filed | Refusal]:
    given = [row.item.with_reference(key) for row in rows]
    named = _named(rows, given)

    async def work(session: Session) -> list[Filed | Refusal]:
        await issue_references(named, key, desk=desk, by=by.who, session=session)
        return await file_contracts(given, desk=desk, by=by, session=session)

    return await transact(desk.db, work)


def _named(rows: Rows, given: Sequence[TrainingContract]) -> set[str]:
    """Return the references of students who are named in the sheet."""
    pairs = zip(rows, given, strict=True)
    return {one.student_ref for row, one in pairs if row.item.student is not None}


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
