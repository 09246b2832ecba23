"""Take in a report of practice, correct it, withdraw it."""

import hashlib
import json
from dataclasses import asdict, replace
from typing import Final

from services.schedule_monitor.app.practices.practice_desk import (
    Doing,
    PracticeDesk,
    change_report,
    keep,
)
from services.schedule_monitor.domain.practices.practice import (
    MOST_REPORTS,
    Practice,
    PracticeReportedOtherwise,
    Report,
    Told,
    TooManyReports,
)
from shared.ids import new_id
from shared.mongo import Session, transact

OF_PLATFORMS: Final = ("economy_it", "education")
"""Who handles reports on platforms: 市经信局 with 市教育局 (方案任务22)."""


async def report_practice(
    told: Told, doing: Doing, *, institution: str | None, desk: PracticeDesk
) -> tuple[Report, bool]:
    """Take a report in once: the same content from the same office again changes nothing.

    ``institution`` is set where an institution reports of itself.
    """
    digest = digest_of(f"{doing.who.role}/{doing.who.office}", told)

    async def work(session: Session) -> tuple[Report, bool]:
        return await report_within(
            told, doing, institution=institution, digest=digest, desk=desk, session=session
        )

    try:
        return await transact(desk.db, work)
    except PracticeReportedOtherwise:
        # Somebody sent the same between the look and the write.
        known = await desk.reports.with_digest(digest)
        if known is None:
            raise
        return known, False


async def report_within(
    told: Told,
    doing: Doing,
    *,
    institution: str | None,
    digest: str,
    desk: PracticeDesk,
    session: Session,
) -> tuple[Report, bool]:
    """Take a report in, in the caller's transaction; ``digest`` is what makes it the same one."""
    known = await desk.reports.with_digest(digest, session=session)
    if known is not None:
        return known, False
    report = await _placed(told, doing, institution, desk, session)
    if await desk.reports.count(told, session=session) >= MOST_REPORTS:
        raise TooManyReports(f"对同一机构或平台的反映不得超过{MOST_REPORTS}件。")
    await desk.reports.add(report, digest=digest, session=session)
    await keep(report, doing, desk=desk, session=session)
    return report, True


async def correct_report(
    report_id: str, told: Told, version: int, doing: Doing, *, desk: PracticeDesk
) -> tuple[Report, bool]:
    """Keep another version of what is told; ``version`` is the number that it gets."""

    def correct(report: Report) -> Report:
        after = report.corrected(told)
        if after is report:
            if version == report.version:
                return report
            raise PracticeReportedOtherwise(f"现行版本为{report.version}，内容与本次相同。")
        if after.version != version:
            raise PracticeReportedOtherwise(
                f"现行版本为{report.version}，更正须以第{report.version + 1}版报送。"
            )
        return after

    return await change_report(report_id, correct, doing, desk=desk)


async def withdraw_report(
    report_id: str, doing: Doing, *, desk: PracticeDesk
) -> tuple[Report, bool]:
    """Take a report back: it stays to be read, and is held against nobody."""
    return await change_report(report_id, lambda it: replace(it, withdrawn=True), doing, desk=desk)


async def _placed(
    told: Told, doing: Doing, institution: str | None, desk: PracticeDesk, session: Session
) -> Report:
    """Return the new report with whoever handles it, as the register knows them now."""
    town: str | None = None
    responsible: tuple[str, ...] = OF_PLATFORMS
    if told.institution_id is not None:
        registered = await desk.institutions.get(told.institution_id, session=session)
        town, responsible = registered.town, (registered.competent_department,)
    return Report(
        report_id=new_id(),
        told=told,
        reported_at=doing.now,
        office=doing.who.office if institution is None else None,
        institution=institution,
        responsible=responsible,
        town=town,
        steps=(doing.step(),),
    )


def digest_of(whose: str, told: Told | Practice) -> str:
    """Return what makes a report the same one: not how to reach who gave it, which is sealed."""
    said = told if isinstance(told, str) else asdict(replace(told, sealed_contact=None))
    written = json.dumps([whose, said], ensure_ascii=False, sort_keys=True, default=str)
    return "sha256:" + hashlib.sha256(written.encode()).hexdigest()
