"""Statements are held against the journal: after they come in, and again when anything changes."""

import asyncio
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime

from services.fund_monitor.domain.rules.limits import EXPLAIN_WORKING_DAYS
from services.fund_monitor.domain.statements.reconciliation import Match, Outcome, reconcile
from services.fund_monitor.store.statements.compared import ComparedStore
from services.fund_monitor.store.statements.difference_rows import Place
from services.fund_monitor.store.statements.differences import DifferenceStore
from shared.city_time import city_date
from shared.clock import machine_now
from shared.mongo import Row
from shared.working_days import WorkingDays

_FOLLOW_SECONDS = 5.0


class Reconciler:
    """Compares what waits, account by account; it may run beside itself and again."""

    def __init__(
        self,
        compared: ComparedStore,
        differences: DifferenceStore,
        *,
        calendar: WorkingDays,
        now: Callable[[], datetime],
    ) -> None:
        self._compared = compared
        self._differences = differences
        self._calendar = calendar
        self._now = now

    async def run(self) -> None:
        """Follow the journal and compare what waits, for as long as the service runs."""
        while True:
            await self.follow()
            while await self.reconcile_one():
                pass
            await asyncio.sleep(_FOLLOW_SECONDS)

    async def follow(self) -> int:
        """Let statements wait again of which something was posted since it was last asked."""
        return await self._compared.follow(machine_now=machine_now())

    async def reconcile_one(self) -> bool:
        """Compare one statement that waits; ``False`` when none does."""
        statement = await self._compared.stale()
        if statement is None:
            return False
        now = self._now()
        bank, day = statement["bank"], date.fromisoformat(statement["day"])
        counts: Counter[str] = Counter()
        accounts = await self._compared.accounts(statement)
        accounts.update(await self._differences.accounts_of(bank, day))
        for account in sorted(accounts):
            place = Place(bank, account, day, statement["_id"])
            counts.update(await self._account(place, now=now))
        await self._compared.compared(statement, dict(counts), now=now)
        return True

    async def _account(self, place: Place, *, now: datetime) -> Row:
        lines = await self._compared.lines(place.account, place.bank, place.day)
        events = await self._compared.reported(place.account, place.day)
        outcome = reconcile(lines, events, day=place.day)
        due = self._calendar.deadline(city_date(now), days=EXPLAIN_WORKING_DAYS)
        await self._differences.settle(place, outcome.differences, due=due, now=now)
        return _counts(outcome)


def _counts(outcome: Outcome) -> Row:
    counts = Counter(_shape(match) for match in outcome.matches)
    counts.update(one.kind for one in outcome.differences)
    counts["untried_accounts"] += outcome.untried
    return dict(counts)


def _shape(match: Match) -> str:
    if len(match.lines) > 1:
        return "many_to_one"
    return "one_to_many" if len(match.events) > 1 else "one_to_one"
