"""File contracts: checked, numbered by version, announced, and their institutions judged again."""

from collections import defaultdict
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime

from services.fund_monitor.domain.contracts.contract import TrainingContract
from services.fund_monitor.domain.contracts.filing import (
    ContractMisshapen,
    Filed,
    InstitutionUnknown,
    filed_over,
    refuse_misshapen,
)
from services.fund_monitor.domain.contracts.student import Identification
from services.fund_monitor.store.contracts.contracts import ContractStore, announced, contract_key
from services.fund_monitor.store.contracts.students import StudentStore
from services.fund_monitor.store.institutions import InstitutionReplica
from shared import outbox
from shared.audit.log import AuditLog, Entry, Who
from shared.errors import Refusal
from shared.marks import FROM_THE_BEGINNING, mark
from shared.mongo import Database, Session
from shared.telemetry.carried import kept

MOST_IN_ONE_GO = 100
"""Contracts of one transaction: it ends far below the store's limit of five seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractDesk:
    """What filing works on."""

    db: Database
    contracts: ContractStore
    students: StudentStore
    institutions: InstitutionReplica
    audit: AuditLog


@dataclass(frozen=True, slots=True)
class Filer:
    """Who files, and when by the service's clock."""

    who: Who
    now: datetime


async def issue_references(
    some: Sequence[Identification], *, desk: ContractDesk, by: Who, session: Session
) -> list[str]:
    """Return students' references, the same one whenever the same person is named."""
    references, new = await desk.students.issue(some, session=session)
    entries = (
        Entry(action="student.referenced", about_kind="student", about_id=reference, who=by)
        for reference in sorted(new)
    )
    await desk.audit.record(*entries, session=session)
    return references


async def issue_reference(
    who: Identification, *, desk: ContractDesk, by: Who, session: Session
) -> str:
    """Return one student's reference."""
    [reference] = await issue_references([who], desk=desk, by=by, session=session)
    return reference


async def file_contracts(
    given: Sequence[TrainingContract], *, desk: ContractDesk, by: Filer, session: Session
) -> list[Filed | Refusal]:
    """File some contracts in the caller's transaction; each is taken or refused for itself."""
    results = await decide_filings(given, desk=desk, session=session)
    new = [one.contract for one in results if isinstance(one, Filed) and one.step != "duplicate"]
    await _write(new, desk=desk, by=by, session=session)
    return results


async def decide_filings(
    given: Sequence[TrainingContract],
    *,
    desk: ContractDesk,
    session: Session,
    issued: AbstractSet[str] = frozenset(),
) -> list[Filed | Refusal]:
    """Return what filing some contracts would make of each, and write nothing.

    ``issued`` are references that will have been issued by then.
    """
    known = await desk.contracts.known(given, session=session)
    codes = await _codes(given, desk, session)
    strangers = await desk.students.unknown(
        {one.student_ref for one in given} - issued, session=session
    )
    results: list[Filed | Refusal] = []
    for contract in given:
        key = _key(contract)
        try:
            _check(contract, codes=codes, strangers=strangers)
            filed = filed_over(contract, known.get(key))
        except Refusal as refusal:
            results.append(refusal)
            continue
        known[key] = filed.contract
        results.append(filed)
    return results


async def _codes(
    given: Sequence[TrainingContract], desk: ContractDesk, session: Session
) -> dict[str, str]:
    """Return the 统一社会信用代码 of the contracts' institutions, by id."""
    ids = {one.institution_id for one in given}
    return await desk.institutions.codes_by_id(ids, session=session)


def _check(contract: TrainingContract, *, codes: dict[str, str], strangers: set[str]) -> None:
    refuse_misshapen(contract)
    if contract.institution_id not in codes:
        raise InstitutionUnknown(f"没有收到机构 {contract.institution_id} 的登记信息")
    if contract.student_ref in strangers:
        told = ("/student_ref", "不是本服务签发的学员代码，请先用 POST /v1/students 取得")
        raise ContractMisshapen("学员代码未知", fields=[told])


async def _write(
    new: Sequence[TrainingContract], *, desk: ContractDesk, by: Filer, session: Session
) -> None:
    if not new:
        return
    await desk.contracts.put(new, now=by.now, session=session)
    await outbox.enqueue(
        desk.db, [announced(one, filed_at=by.now) for one in new], session=session, now=by.now
    )
    await desk.audit.record(*(_entry(one, by.who) for one in new), session=session)
    codes = await _codes(new, desk, session)
    of_each = defaultdict[str, list[TrainingContract]](list)
    for one in new:
        of_each[codes[one.institution_id]].append(one)
    traces = [trace for trace in (kept(),) if trace is not None]
    # A contract may change what was found of money in any month, not only of its own.
    marks = [
        mark(
            "institution",
            code,
            FROM_THE_BEGINNING,
            [f"contract:{_key(one)}:v{one.version}" for one in some],
            traces,
            names={name for one in some for name in (one.student_ref, one.contract_no)},
        )
        for code, some in of_each.items()
    ]
    await desk.db["to_judge"].bulk_write(marks, session=session)


def _key(contract: TrainingContract) -> str:
    return contract_key(contract.institution_id, contract.contract_no)


def _entry(contract: TrainingContract, who: Who) -> Entry:
    return Entry(
        action="contract.filed",
        about_kind="contract",
        about_id=_key(contract),
        who=who,
        details={"version": contract.version, "platform": contract.platform},
    )
