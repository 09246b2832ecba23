"""Take what an office decides from a day on: a version, its record, and who is judged again."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from services.fund_monitor.domain.fees.fee_rules import FeePolicy, GuidePrice
from services.fund_monitor.domain.lessons.lesson_silence import LessonSilence
from services.fund_monitor.store.contracts.contracts import CONTRACTS
from services.fund_monitor.store.fees.fee_rules import (
    Dated,
    Decision,
    FeeRuleStore,
    key_of,
    new_decision,
)
from services.fund_monitor.store.institutions import InstitutionReplica
from shared.audit.log import AuditLog, Entry, Who
from shared.marks import FROM_THE_BEGINNING, mark
from shared.mongo import Database, Session, transact
from shared.telemetry.carried import kept

_ACTION: Final = {
    FeePolicy: "fee_policy.decided",
    GuidePrice: "guide_price.decided",
    LessonSilence: "lesson_silence.decided",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeDesk:
    """What decisions on fees work on."""

    db: Database
    dated: FeeRuleStore
    institutions: InstitutionReplica
    audit: AuditLog


@dataclass(frozen=True, slots=True)
class Deciding:
    """Who decides, why, and when by the service's clock."""

    who: Who
    reason: str
    now: datetime


async def decide(data: Dated, *, desk: FeeDesk, by: Deciding) -> Decision:
    """Write a new version, unless the current one says the same; both answer alike."""

    async def work(session: Session) -> Decision:
        before = await desk.dated.current(data, session=session)
        version = 0 if before is None else before.data.version
        if before is not None and before.data == replace(data, version=version):
            return before
        decision = new_decision(
            replace(data, version=version + 1), office=by.who.office, reason=by.reason, now=by.now
        )
        await desk.dated.put(decision, session=session)
        await desk.audit.record(_entry(decision, by), session=session)
        if not isinstance(decision.data, LessonSilence):
            # Silence runs as it was decided on the day of the statement: nothing found changes.
            await _mark(desk, decision, session)
        return decision

    return await transact(desk.db, work)


async def _mark(desk: FeeDesk, decision: Decision, session: Session) -> None:
    """Have every institution judged again that has filed a contract."""
    ids = await desk.db[CONTRACTS].distinct("institution_id", session=session)
    codes = await desk.institutions.codes_by_id(set(ids), session=session)
    traces = [trace for trace in (kept(),) if trace is not None]
    cause = f"{key_of(decision.data)}:v{decision.data.version}"
    marks = [
        # A decision may also take back what an earlier version found in other months.
        mark("institution", code, FROM_THE_BEGINNING, [cause], traces)
        for code in sorted(codes.values())
    ]
    if marks:
        await desk.db["to_judge"].bulk_write(marks, session=session)


def _entry(decision: Decision, by: Deciding) -> Entry:
    return Entry(
        action=_ACTION[type(decision.data)],
        about_kind="fee_rule",
        about_id=key_of(decision.data),
        who=by.who,
        why=by.reason,
        details={"version": decision.data.version, "decision": decision.id},
    )
