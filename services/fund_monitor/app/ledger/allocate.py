"""Allocate a deposit that came without a contract to one: by hand, once, in the journal."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from services.fund_monitor.domain.ledger.allocation import (
    Allocation,
    AlreadyAllocated,
    NothingToAllocate,
    allocated,
    waits_for_a_contract,
)
from services.fund_monitor.domain.ledger.posting import Event
from services.fund_monitor.store.contracts.contracts import (
    ContractNotFound,
    ContractStore,
    contract_key,
)
from services.fund_monitor.store.ledger.unallocated import UnallocatedStore
from shared.audit.log import AuditLog, Entry, Who
from shared.city_time import city_month
from shared.marks import mark
from shared.mongo import Database, Session
from shared.telemetry.carried import kept
from shared.working_days import WorkingDays


@dataclass(frozen=True, slots=True, kw_only=True)
class AllocationDesk:
    """What allocating works on."""

    db: Database
    unallocated: UnallocatedStore
    contracts: ContractStore
    audit: AuditLog
    calendar: WorkingDays


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked: which deposit, of which institution, belongs to which of its contracts."""

    deposit: str
    account: str
    institution_id: str
    institution_code: str
    contract_no: str
    reason: str
    who: Who
    now: datetime


@dataclass(frozen=True, slots=True)
class Done:
    """What has become of it."""

    step: Literal["allocated", "duplicate"]
    allocation: Allocation


async def allocate(asked: Asked, *, desk: AllocationDesk, session: Session) -> Done:
    """Allocate one deposit in the caller's transaction; the same again changes nothing."""
    found = await desk.unallocated.deposit(asked.deposit, session=session)
    if found is None or found[0].account != asked.account or not waits_for_a_contract(found[0]):
        raise NothingToAllocate("该笔交易不是未报合同号的收款")
    before = await desk.unallocated.allocation(asked.deposit, session=session)
    if before is not None:
        return _again(asked, before)
    contract = await desk.contracts.find(asked.institution_id, asked.contract_no, session=session)
    if contract is None:
        raise ContractNotFound(f"该机构没有编号为 {asked.contract_no} 的合同")
    deposit, body = found
    given = allocated(deposit, body, to=asked.contract_no, why=asked.reason, now=asked.now)
    if not await desk.unallocated.allocate(deposit, given, session=session):
        raise NothingToAllocate("该笔收款尚未入账，或已被冲正")
    await _told(asked, deposit, given, desk=desk, session=session)
    return Done("allocated", given)


def _again(asked: Asked, before: Allocation) -> Done:
    if before.contract_no != asked.contract_no:
        raise AlreadyAllocated(f"该笔收款已认领到合同 {before.contract_no}")
    if not before.stands:
        raise NothingToAllocate("该笔收款认领后已被冲正")
    return Done("duplicate", before)


async def _told(
    asked: Asked, deposit: Event, given: Allocation, *, desk: AllocationDesk, session: Session
) -> None:
    """Have the institution judged again, and keep who has done it."""
    traces = [trace for trace in (kept(),) if trace is not None]
    entry = given.entry()
    row = mark(
        "institution",
        asked.institution_code,
        city_month(deposit.occurred_at),
        [entry.event],
        traces,
        # It counts under its contract from now on, and no longer alone.
        names=(given.pupil, deposit.identity),
    )
    await desk.db["to_judge"].bulk_write([row], session=session)
    told = Entry(
        action="deposit.allocated",
        about_kind="contract",
        about_id=contract_key(asked.institution_id, asked.contract_no),
        who=asked.who,
        why=asked.reason,
        details={"deposit": asked.deposit, "amount_fen": given.amount_fen},
    )
    await desk.audit.record(told, session=session)
