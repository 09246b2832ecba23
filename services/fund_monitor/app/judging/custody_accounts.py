"""Judge the accounts of an institution: how many, how named, filed, frozen, closed, begun."""

from collections.abc import Mapping, Sequence
from datetime import date

from services.fund_monitor.app.judging.assessor import (
    Assessment,
    Subject,
    about_account,
    verdicts_by_month,
)
from services.fund_monitor.domain.custody.custody import Filing
from services.fund_monitor.domain.rules.account_outflows import (
    CLOSED_ACCOUNT_OUTFLOW,
    FROZEN_ACCOUNT_OUTFLOW,
    closed_account_pays_nothing,
    frozen_money_stays,
)
from services.fund_monitor.domain.rules.accounts import (
    ACCOUNT_FROZEN,
    ACCOUNT_NAME,
    ACCOUNT_UNFILED,
    CLOSED_ACCOUNT_INFLOW,
    FILING_DAYS,
    OPENING_BALANCE,
    SECOND_ACCOUNT,
    ByMonth,
    Filed,
    FilingPeriod,
    KnownAccount,
    account_bears_its_institutions_name,
    account_is_filed_in_time,
    account_is_not_frozen,
    closed_account_takes_no_money,
    filing_begins_on,
    institution_has_one_account,
    opening_balance_is_as_confirmed,
)
from services.fund_monitor.store.custody.filings import FilingStore
from services.fund_monitor.store.ledger.account_events import AccountEventStore
from services.fund_monitor.store.ledger.positions import PositionStore
from shared.alerts.model import Verdict
from shared.city_time import city_date
from shared.mongo import Session
from shared.working_days import WorkingDays


class CustodyAccountsAssessor:
    """Looks at every opened account, and at what the institution has filed."""

    rules = (
        SECOND_ACCOUNT,
        ACCOUNT_NAME,
        ACCOUNT_UNFILED,
        ACCOUNT_FROZEN,
        FROZEN_ACCOUNT_OUTFLOW,
        CLOSED_ACCOUNT_INFLOW,
        CLOSED_ACCOUNT_OUTFLOW,
        OPENING_BALANCE,
    )

    def __init__(
        self,
        positions: PositionStore,
        filings: FilingStore,
        events: AccountEventStore,
        calendar: WorkingDays,
    ) -> None:
        self._positions = positions
        self._filings = filings
        self._events = events
        self._calendar = calendar

    async def assess(self, subjects: Sequence[Subject], session: Session) -> list[Assessment]:
        """Judge the accounts of institutions, of which most have nothing to tell."""
        keys = [key for subject in subjects for key in subject.accounts]
        known = await self._events.known(keys, session=session)
        owners = [one.registration.institution_id for one in subjects if one.registration]
        filings = await self._filings.of_institutions(owners, session=session)
        return [await self._one(each, known, filings, session) for each in subjects]

    async def _one(
        self,
        subject: Subject,
        known: Mapping[str, tuple[KnownAccount, bool]],
        filings: Mapping[str, Sequence[Filing]],
        session: Session,
    ) -> Assessment:
        mine = [known[key] for key in sorted(subject.accounts) if key in known]
        found: list[Verdict] = []
        for account, deducted in mine:
            found += await self._money(subject, account, session, deducted=deducted)
        registration, about = subject.registration, subject.about
        if registration is None or about is None:
            return Assessment(found)
        filed = filings[registration.institution_id]
        accounts = [account for account, _ in mine]
        second = institution_has_one_account(accounts, replaced=_replaced(filed))
        found += verdicts_by_month(subject, SECOND_ACCOUNT, about, second)
        due = []
        for account in accounts:
            more, look_again_on = self._filed(subject, account, filed, registration.name)
            found += more
            due += [] if look_again_on is None else [look_again_on]
        return Assessment(found, min(due, default=None))

    async def _money(
        self, subject: Subject, account: KnownAccount, session: Session, *, deducted: bool
    ) -> list[Verdict]:
        about, since = about_account(account.key), subject.windows.since
        taken = []
        if deducted:
            taken = await self._positions.judicial_deductions(account.key, since, session=session)
        return [
            *verdicts_by_month(
                subject, ACCOUNT_FROZEN, about, account_is_not_frozen(account, taken)
            ),
            *await self._while_frozen(subject, account, session),
            *await self._once_closed(subject, account, session),
        ]

    async def _while_frozen(
        self, subject: Subject, account: KnownAccount, session: Session
    ) -> list[Verdict]:
        """Look at the money since the first freeze that reaches into what is judged."""
        since = subject.windows.since
        begun = [
            city_date(freeze.by.occurred_at)
            for freeze in account.standing.freezes
            if freeze.ended_at is None or city_date(freeze.ended_at) >= since
        ]
        if not begun:
            return []
        balance_fen, movements = await self._positions.movements(
            account.key, min(begun), session=session
        )
        found = frozen_money_stays(account, movements, balance_fen=balance_fen)
        return verdicts_by_month(subject, FROZEN_ACCOUNT_OUTFLOW, about_account(account.key), found)

    async def _once_closed(
        self, subject: Subject, account: KnownAccount, session: Session
    ) -> list[Verdict]:
        about, closed = about_account(account.key), account.standing.closed
        if closed is None:
            return []
        since = max(subject.windows.since, city_date(closed.occurred_at))
        inflows = await self._positions.inflows(account.key, since, session=session)
        _, movements = await self._positions.movements(account.key, since, session=session)
        paid_in = closed_account_takes_no_money(account, inflows)
        paid_out = closed_account_pays_nothing(account, movements)
        return [
            *verdicts_by_month(subject, CLOSED_ACCOUNT_INFLOW, about, paid_in),
            *verdicts_by_month(subject, CLOSED_ACCOUNT_OUTFLOW, about, paid_out),
        ]

    def _filed(
        self, subject: Subject, account: KnownAccount, filings: Sequence[Filing], name: str
    ) -> tuple[list[Verdict], date | None]:
        about = about_account(account.key)
        named = account_bears_its_institutions_name(account, name)
        found = verdicts_by_month(subject, ACCOUNT_NAME, about, named)
        filed = Filed.of(filings)
        if filed is None:
            return found, None
        late, due_on = self._in_time(subject, account, filed)
        found += verdicts_by_month(subject, ACCOUNT_UNFILED, about, late)
        for filing in filings:
            if filing.content.account == account.key and filing.opening is not None:
                differs = opening_balance_is_as_confirmed(account, filing.opening.amount_fen)
                found += verdicts_by_month(subject, OPENING_BALANCE, about, differs)
        return found, due_on

    def _in_time(
        self, subject: Subject, account: KnownAccount, filed: Filed
    ) -> tuple[ByMonth, date | None]:
        begun = filing_begins_on(account, filed)
        if begun is None:
            return {}, None
        deadline = self._calendar.deadline(begun, days=FILING_DAYS)
        period = FilingPeriod(begun, deadline.at, deadline.provisional)
        # Also while provisional: when the notice is loaded by then, the period is counted anew.
        waits = subject.now < deadline.at and account.key not in filed.on
        found = account_is_filed_in_time(account, filed, period, now=subject.now)
        return found, period.over_on if waits else None


def _replaced(filings: Sequence[Filing]) -> frozenset[str]:
    """Return the accounts that a filed change replaces."""
    ids = {filing.content.replaces for filing in filings if filing.counts}
    accounts = (filing.content.account for filing in filings if filing.account_id in ids)
    return frozenset(account for account in accounts if account is not None)
