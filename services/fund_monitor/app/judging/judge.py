"""Judge what is marked: every rule on the record, and the alerts they make, in one transaction."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import TypeVar

from services.fund_monitor.app.judging.assessor import (
    Assessment,
    Assessor,
    BankSubject,
    Subject,
)
from services.fund_monitor.app.judging.bank_feeds import BankFeedAssessor
from services.fund_monitor.app.judging.coverage import CoverageAssessor
from services.fund_monitor.app.judging.custody_accounts import CustodyAccountsAssessor
from services.fund_monitor.app.judging.fees import FeesAssessor
from services.fund_monitor.app.judging.identity_conflicts import IdentityConflictAssessor
from services.fund_monitor.app.judging.over_collection import OverCollectionAssessor
from services.fund_monitor.app.judging.refunds import RefundsAssessor
from services.fund_monitor.app.judging.releases import ReleaseAssessor
from services.fund_monitor.app.judging.supervision import SupervisionAssessor
from services.fund_monitor.app.judging.unallocated_money import UnallocatedMoneyAssessor
from services.fund_monitor.app.judging.unregistered_money import UnregisteredMoneyAssessor
from services.fund_monitor.app.judging.windows import Windows
from services.fund_monitor.app.sight import FundSight
from services.fund_monitor.store.account_events import AccountEventStore
from services.fund_monitor.store.bank_activity import BankActivityStore
from services.fund_monitor.store.consumption import ConsumptionStore
from services.fund_monitor.store.contracts import ContractStore
from services.fund_monitor.store.fee_groups import FeeGroupStore
from services.fund_monitor.store.fee_rules import FeeRuleStore
from services.fund_monitor.store.feed_declarations import FeedDeclarationBook
from services.fund_monitor.store.filings import FilingStore
from services.fund_monitor.store.institutions import InstitutionReplica
from services.fund_monitor.store.matching import MatchStore
from services.fund_monitor.store.positions import PositionStore
from services.fund_monitor.store.pupils import PupilStore
from services.fund_monitor.store.refund_money import RefundMoneyStore
from services.fund_monitor.store.refunds import RefundStore
from services.fund_monitor.store.unallocated import UnallocatedStore
from shared.alerts.changes import Change
from shared.alerts.inbox import Scope
from shared.alerts.model import About
from shared.alerts.store import AlertStore
from shared.city_time import city_date
from shared.logs import log
from shared.marks import Mark, MarkStore
from shared.mongo import Database, Session, transact, unreachable
from shared.telemetry.sight import Sight
from shared.working_days import WorkingDays

S = TypeVar("S")
_Found = Sequence[Sequence[Assessment]]
_Kind = Callable[[Session, Sequence[Mark], datetime], Awaitable[_Found]]
MOST_AT_ONCE = 128


class Judge:
    """The judge's collaborators; ``judge_some`` is the use case."""

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
        consumption = ConsumptionStore(db)
        self._of_institutions: tuple[Assessor[Subject], ...] = (
            OverCollectionAssessor(PupilStore(db)),
            CoverageAssessor(self._positions, consumption, calendar),
            UnregisteredMoneyAssessor(self._positions),
            UnallocatedMoneyAssessor(UnallocatedStore(db), ContractStore(db), calendar),
            ReleaseAssessor(MatchStore(db), calendar),
            RefundsAssessor(RefundStore(db), RefundMoneyStore(db), consumption, calendar),
            CustodyAccountsAssessor(
                self._positions, FilingStore(db), AccountEventStore(db), calendar
            ),
            SupervisionAssessor(self._positions, FilingStore(db), ContractStore(db)),
            FeesAssessor(FeeGroupStore(db), FeeRuleStore(db)),
        )
        self._of_banks: tuple[Assessor[BankSubject], ...] = (
            IdentityConflictAssessor(self._positions),
            BankFeedAssessor(BankActivityStore(db), FeedDeclarationBook(db), calendar),
        )

    async def judge_some(self, *, now: datetime, rested: timedelta = timedelta(0)) -> int:
        """Judge some of what is marked, together; return how many there were.

        What is marked ``rested`` or longer ago, that is: what comes close together is judged once.
        """
        marks = await self._marks.lease(today=city_date(now), limit=MOST_AT_ONCE, rested=rested)
        for kind, judge in (("institution", self._institutions_of), ("bank", self._banks_of)):
            some = [mark for mark in marks if mark.kind == kind]
            if some:
                await self._judge_together(some, judge, now)
        return len(marks)

    async def _judge_together(self, marks: Sequence[Mark], judge: _Kind, now: datetime) -> None:
        """Judge marks in one transaction; what cannot be judged must not keep others from it."""
        try:
            with self._seen.judging(marks[0].kind, [mark.traces for mark in marks]):
                await self._judge(marks, judge, now)
        except Exception as error:
            if unreachable(error) or len(marks) == 1:
                await self._marks.release(marks)
                raise
            log.warning("judging.one_by_one", marks=len(marks), error=repr(error)[:200])
            for mark in marks:
                await self._judge_together([mark], judge, now)

    async def _judge(self, marks: Sequence[Mark], judge: _Kind, now: datetime) -> None:
        found = await transact(self._db, lambda session: judge(session, marks, now))
        await self._marks.judged(
            {mark: _first(some[place] for some in found) for place, mark in enumerate(marks)}
        )

    async def _banks_of(self, session: Session, marks: Sequence[Mark], now: datetime) -> _Found:
        windows = _windows(marks, now)
        banks = [BankSubject(mark.id, windows, now, mark.causes) for mark in marks]
        abouts = {bank.about: mark for bank, mark in zip(banks, marks, strict=True)}
        found = [await each.assess(banks, session) for each in self._of_banks]
        await self._settle(session, found, _rules(self._of_banks), abouts, (windows, now))
        return found

    async def _institutions_of(
        self, session: Session, marks: Sequence[Mark], now: datetime
    ) -> _Found:
        windows, codes = _windows(marks, now), [mark.id for mark in marks]
        registered = await self._institutions.of_codes(codes, session=session)
        accounts = await self._positions.accounts_of(codes, session=session)
        subjects = [
            Subject(mark.id, registered.get(mark.id), accounts[mark.id], windows, now, mark)
            for mark in marks
        ]
        abouts = {
            about: mark
            for subject, mark in zip(subjects, marks, strict=True)
            for about in subject.abouts
        }
        found = [await each.assess(subjects, session) for each in self._of_institutions]
        await self._settle(session, found, _rules(self._of_institutions), abouts, (windows, now))
        return found

    async def _settle(
        self,
        session: Session,
        found: _Found,
        rules: tuple[str, ...],
        abouts: Mapping[About, Mark],
        moment: tuple[Windows, datetime],
    ) -> None:
        """Settle all alerts about some subjects; what changes is written trace by trace."""
        windows, now = moment
        verdicts = [
            verdict for some in found for assessment in some for verdict in assessment.verdicts
        ]
        judged = windows.with_those_of(verdicts)
        by_thing = {(about.kind, about.id): mark for about, mark in abouts.items()}
        changes = await self._alerts.changes(
            session,
            verdicts,
            now=now,
            scope=Scope(abouts=tuple(abouts), rules=rules, windows=judged) if abouts else None,
            causes_of=lambda about: by_thing[about.kind, about.id].causes,
        )
        # What an alert says continues the trace of what made it so; where nothing is traced, all
        # are written together.
        of_traces: defaultdict[tuple[str, ...], list[Change]] = defaultdict(list)
        for change in changes:
            about = change.after.about
            of_traces[by_thing[about.kind, about.id].traces].append(change)
        kind = next(iter(abouts.values())).kind if abouts else ""
        for traces, some in of_traces.items():
            with self._seen.alerting(kind, traces):
                await self._alerts.write(session, some, now=now)


def _windows(marks: Sequence[Mark], now: datetime) -> Windows:
    """Return the months from the first one that any mark names."""
    return Windows(min(mark.from_month for mark in marks), city_date(now))


def _rules(assessors: Sequence[Assessor[S]]) -> tuple[str, ...]:
    return tuple(rule.code for assessor in assessors for rule in assessor.rules)


def _first(found: Iterable[Assessment]) -> date | None:
    return min((one.due_on for one in found if one.due_on is not None), default=None)
