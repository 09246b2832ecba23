"""Banks' feeds are followed: which numbers are missing, which balances do not follow or agree."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date, datetime
from typing import Final

from services.fund_monitor.domain.banks.feed import USUAL_GRACE, FeedDeclaration, declared_on
from services.fund_monitor.domain.banks.feed_chain import Carried, balances_differ, chain
from services.fund_monitor.domain.rules.limits import EXPLAIN_WORKING_DAYS
from services.fund_monitor.domain.statements.reconciliation import ACCOUNT_KINDS, Difference
from services.fund_monitor.store.banks.feed_days import AccountDay, FeedDayStore
from services.fund_monitor.store.banks.feed_declarations import FeedDeclarationBook
from services.fund_monitor.store.banks.feeds_followed import FeedsFollowed
from services.fund_monitor.store.statements.difference_rows import Place
from services.fund_monitor.store.statements.differences import DifferenceStore
from shared.city_time import city_date
from shared.mongo import Row
from shared.working_days import WorkingDays

_PAUSE_SECONDS: Final = 2.0
_FEED: Final = "feed"


class FeedFollower:
    """Looks at what was posted since; it may run beside itself and again."""

    def __init__(  # noqa: PLR0913 - what it reads, what it writes, and two clocks
        self,
        followed: FeedsFollowed,
        days: FeedDayStore,
        declarations: FeedDeclarationBook,
        differences: DifferenceStore,
        *,
        calendar: WorkingDays,
        now: Callable[[], datetime],
        waiting: Callable[[], Awaitable[int]],
    ) -> None:
        self._followed = followed
        self._days = days
        self._declarations = declarations
        self._differences = differences
        self._calendar = calendar
        self._now = now
        self._waiting = waiting

    async def run(self) -> None:
        """Follow for as long as the service runs."""
        while True:
            await self.look()
            await asyncio.sleep(_PAUSE_SECONDS)

    async def look(self) -> None:
        """Follow every declared feed to its end, and tell what has waited long enough.

        Nothing is told while events wait to be posted: what is missing may lie with us.
        """
        banks = await self._followed.banks()
        if not banks:
            return
        quiet = await self._waiting() == 0
        for bank in banks:
            await self._follow(bank)
            await self._ask_for_balances(bank)
        while await self._look_at_one():
            pass
        if quiet and await self._followed.caught_up():
            ours = await self._followed.held_by_us()
            while await self._differences.ripen(self._calendar, ours=ours, now=self._now()):
                pass

    async def _follow(self, bank: str) -> None:
        while True:
            declarations = await self._declarations.of_bank(bank)
            if not await self._followed.follow(bank, declarations, now=self._now()):
                return

    async def _ask_for_balances(self, bank: str) -> None:
        """Once its hour has passed, look at every open account of a day: has its balance come?"""
        now = self._now()
        declarations = await self._declarations.of_bank(bank)
        for day in await self._followed.days_to_ask_for(bank, city_date(now)):
            until = self._expected_at(declared_on(declarations, day), day)
            if until is None:
                await self._followed.ask_for(bank, day, ())
                continue
            if now < until:
                return
            accounts = await self._days.open_accounts(bank, until)
            await self._followed.ask_for(bank, day, accounts)

    def _expected_at(self, declared: FeedDeclaration | None, day: date) -> datetime | None:
        kind = self._calendar.banking_kind_of(day)
        # Nobody is missed on a day that may turn out to be free.
        working = kind.working and not kind.provisional
        return None if declared is None else declared.expected_at(day, working=working)

    async def _missing(
        self, account: str, declared: FeedDeclaration | None, day: date
    ) -> list[Difference]:
        until = self._expected_at(declared, day)
        if until is None or self._now() < until or not await self._days.is_open(account, until):
            return []
        return [Difference("balance_missing", None, None)]

    async def _look_at_one(self) -> bool:
        row = await self._days.stale()
        if row is None:
            return False
        day = date.fromisoformat(row["day"])
        declared = declared_on(await self._declarations.of_bank(row["bank"]), day)
        seen = await self._days.read(row["account"], day)
        found, carried = _differences(seen, declared)
        if not seen.told:
            found += await self._missing(row["account"], declared, day)
        ours_fen = seen.ours_fen + sum(one.fen for one in seen.movements)
        await self._settle(row, found, declared)
        await self._days.looked_at(row, carried, ours_fen)
        return True

    async def _settle(
        self, row: Row, found: list[Difference], declared: FeedDeclaration | None
    ) -> None:
        now = self._now()
        place = Place(
            row["bank"],
            row["account"],
            date.fromisoformat(row["day"]),
            _FEED,
            kinds=ACCOUNT_KINDS,
            grace=USUAL_GRACE if declared is None else declared.grace,
        )
        due = self._calendar.deadline(city_date(now), days=EXPLAIN_WORKING_DAYS)
        await self._differences.settle(place, found, due=due, now=now)


def _differences(
    seen: AccountDay, declared: FeedDeclaration | None
) -> tuple[list[Difference], Carried]:
    """Return what does not agree on an account's day, and whose it is to explain."""
    moments = {one.event: one.at for one in seen.movements}
    moments |= {one.event: one.at for one in seen.told}
    found = balances_differ(seen.ours_fen, seen.movements, seen.told)
    carried = Carried()
    if declared is not None and declared.balance_after:
        if seen.carried.at is not None:
            moments[seen.carried.event or ""] = seen.carried.at
        broken, carried = chain(seen.carried, seen.movements)
        found += broken
    return [_owned(one, seen, moments) for one in found], carried


def _owned(found: Difference, seen: AccountDay, moments: dict[str, datetime]) -> Difference:
    """Name us where money that we know and have not posted lies before what does not agree."""
    until = moments[found.event or ""]
    since = moments.get(found.line or "")
    ours = any(at <= until and (since is None or at >= since) for at in seen.unposted)
    return replace(found, owner="fund_monitor") if ours else found
