"""Judge what is marked: every rule on the record, and the alerts they make, in one transaction."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import TypeVar

from services.fund_monitor.app.judging.assessor import (
    Assessment,
    Assessor,
    BankSubject,
    Subject,
    about_account,
)
from services.fund_monitor.app.judging.coverage import CoverageAssessor
from services.fund_monitor.app.judging.identity_conflicts import IdentityConflictAssessor
from services.fund_monitor.app.judging.over_collection import OverCollectionAssessor
from services.fund_monitor.app.judging.releases import ReleaseAssessor
from services.fund_monitor.app.judging.unregistered_money import UnregisteredMoneyAssessor
from services.fund_monitor.app.judging.windows import Windows
from services.fund_monitor.app.sight import FundSight
from services.fund_monitor.store.institutions import InstitutionReplica
from services.fund_monitor.store.matching import MatchStore
from services.fund_monitor.store.positions import PositionStore
from services.fund_monitor.store.pupils import PupilStore
from shared.alerts.inbox import Scope
from shared.alerts.model import About, Verdict
from shared.alerts.store import AlertStore
from shared.city_time import city_date
from shared.marks import Mark, MarkStore
from shared.mongo import Database, Session, transact
from shared.telemetry.sight import Sight
from shared.working_days import WorkingDays

S = TypeVar("S", Subject, BankSubject)


class Judge:
    """The judge's collaborators; ``judge_one`` is the use case."""

    def __init__(
        self,
        db: Database,
        alerts: AlertStore,
        *,
        calendar: WorkingDays,
        seen: FundSight | None = None,
    ) -> None:
        self._db = db
        self._seen = seen or FundSight(Sight())
        self._alerts = alerts
        self._marks = MarkStore(db)
        self._positions = PositionStore(db)
        self._institutions = InstitutionReplica(db)
        self._of_institutions: tuple[Assessor[Subject], ...] = (
            OverCollectionAssessor(PupilStore(db)),
            CoverageAssessor(self._positions, calendar),
            UnregisteredMoneyAssessor(self._positions),
            ReleaseAssessor(MatchStore(db), calendar),
        )
        self._of_banks: tuple[Assessor[BankSubject], ...] = (
            IdentityConflictAssessor(self._positions),
        )

    async def judge_one(self, *, now: datetime) -> bool:
        """Judge one marked thing; ``False`` when nothing is marked."""
        mark = await self._marks.lease(today=city_date(now))
        if mark is None:
            return False
        with self._seen.judging(mark.kind, mark.traces):
            try:
                await transact(self._db, lambda session: self._judge(session, mark, now))
            except Exception:
                await self._marks.release(mark)
                raise
        return True

    async def _judge(self, session: Session, mark: Mark, now: datetime) -> None:
        windows = Windows(mark.from_month, city_date(now))
        if mark.kind == "bank":
            bank = BankSubject(mark.id, windows, now, mark.causes)
            found = await self._settle(session, bank, self._of_banks, [bank.about])
        else:
            subject = await self._subject(session, mark, windows, now)
            abouts = [about_account(account) for account in subject.accounts]
            abouts += [subject.about] if subject.about else []
            found = await self._settle(session, subject, self._of_institutions, abouts)
        if any(one.more for one in found):
            await self._marks.release(mark, session=session)
        else:
            await self._marks.judged(mark, due_on=_first(found), session=session)

    async def _subject(
        self, session: Session, mark: Mark, windows: Windows, now: datetime
    ) -> Subject:
        return Subject(
            mark.id,
            await self._institutions.of_code(mark.id, session=session),
            await self._positions.accounts_of(mark.id, session=session),
            windows,
            now,
            mark.causes,
        )

    async def _settle(
        self,
        session: Session,
        subject: S,
        assessors: Sequence[Assessor[S]],
        abouts: Sequence[About],
    ) -> list[Assessment]:
        """Settle all alerts about a subject in one write, and return what was found."""
        found = [await assessor.assess(subject, session) for assessor in assessors]
        verdicts: list[Verdict] = [one for each in found for one in each.verdicts]
        windows = subject.windows.with_those_of(verdicts)
        rules = tuple(rule.code for assessor in assessors for rule in assessor.rules)
        scope = Scope(abouts=tuple(abouts), rules=rules, windows=windows) if abouts else None
        await self._alerts.settle_many(
            session, verdicts, now=subject.now, scope=scope, causes=subject.causes
        )
        return found


def _first(found: Sequence[Assessment]) -> date | None:
    return min((one.due_on for one in found if one.due_on is not None), default=None)
