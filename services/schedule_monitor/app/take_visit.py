"""Take what a visit came to: what was seen is compared with filings, what is confirmed judged."""

from dataclasses import dataclass
from datetime import datetime

from services.schedule_monitor.app.practice_desk import PracticeDesk
from services.schedule_monitor.app.refuse_held import Batch
from services.schedule_monitor.app.report_visit import report_visit
from services.schedule_monitor.app.take_held import HeldDesk, take_within
from services.schedule_monitor.domain.held import Sender
from services.schedule_monitor.domain.timetable import InstitutionUnknown
from services.schedule_monitor.domain.visit import Visit, VisitUnfit, as_held, is_news
from services.schedule_monitor.store.visits import VisitStore
from shared.audit.log import SERVICE, AuditLog, Entry
from shared.marks import mark
from shared.mongo import Database, Session, transact


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitDesk:
    """What taking visits works on."""

    db: Database
    visits: VisitStore
    held: HeldDesk
    practices: PracticeDesk
    audit: AuditLog


async def take_visit(told: Visit, *, desk: VisitDesk, now: datetime) -> bool:
    """Take one version of a visit; ``False`` where it changes nothing.

    Raises ``InstitutionUnknown`` while the register has not told of the institution.
    """

    async def work(session: Session) -> bool:
        return await take_visit_within(told, desk=desk, now=now, session=session)

    return await transact(desk.db, work)


async def take_visit_within(
    told: Visit, *, desk: VisitDesk, now: datetime, session: Session
) -> bool:
    """Take one version of a visit in the caller's transaction."""
    if await desk.held.institutions.find(told.institution_id, session=session) is None:
        raise InstitutionUnknown(f"尚未收到编号为{told.institution_id}的机构的登记信息。")
    before = await desk.visits.find(told.visit_id, session=session)
    if not is_news(told, before, now=now):
        return False
    seen_as = await _seen(told, before, desk=desk, now=now, session=session)
    await desk.visits.put(told, seen_as=seen_as, now=now, session=session)
    await report_visit(told, before, desk=desk.practices, now=now, session=session)
    if told.standing or (before is not None and before.standing):
        await _judge_again(told, desk=desk, session=session)
    await desk.audit.record(_entry(told), session=session)
    return True


async def _seen(
    told: Visit, before: Visit | None, *, desk: VisitDesk, now: datetime, session: Session
) -> list[str]:
    """Tell of the sessions that were seen as any sender does, and return their ids."""
    sessions = as_held(told, before)
    if not sessions:
        return []
    sender = Sender("visit", told.visited_by)
    batch = Batch(sender=sender, items=sessions, who=SERVICE, now=now)
    answers = await take_within(batch, desk=desk.held, session=session)
    wrong = [one.problem.detail for one in answers if one.problem is not None]
    if wrong:
        raise VisitUnfit("；".join(str(one) for one in wrong))
    return [
        one.session_id
        for one, held in zip(answers, sessions, strict=True)
        if one.session_id is not None and not held.withdrawn
    ]


async def _judge_again(told: Visit, *, desk: VisitDesk, session: Session) -> None:
    cause = f"visit:{told.visit_id}:v{told.version}"
    # Months of held sessions are judged for what was seen; this is for the institution's alerts.
    again = mark("institution", told.institution_id, told.month, [cause])
    await desk.db["to_judge"].bulk_write([again], session=session)


def _entry(told: Visit) -> Entry:
    return Entry(
        action="visit.taken",
        about_kind="visit",
        about_id=told.visit_id,
        details={
            "version": told.version,
            "institution": told.institution_id,
            "visited_by": told.visited_by,
            "outcome": told.outcome,
            "seen": len(told.seen),
            "confirmed": len(told.confirmed),
            "withdrawn": told.withdrawn,
        },
    )
