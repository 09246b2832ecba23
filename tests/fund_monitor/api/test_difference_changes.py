"""A bank is told what becomes of its differences: signed, in order, again from a cursor."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from services.fund_monitor.app.statements.reconcile import Reconciler
from services.fund_monitor.app.statements.tell_overdue import OverdueTeller
from services.fund_monitor.store.banks.told import DIFFERENCE_STREAM
from services.fund_monitor.store.statements.compared import ComparedStore
from services.fund_monitor.store.statements.differences import DifferenceStore
from shared.cancelling import ended
from shared.working_days import WorkingDays
from tests.support.audit import audit_log
from tests.support.fund import SEEN_AT, FundMonitor, money, opened
from tests.support.receiver import LOOPBACK, Receiver, receiver
from tests.support.telling import due, tell_once, telling
from tests.support.waiting import until

pytestmark = [pytest.mark.integration, pytest.mark.timeout(90)]

ALPHA = {"role": "bank", "bank": "alpha"}
MAPPING = {"serial_no": "流水号", "account_no": "账号", "booked_on": "日期", "amount": "金额"}
URL = "/v1/banks/alpha/webhook"
CHANGES = "/v1/banks/alpha/difference-changes"
Told = dict[str, Any]


class Bank:
    """The bank alpha, its statements, and the loops that compare them and look at clocks."""

    def __init__(self, fund: FundMonitor) -> None:
        self.fund = fund
        self.now = SEEN_AT
        self.differences = DifferenceStore(fund.db, audit_log(fund.db))
        self.reconciler = Reconciler(
            ComparedStore(fund.db),
            self.differences,
            calendar=WorkingDays(),
            now=lambda: self.now,
        )

    async def states(self, *rows: tuple[str, str]) -> None:
        """Send a statement of the day and have it compared."""
        lines = [f"{serial},A1,2026-03-02,{yuan}" for serial, yuan in rows]
        answer = await self.fund.client.put(
            "/v1/banks/alpha/statements/2026-03-02",
            content="\n".join(["流水号,账号,日期,金额", *lines]).encode(),
            headers=self.fund.bearer(**ALPHA),
        )
        assert answer.status_code == 200, answer.text
        await self.compares()

    async def compares(self) -> None:
        await self.fund.settled()
        await self.fund.db["statements"].update_many({}, {"$inc": {"stale": 1}})
        while await self.reconciler.reconcile_one():
            pass

    async def explains(self, difference_id: str) -> None:
        answer = await self.fund.client.post(
            f"/v1/banks/alpha/differences/{difference_id}/answer",
            json={"state": "explained", "reason": "次日补报"},
            headers=self.fund.bearer(**ALPHA),
        )
        assert answer.status_code == 200, answer.text

    async def listens(self, hook: Receiver, **more: Any) -> str:
        answer = await self.fund.client.put(
            URL, json={"url": hook.url(), **more}, headers=self.fund.bearer(**ALPHA)
        )
        assert answer.status_code == 200, answer.text
        return str(answer.json()["secret"])

    async def behind(self) -> int:
        shown = (await self.fund.read(URL, **ALPHA)).json()
        return int(shown["differences"]["behind"])

    async def changes(self, after: str | None = None, *, expected: int = 0) -> list[Told]:
        """Read what is told, once so many are numbered."""
        query = "?limit=1000" + ("" if after is None else f"&after={after}")

        async def there() -> bool:
            page = (await self.fund.read(CHANGES + query, **ALPHA)).json()
            return len(page["differences"]) >= expected

        await until(there)
        return list((await self.fund.read(CHANGES + query, **ALPHA)).json()["differences"])


@pytest.fixture
async def hook() -> AsyncIterator[Receiver]:
    async with receiver() as taking:
        yield taking


@pytest.fixture
async def bank(fund: FundMonitor) -> Bank:
    fund.app.state.rooms = replace(fund.app.state.rooms, webhook_addresses=LOOPBACK)
    answer = await fund.client.put(
        "/v1/banks/alpha/statement-mapping", json=MAPPING, headers=fund.bearer(role="bank_admin")
    )
    assert answer.status_code == 200, answer.text
    await fund.accepted([opened(), money("deposit", "d1")])
    # A statement is read by the accounts that have been posted.
    await fund.settled()
    return Bank(fund)


def words(told: list[Told]) -> list[str]:
    return [one["change"] for one in told]


def posted(hook: Receiver, secret: str) -> list[Told]:
    return [one for body in hook.read(secret) for one in body["data"]["differences"]]


def given(change: Told) -> Told:
    return {name: value for name, value in change.items() if value is not None and name != "bank"}


class TestADifference:
    async def test_is_told_from_its_opening_to_its_end(self, bank: Bank):
        await bank.states(("d1", "10.00"), ("d2", "0.05"))
        [opening] = await bank.changes(expected=1)
        bank.now += timedelta(days=9)
        late = OverdueTeller(bank.differences, now=lambda: bank.now)
        looking = [asyncio.create_task(late.run()) for _ in range(2)]
        await bank.changes(expected=2)
        await ended(*looking)
        await bank.explains(opening["difference_id"])
        await bank.fund.accepted([money("deposit", "d2", 5)])
        await bank.compares()

        told = await bank.changes(expected=4)

        assert words(told) == ["opened", "overdue", "explained", "closed"]
        assert {one["difference_id"] for one in told} == {opening["difference_id"]}
        assert [one["state"] for one in told] == ["open", "open", "explained", "closed"]
        assert [one["overdue"] for one in told] == [False, True, False, False]
        assert (opening["kind"], opening["stated_fen"]) == ("statement_only", 5)
        assert told[2]["reason"] == "次日补报"
        found, late, _, closed = (datetime.fromisoformat(one["told_at"]) for one in told)
        assert (found, late, closed) == (SEEN_AT, bank.now, bank.now)

    async def test_that_begins_anew_has_lost_what_was_said_of_it(self, bank: Bank):
        await bank.states(("d1", "10.00"), ("d2", "0.05"))
        [opening] = await bank.changes(expected=1)
        await bank.explains(opening["difference_id"])

        await bank.states(("d1", "10.00"), ("d2", "0.07"))

        told = await bank.changes(expected=3)
        assert words(told) == ["opened", "explained", "opened"]
        assert [one.get("reason") for one in told] == [None, "次日补报", None]

    async def test_that_stays_the_same_is_told_once(self, bank: Bank):
        await bank.states(("d1", "10.00"), ("d2", "0.05"))
        await bank.compares()
        await bank.states(("d1", "10.00"), ("d2", "0.07"))

        told = await bank.changes(expected=2)

        assert words(told) == ["opened", "changed"]
        assert [one["stated_fen"] for one in told] == [5, 7]

    async def test_is_not_put_off_by_another_figure_each_day(self, bank: Bank):
        await bank.states(("d1", "10.00"), ("d2", "0.05"))
        bank.now += timedelta(days=2)
        await bank.states(("d1", "10.00"), ("d2", "0.07"))

        first, changed = await bank.changes(expected=2)

        assert (changed["found_at"], changed["due_at"]) == (first["found_at"], first["due_at"])

    async def test_is_its_banks_own(self, bank: Bank):
        others = bank.fund.bearer(role="bank", bank="beta")

        assert (await bank.fund.client.get(CHANGES, headers=others)).status_code == 403


class TestAnAddress:
    async def test_is_told_what_is_read_in_pages_by_two_workers_each_once(
        self, bank: Bank, hook: Receiver
    ):
        secret = await bank.listens(hook)
        async with telling(bank.fund, DIFFERENCE_STREAM, workers=2):
            await bank.states(("d1", "10.00"), *((f"x{n}", f"{n}.01") for n in range(1, 951)))
            read = await bank.changes(expected=950)
            await until(lambda: _none_behind(bank))

        bodies = hook.read(secret)
        assert posted(hook, secret) == [given(one) for one in read]
        assert [len(body["data"]["differences"]) for body in bodies] == [200] * 4 + [150]
        assert {body["type"] for body in bodies} == {"cn.haining.fund_monitor.bank-differences.v1"}
        assert len(hook.ids()) == len(set(hook.ids()))

    async def test_that_fails_is_told_the_same_page_again_and_nothing_is_skipped(
        self, bank: Bank, hook: Receiver
    ):
        hook.answers["hook"] = [500]
        secret = await bank.listens(hook)
        await bank.states(("d1", "10.00"), ("d2", "0.05"))
        [opening] = await bank.changes(expected=1)

        await tell_once(bank.fund, DIFFERENCE_STREAM)
        await bank.explains(opening["difference_id"])
        await bank.changes(expected=2)
        await due(bank.fund, DIFFERENCE_STREAM)
        await tell_once(bank.fund, DIFFERENCE_STREAM)
        await tell_once(bank.fund, DIFFERENCE_STREAM)

        first, again, rest = hook.read(secret)
        assert first == again
        assert hook.ids()[0] == hook.ids()[1] != hook.ids()[2]
        assert words(rest["data"]["differences"]) == ["explained"]
        assert await bank.behind() == 0

    async def test_is_told_again_from_a_cursor_and_its_outcomes_are_not(
        self, bank: Bank, hook: Receiver
    ):
        secret = await bank.listens(hook, differences_after="9999-12-31")
        await bank.states(("d1", "10.00"), ("d2", "0.05"))
        await bank.changes(expected=1)
        await tell_once(bank.fund, DIFFERENCE_STREAM)
        before = (await bank.fund.read(URL, **ALPHA)).json()

        answer = await bank.fund.client.post(
            f"{URL}/replay", json={"stream": "differences"}, headers=bank.fund.bearer(**ALPHA)
        )
        await tell_once(bank.fund, DIFFERENCE_STREAM)

        assert (before["differences"]["behind"], answer.json()["differences"]["behind"]) == (0, 1)
        assert answer.json()["next_cursor"] == before["next_cursor"]
        first, again = hook.read(secret)
        assert first == again
        assert len(set(hook.ids())) == 1

    async def test_that_is_gone_is_told_of_nothing_until_it_is_set_again(
        self, bank: Bank, hook: Receiver
    ):
        hook.answers["hook"] = [410]
        await bank.listens(hook)
        await bank.states(("d1", "10.00"), ("d2", "0.05"))
        await bank.changes(expected=1)
        await tell_once(bank.fund, DIFFERENCE_STREAM)
        stopped = (await bank.fund.read(URL, **ALPHA)).json()

        secret = await bank.listens(hook)
        await tell_once(bank.fund, DIFFERENCE_STREAM)

        assert "410" in stopped["disabled_because"]
        assert words(posted(Receiver(hook.port, hook.posts[1:]), secret)) == ["opened"]


async def _none_behind(bank: Bank) -> bool:
    shown = (await bank.fund.read(URL, **ALPHA)).json()["differences"]
    return shown["behind"] == 0 and shown["delivered_at"] is not None
