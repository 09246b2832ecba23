"""What a visit confirmed of practices becomes reports: made, corrected and withdrawn with it."""

from dataclasses import replace
from datetime import datetime

from services.schedule_monitor.app.practices.practice_desk import Doing, PracticeDesk, changed
from services.schedule_monitor.app.practices.report_practice import digest_of, report_within
from services.schedule_monitor.domain.patrols.visit import Visit
from services.schedule_monitor.domain.practices.practice import PRACTICE_NAMES, Practice, Told
from services.schedule_monitor.domain.rules.practices import PRACTICE_OF_RULE
from shared.audit.log import Who
from shared.clock import milliseconds
from shared.mongo import Session


async def report_visit(
    told: Visit, before: Visit | None, *, desk: PracticeDesk, now: datetime, session: Session
) -> None:
    """Have one report for each practice that a visit confirms as it stands now."""
    standing = _practices(told)
    gone = set() if before is None else _practices(before) - standing
    now = milliseconds(now)
    # The telling itself carries no person; the office that went there has reported.
    who = Who(role="service", office=told.visited_by)
    for practice in sorted(standing):
        await _report(practice, told, Doing("reported", who, now), desk=desk, session=session)
    for practice in sorted(gone):
        report = await desk.reports.with_digest(_identity(told, practice), session=session)
        if report is not None and not report.withdrawn:
            doing = Doing("withdrawn", who, now, "巡查结果更正或撤回")
            after = replace(report, withdrawn=True)
            await changed(report, after, doing, desk=desk, session=session)


async def _report(
    practice: Practice, visit: Visit, doing: Doing, *, desk: PracticeDesk, session: Session
) -> None:
    told = Told(
        practice=practice,
        source="visit",
        institution_id=visit.institution_id,
        first_on=visit.on,
        last_on=visit.on,
        seen=f"巡查结果：确认{PRACTICE_NAMES[practice]}",
        source_reference=visit.visit_id,
        mode=visit.mode,
    )
    digest = _identity(visit, practice)
    report, new = await report_within(
        told, doing, institution=None, digest=digest, desk=desk, session=session
    )
    if new:
        return
    # Whoever went there has told more of it by hand meanwhile: day and mode follow the visit.
    now_told = replace(report.told, first_on=visit.on, last_on=visit.on, mode=visit.mode)
    after = replace(report, withdrawn=False).corrected(now_told)
    await changed(report, after, doing, desk=desk, session=session)


def _practices(visit: Visit) -> set[Practice]:
    return {PRACTICE_OF_RULE[rule] for rule in visit.standing if rule in PRACTICE_OF_RULE}


def _identity(visit: Visit, practice: Practice) -> str:
    return digest_of(f"visit/{visit.visited_by}/{visit.visit_id}", practice)
