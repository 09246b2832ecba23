"""File contracts: checked, numbered by version, announced, and their institutions judged again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.fund_monitor.domain.contract import TrainingContract
from services.fund_monitor.domain.filing import (
    ContractMisshapen,
    Filed,
    InstitutionUnknown,
    filed_over,
    refuse_misshapen,
)
from services.fund_monitor.domain.student import Identification
from services.fund_monitor.store.contracts import ContractStore, announced, contract_key
from services.fund_monitor.store.institutions import InstitutionReplica
from services.fund_monitor.store.students import StudentStore
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


async def issue_reference(
    who: Identification, *, desk: ContractDesk, by: Who, session: Session
) -> str:
    """Return a student's reference, the same one whenever the same person is named."""
    keys = await desk.students.keys()
    reference, new = await desk.students.issue(who, keys, session=session)
    if new:
        entry = Entry(action="student.referenced", about_kind="student", about_id=reference, who=by)
        await desk.audit.record(entry, session=session)
    return reference


async def file_contracts(
    given: Sequence[TrainingContract], *, desk: ContractDesk, by: Filer, session: Session
) -> list[Filed | Refusal]:
    """File some contracts in the caller's transaction; each is taken or refused for itself."""
    known = await desk.contracts.known(given, session=session)
    codes = await desk.institutions.codes_by_id(
        {one.institution_id for one in given}, session=session
    )
    strangers = await desk.students.unknown({one.student_ref for one in given}, session=session)
    results: list[Filed | Refusal] = []
    for contract in given:
        key = contract_key(contract.institution_id, contract.contract_no)
        try:
            _check(contract, codes=codes, strangers=strangers)
            filed = filed_over(contract, known.get(key))
        except Refusal as refusal:
            results.append(refusal)
            continue
        known[key] = filed.contract
        results.append(filed)
    new = [one.contract for one in results if isinstance(one, Filed) and one.step != "duplicate"]
    await _write(new, codes, desk=desk, by=by, session=session)
    return results


def _check(contract: TrainingContract, *, codes: dict[str, str], strangers: set[str]) -> None:
    refuse_misshapen(contract)
    if contract.institution_id not in codes:
        raise InstitutionUnknown(f"没有收到机构 {contract.institution_id} 的登记信息")
    if contract.student_ref in strangers:
        told = ("/student_ref", "不是本服务签发的学员代码，请先用 POST /v1/students 取得")
        raise ContractMisshapen("学员代码未知", fields=[told])


async def _write(
    new: Sequence[TrainingContract],
    codes: dict[str, str],
    *,
    desk: ContractDesk,
    by: Filer,
    session: Session,
) -> None:
    if not new:
        return
    for contract in new:
        await desk.contracts.put(contract, now=by.now, session=session)
    await outbox.enqueue(
        desk.db, [announced(one, filed_at=by.now) for one in new], session=session, now=by.now
    )
    await desk.audit.record(*(_entry(one, by.who) for one in new), session=session)
    traces = [trace for trace in (kept(),) if trace is not None]
    # A contract may change what was found of money in any month, not only of its own.
    marks = [
        mark(
            "institution",
            codes[one.institution_id],
            FROM_THE_BEGINNING,
            [f"contract:{contract_key(one.institution_id, one.contract_no)}:v{one.version}"],
            traces,
            names=(one.student_ref, one.contract_no),
        )
        for one in new
    ]
    await desk.db["to_judge"].bulk_write(marks, session=session)


def _entry(contract: TrainingContract, who: Who) -> Entry:
    return Entry(
        action="contract.filed",
        about_kind="contract",
        about_id=contract_key(contract.institution_id, contract.contract_no),
        who=who,
        details={"version": contract.version, "platform": contract.platform},
    )
