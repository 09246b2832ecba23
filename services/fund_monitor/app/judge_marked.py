"""Judge what is marked: the rules on the record, and the alerts they make, in one transaction."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from services.fund_monitor.app.sight import FundSight
from services.fund_monitor.domain.rules.coverage import (
    FUND_COVERAGE,
    Shortfall,
    coverage_by_month,
    shortfalls,
)
from services.fund_monitor.domain.rules.over_collection import (
    OVER_COLLECTION,
    Breach,
    over_collection,
)
from services.fund_monitor.domain.rules.unregistered_money import (
    IDENTITY_CONFLICT,
    UNREGISTERED_MONEY,
    Registration,
    money_is_for_a_registered_institution,
)
from services.fund_monitor.store.institutions import InstitutionReplica
from services.fund_monitor.store.positions import PositionStore
from shared.alerts.inbox import Scope
from shared.alerts.model import About, Finding, RuleFacts, Verdict
from shared.alerts.store import AlertStore
from shared.city_time import city_date, month_of
from shared.duties.routing import route
from shared.marks import FROM_THE_BEGINNING, Mark, MarkStore
from shared.mongo import Database, Session, transact
from shared.rules import RuleCard
from shared.telemetry.sight import Sight
from shared.working_days import WorkingDays


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
        self._calendar = calendar
        self._marks = MarkStore(db)
        self._positions = PositionStore(db)
        self._institutions = InstitutionReplica(db)

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
        if mark.kind == "bank":
            await self._judge_bank(session, mark, now)
            due_on = None
        else:
            due_on = await self._judge_institution(session, mark, now)
        await self._marks.judged(mark, due_on=due_on, session=session)

    async def _judge_bank(self, session: Session, mark: Mark, now: datetime) -> None:
        conflicts = await self._positions.conflicts(mark.id, session=session)
        about = About("bank", mark.id, mark.id)
        verdicts = [
            _verdict(about, IDENTITY_CONFLICT, month, [_conflict(ids)], None, mark)
            for month, ids in conflicts.items()
        ]
        await self._alerts.settle_many(session, verdicts, now=now, causes=mark.causes)

    async def _judge_institution(self, session: Session, mark: Mark, now: datetime) -> date | None:
        accounts = await self._positions.accounts_of(mark.id, session=session)
        registration = await self._institutions.of_code(mark.id, session=session)
        months = _Months(mark.from_month, now)
        verdicts = []
        for account in sorted(accounts):
            verdicts += await self._account_verdicts(session, account, registration, months, mark)
        due_on = None
        if registration is not None:
            custody = [key for key, kind in accounts.items() if kind == "custody"]
            found, due_on = await self._institution_verdicts(
                session, registration, (sorted(accounts), custody), months, mark
            )
            verdicts += found
        scope = _scope(accounts, registration, months, verdicts)
        await self._alerts.settle_many(session, verdicts, now=now, scope=scope, causes=mark.causes)
        return due_on

    async def _account_verdicts(
        self,
        session: Session,
        account: str,
        registration: Registration | None,
        months: "_Months",
        mark: Mark,
    ) -> list[Verdict]:
        if registration is not None and registration.revoked_on is None:
            return []
        inflows = [
            inflow
            for inflow in await self._positions.inflows(account, session=session)
            if _in_force(UNREGISTERED_MONEY, inflow.occurred_at)
        ]
        competent = None if registration is None else registration.competent_department
        about = _about_account(account)
        return [
            _verdict(about, UNREGISTERED_MONEY, month, breaches, competent, mark)
            for month in months.of([inflow.occurred_at for inflow in inflows])
            if (
                breaches := money_is_for_a_registered_institution(
                    registration, inflows, month=month
                )
            )
        ]

    def _is_banking_day(self, day: date) -> bool:
        return self._calendar.kind_of(day).working

    async def _institution_verdicts(
        self,
        session: Session,
        registration: Registration,
        accounts: tuple[Sequence[str], Sequence[str]],
        months: "_Months",
        mark: Mark,
    ) -> tuple[list[Verdict], date | None]:
        about = About("institution", registration.institution_id, registration.name)
        every, custody = accounts
        orders = [
            order
            for order in await self._positions.orders(every, session=session)
            if _in_force(OVER_COLLECTION, order.occurred_at)
        ]
        found = {
            month: over_collection(orders, month=month)
            for month in months.of([order.occurred_at for order in orders])
        }
        totals = await self._positions.day_totals(custody, session=session)
        short = [
            position
            for position in shortfalls(
                totals, today=months.today, is_banking_day=self._is_banking_day
            )
            if FUND_COVERAGE.article.applies_on(position.day)
        ]
        days = [position.day for position in short]
        outflows = await self._positions.outflows_by_day(custody, days, session=session)
        coverage = coverage_by_month(short, outflows)
        competent = registration.competent_department
        verdicts = [
            _verdict(about, OVER_COLLECTION, month, breaches, competent, mark)
            for month, breaches in found.items()
            if breaches
        ] + [
            _verdict(about, FUND_COVERAGE, month, breaches, competent, mark)
            for month, breaches in coverage.items()
            if months.judged(month)
        ]
        return verdicts, _look_again_on(short, months.today)


class _Months:
    """The windows that one judging looks at."""

    def __init__(self, first: str, now: datetime) -> None:
        self._first = first
        self.today = city_date(now)

    def judged(self, month: str) -> bool:
        return month >= self._first

    def of(self, moments: Sequence[datetime]) -> list[str]:
        found = {month_of(city_date(moment)) for moment in moments}
        return sorted(month for month in found if self.judged(month))

    @property
    def windows(self) -> tuple[str, ...] | None:
        """Return every window up to today, or nothing where all are judged."""
        if self._first == FROM_THE_BEGINNING:
            return None
        year, month = (int(part) for part in self._first.split("-"))
        last = month_of(self.today + timedelta(days=31))
        found: list[str] = []
        while (name := f"{year:04d}-{month:02d}") <= last:
            found.append(name)
            year, month = (year + 1, 1) if month == 12 else (year, month + 1)  # noqa: PLR2004 - December
        return tuple(found)


def _scope(
    accounts: dict[str, str],
    registration: Registration | None,
    months: _Months,
    verdicts: Sequence[Verdict],
) -> Scope | None:
    abouts = [_about_account(account) for account in accounts]
    if registration is not None:
        abouts.append(About("institution", registration.institution_id, registration.name))
    if not abouts:
        return None
    rules = (OVER_COLLECTION.code, FUND_COVERAGE.code, UNREGISTERED_MONEY.code)
    windows = months.windows
    if windows is not None:
        windows = tuple({*windows, *(verdict.window for verdict in verdicts)})
    return Scope(abouts=tuple(abouts), rules=rules, windows=windows)


def _look_again_on(short: Sequence[Shortfall], today: date) -> date | None:
    """A shortfall that stands today is judged again when the day has ended."""
    standing = bool(short) and short[-1].day >= today
    return today + timedelta(days=1) if standing else None


def _in_force(rule: RuleCard, moment: datetime) -> bool:
    """A rule judges what happened while its article was in force."""
    return rule.article.applies_on(city_date(moment))


def _about_account(account: str) -> About:
    bank, _, account_no = account.partition("|")
    return About("account", f"{bank}/{account_no}", f"{bank} {account_no}")


def _conflict(ids: Sequence[str]) -> Breach:
    message = f"本月有{len(ids)}个事件以已用过的交易标识报送了不同内容，均未入账"
    return Breach("yellow", message, tuple(sorted(ids)), {"conflicts": len(ids)})


def _verdict(
    about: About,
    rule: RuleCard,
    month: str,
    breaches: Sequence[Breach],
    competent: str | None,
    mark: Mark,
) -> Verdict:
    facts = RuleFacts.of(rule)
    findings = tuple(
        Finding(rule=facts, level=b.level, message=b.message, figures=b.figures, events=b.events)
        for b in breaches
    )
    return Verdict(
        about=about,
        rule=facts,
        window=month,
        findings=findings,
        route=route(rule.code, competent=competent) if findings else None,
        causes=mark.causes,
    )
