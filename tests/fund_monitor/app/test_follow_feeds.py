"""A declared feed is followed on real servers: gaps, chains and balances, and what mends them."""

import random
from datetime import timedelta

import pytest

from services.fund_monitor.app.banks.follow_feeds import FeedFollower
from services.fund_monitor.store.banks.feed_days import FeedDayStore
from services.fund_monitor.store.banks.feed_declarations import FeedDeclarationBook
from services.fund_monitor.store.banks.feed_gaps import FeedGapStore
from services.fund_monitor.store.banks.feeds_followed import FeedsFollowed
from services.fund_monitor.store.banks.numbering import Numberer
from services.fund_monitor.store.banks.told import OUTCOME_STREAM
from services.fund_monitor.store.statements.differences import DifferenceStore
from shared.dead_letters import DeadLetters, Letter
from shared.working_days import WorkingDays
from tests.support.audit import audit_log
from tests.support.fund import SEEN_AT, Event, FundMonitor, at, money, opened

pytestmark = [pytest.mark.integration, pytest.mark.timeout(120)]

DECLARED = {
    "valid_from": "2026-01-01",
    "numbering": "per_bank",
    "first_no": 2,
    "balance_after": True,
    "grace_minutes": 30,
}
BANK = {"role": "bank", "bank": "alpha"}


class Feed:
    """The bank alpha's feed, and what follows it by a clock of the test's own."""

    def __init__(self, fund: FundMonitor) -> None:
        self.fund = fund
        self.now = SEEN_AT
        self.waiting = 0
        differences = DifferenceStore(fund.db, audit_log(fund.db))
        self.follower = FeedFollower(
            FeedsFollowed(fund.db, FeedGapStore(fund.db, differences), differences),
            FeedDayStore(fund.db),
            FeedDeclarationBook(fund.db),
            differences,
            calendar=WorkingDays(),
            now=lambda: self.now,
            waiting=self._waiting,
        )

    async def _waiting(self) -> int:
        return self.waiting

    async def declare(self, **more: object) -> None:
        answer = await self.fund.client.put(
            "/v1/banks/alpha/feed",
            json={**DECLARED, **more},
            headers=self.fund.bearer(role="bank_admin"),
        )
        assert answer.status_code == 200, answer.text

    async def send(self, *events: Event) -> list[str]:
        statuses = await self.fund.accepted(list(events))
        await self.look()
        return statuses

    async def look(self, *, after: timedelta = timedelta(0)) -> None:
        """Let time pass, and look when everything sent is posted and numbered."""
        await self.fund.settled()
        while await Numberer(self.fund.db, OUTCOME_STREAM).number_once():
            pass
        self.now += after
        await self.follower.look()

    async def open(self, query: str = "?state=open") -> list[Event]:
        answer = await self.fund.read(f"/v1/banks/alpha/differences{query}", **BANK)
        assert answer.status_code == 200, answer.text
        return list(answer.json()["differences"])

    async def gaps(self, query: str = "?state=open") -> list[tuple[int, int]]:
        found = await self.open(f"{query}&kind=feed_gap")
        return sorted((one["first_no"], one["last_no"]) for one in found)


HALF_AN_HOUR = timedelta(minutes=30)


@pytest.fixture
async def feed(fund: FundMonitor) -> Feed:
    return Feed(fund)


def paid(number: int, fen: int = 100, *, after: int | None = None, **more: object) -> Event:
    told = {} if after is None else {"balance_after_fen": after}
    return money("deposit", f"d{number}", fen, feed_no=number, **told, **more)


class TestAGap:
    async def test_is_told_after_the_grace_and_closes_when_its_events_come(self, feed: Feed):
        await feed.declare()
        await feed.send(opened(feed_no=2), paid(4), paid(7))
        early = await feed.gaps()
        waiting = await feed.gaps("?state=waiting")
        await feed.look(after=HALF_AN_HOUR)
        told = await feed.gaps()
        [first, _] = await feed.open()

        await feed.send(paid(3), paid(6))

        assert (early, waiting, told) == ([], [(3, 3), (5, 6)], [(3, 3), (5, 6)])
        assert (first["owner"], first["due_at"]) == ("bank", "2026-07-03T16:00:00Z")
        assert await feed.gaps() == [(5, 5)]
        assert await feed.gaps("?state=closed") == [(3, 3)]

    async def test_is_not_told_while_events_wait_to_be_posted(self, feed: Feed):
        await feed.declare()
        await feed.send(opened(feed_no=2), paid(4))
        feed.waiting = 1
        await feed.look(after=2 * HALF_AN_HOUR)
        busy = await feed.gaps()
        feed.waiting = 0
        await feed.look()

        assert busy == []
        assert await feed.gaps() == [(3, 3)]

    async def test_is_ours_to_explain_while_a_message_of_the_bank_could_not_be_posted(
        self, feed: Feed
    ):
        await feed.declare()
        letter = Letter(
            durable="d",
            stream="BANK_INTAKE",
            sequence=9,
            subject="bank.intake.v1.0",
            body=b'{"bank": "alpha"}',
        )
        await DeadLetters(feed.fund.db).add(letter, ValueError("no batch"))
        await feed.send(opened(feed_no=2), paid(4))
        await feed.look(after=HALF_AN_HOUR)

        assert [one["owner"] for one in await feed.open()] == ["fund_monitor"]

    async def test_is_filled_by_a_refused_event_and_by_a_repeat_of_another_number(self, feed: Feed):
        await feed.declare()
        await feed.send(opened(feed_no=2), paid(6))
        await feed.send({**paid(3), "payer": "x"})
        statuses = await feed.send({**paid(6), "feed_no": 4}, {**paid(6), "feed_no": 6})
        await feed.look(after=HALF_AN_HOUR)

        assert statuses == ["duplicate", "duplicate"]
        assert await feed.gaps() == [(5, 5)]

    async def test_counts_each_account_for_itself_where_that_is_declared(self, feed: Feed):
        await feed.declare(numbering="per_account", first_no=1)
        other = {"account_no": "B2"}
        await feed.send(
            opened(feed_no=1),
            opened("B2", feed_no=1),
            paid(3),
            {**paid(2), **other},
            {**paid(4), **other},
        )
        await feed.look(after=HALF_AN_HOUR)

        found = await feed.open()
        assert sorted((one["account_no"], one["first_no"]) for one in found) == [
            ("A1", 2),
            ("B2", 3),
        ]

    async def test_ends_with_its_declaration_and_is_counted_anew(self, feed: Feed):
        await feed.declare()
        await feed.send(opened(feed_no=2), paid(5))
        await feed.look(after=HALF_AN_HOUR)
        before = await feed.gaps()
        await feed.declare(first_no=4)
        await feed.look()
        await feed.look(after=HALF_AN_HOUR)

        assert (before, await feed.gaps()) == ([(3, 4)], [(4, 4)])

    @pytest.mark.parametrize("seed", range(3))
    async def test_shuffled_repeated_and_late_the_true_ones_remain(self, feed: Feed, seed: int):
        order = random.Random(seed)  # noqa: S311 - a shuffle, not a secret
        await feed.declare(first_no=1, balance_after=False)
        events = [paid(number, occurred_at=at("03-02")) for number in range(2, 121)]
        lost = set(order.sample(range(2, 120), 30))
        sent = [opened(feed_no=1), *(one for one in events if one["feed_no"] not in lost)]
        sent += order.sample(sent, 20)
        order.shuffle(sent)
        for start in range(0, len(sent), 17):
            await feed.fund.accepted(sent[start : start + 17])
            if order.random() < 0.5:
                await feed.look(after=timedelta(minutes=order.choice([0, 20])))
        await feed.look(after=HALF_AN_HOUR)

        found = {number for first, last in await feed.gaps() for number in range(first, last + 1)}
        assert found == lost
        assert await feed.gaps("?state=waiting") == []


class TestANumber:
    async def test_of_two_events_is_a_difference_that_names_both(self, feed: Feed):
        await feed.declare()
        await feed.send(opened(feed_no=2), paid(3), paid(4))
        await feed.send({**paid(5), "feed_no": 3}, {**paid(4)})
        await feed.look()
        [difference] = await feed.open()
        await feed.send({**paid(5), "feed_no": 3})

        assert (difference["kind"], difference["first_no"]) == ("feed_no_reused", 3)
        assert (difference["event_before"], difference["event"]) == ("alpha|A1|d3", "alpha|A1|d5")
        assert (difference["owner"], difference["due_at"]) == ("bank", "2026-07-03T16:00:00Z")
        assert await feed.open() == [difference]

    async def test_of_an_event_that_had_another_before_is_a_difference(self, feed: Feed):
        await feed.declare()
        await feed.send(opened(feed_no=2), paid(3))
        await feed.send({**paid(3), "feed_no": 4})
        await feed.send({**paid(3), "feed_no": 4}, paid(3))

        found = await feed.open()

        assert [(one["kind"], one["event"]) for one in found] == [
            ("feed_no_changed", "alpha|A1|d3")
        ]
        assert [(one["first_no"], one["last_no"]) for one in found] == [(3, 4)]

    async def test_of_a_refused_event_is_left_to_the_corrected_one(self, feed: Feed):
        await feed.declare()
        await feed.send(opened(feed_no=2), {**paid(3), "payer": "x"})
        await feed.send(paid(3))

        assert await feed.open() == []

    async def test_is_an_accounts_own_where_that_is_declared(self, feed: Feed):
        await feed.declare(numbering="per_account", first_no=1)
        await feed.send(
            opened(feed_no=1), opened("B2", feed_no=1), paid(2), {**paid(2), "account_no": "B2"}
        )

        assert await feed.open() == []

    async def test_is_explained_once_and_found_again_by_another_declaration(self, feed: Feed):
        await feed.declare(balance_after=False)
        await feed.send(opened(feed_no=2), paid(3), {**paid(4), "feed_no": 3})
        [difference] = await feed.open()
        path = f"/v1/banks/alpha/differences/{difference['difference_id']}/answer"
        answer = await feed.fund.client.post(
            path,
            json={"state": "explained", "reason": "补记一笔"},
            headers=feed.fund.bearer(**BANK),
        )
        await feed.look()
        explained = await feed.open()
        await feed.declare(balance_after=False, grace_minutes=20)
        await feed.look()

        assert (answer.status_code, explained) == (200, [])
        assert [one["kind"] for one in await feed.open()] == ["feed_no_reused"]


class TestAChain:
    async def test_is_broken_by_a_missing_event_and_mended_when_it_comes(self, feed: Feed):
        await feed.declare(numbering="none")
        await feed.send(
            opened(),
            paid(1, after=100),
            paid(3, after=300, occurred_at=at("03-04")),
            paid(4, after=400, occurred_at=at("03-04", "10:00:00")),
        )
        early = await feed.open()
        await feed.look(after=HALF_AN_HOUR)
        [difference] = await feed.open()
        await feed.send(paid(2, after=200, occurred_at=at("03-03")))

        assert early == []
        assert (difference["kind"], difference["business_day"]) == ("chain_broken", "2026-03-04")
        assert (difference["event_before"], difference["event"]) == ("alpha|A1|d1", "alpha|A1|d3")
        assert (difference["stated_fen"], difference["reported_fen"]) == (300, 200)
        assert await feed.open() == []
        assert len(await feed.open("?state=closed")) == 1

    async def test_is_mended_by_a_late_reversal(self, feed: Feed):
        await feed.declare(numbering="none")
        await feed.send(opened(), paid(1, after=100), paid(2, after=100, occurred_at=at("03-04")))
        await feed.look(after=HALF_AN_HOUR)
        before = await feed.open()
        back = money(
            "reversal", "back", reverses_serial_no="d1", amount_fen=100, occurred_at=at("03-03")
        )
        await feed.send({**back, "balance_after_fen": 0})

        assert [one["kind"] for one in before] == ["chain_broken"]
        assert await feed.open() == []

    async def test_that_breaks_over_an_event_we_have_set_aside_is_ours_to_explain(self, feed: Feed):
        await feed.declare(numbering="none")
        wrong = money("reversal", "back", 99, reverses_serial_no="d1", occurred_at=at("03-03"))
        await feed.send(
            opened(), paid(1, after=100), wrong, paid(2, after=101, occurred_at=at("03-04"))
        )
        await feed.look(after=HALF_AN_HOUR)

        assert [one["owner"] for one in await feed.open()] == ["fund_monitor"]


class TestAToldBalance:
    async def test_differs_from_ours_until_the_missing_event_comes(self, feed: Feed):
        await feed.declare(numbering="none", balance_after=False)
        told = {
            "type": "balance",
            "serial_no": "b1",
            "account_no": "A1",
            "occurred_at": at("03-05", "20:00:00"),
            "balance_fen": 300,
        }
        await feed.send(opened(), paid(1), told)
        await feed.look(after=HALF_AN_HOUR)
        [difference] = await feed.open()
        await feed.send(paid(2, 200, occurred_at=at("03-03")))

        assert (difference["kind"], difference["event"]) == ("balance_differs", "alpha|A1|b1")
        assert (difference["stated_fen"], difference["reported_fen"]) == (300, 100)
        assert await feed.open() == []


class TestADailyBalance:
    async def test_is_missed_after_its_hour_and_closes_when_it_comes(self, feed: Feed):
        await feed.declare(numbering="none", balance_days="banking_days", balance_until="20:00")
        await feed.send(opened(), opened("B2"))
        told = {"type": "balance", "occurred_at": at("06-30", "17:59:00"), "balance_fen": 0}
        await feed.send({**told, "serial_no": "b1", "account_no": "A1"})
        await feed.look(after=timedelta(hours=3))
        early = await feed.open("?state=waiting")
        await feed.look(after=HALF_AN_HOUR)
        found = [(one["kind"], one["account_no"]) for one in await feed.open()]
        await feed.send({**told, "serial_no": "b2", "account_no": "B2"})

        assert [one["business_day"] for one in early] == ["2026-06-30"]
        assert found == [("balance_missing", "B2")]
        assert await feed.open() == []

    async def test_is_not_missed_on_a_rest_day_nor_on_one_that_may_be(self, feed: Feed):
        await feed.declare(numbering="none", balance_days="banking_days", balance_until="20:00")
        await feed.send(opened())
        feed.now = feed.now.replace(month=7, day=4, hour=13)
        await feed.look()
        feed.now = feed.now.replace(year=2027, month=12, day=20)
        await feed.fund.db["feeds_followed"].update_one({}, {"$set": {"asked_to": "2027-12-19"}})
        await feed.look()

        days = {one["business_day"] for one in await feed.open()}
        assert await feed.open("?state=waiting") == []
        assert days == {"2026-06-30", "2026-07-01", "2026-07-02", "2026-07-03"}


class TestADeclaration:
    async def test_is_read_by_the_bank_and_replaced_on_its_day(self, feed: Feed):
        await feed.declare()
        await feed.declare(numbering="none", balance_days="banking_days", balance_until="20:00")
        await feed.declare(valid_from="2027-01-01")

        seen = (await feed.fund.read("/v1/banks/alpha/feed", **BANK)).json()

        assert seen["in_force_from"] == "2026-01-01"
        assert [(one["valid_from"], one["numbering"]) for one in seen["declarations"]] == [
            ("2026-01-01", "none"),
            ("2027-01-01", "per_bank"),
        ]
        assert seen["declarations"][0]["balance_until"] == "20:00"

    @pytest.mark.parametrize(
        ("wrong", "pointer"),
        [
            ({"balance_days": "every_day"}, "/"),
            ({"balance_until": "25:00"}, "/balance_until"),
            ({"grace_minutes": -1}, "/grace_minutes"),
            ({"numbering": "per_branch"}, "/numbering"),
            ({"valid_from": "2026-02-30"}, "/valid_from"),
        ],
    )
    async def test_that_is_wrong_is_refused_by_its_field(
        self, feed: Feed, wrong: Event, pointer: str
    ):
        answer = await feed.fund.client.put(
            "/v1/banks/alpha/feed",
            json={**DECLARED, **wrong},
            headers=feed.fund.bearer(role="bank_admin"),
        )

        assert answer.status_code == 422, answer.text
        assert [one["pointer"] for one in answer.json()["errors"]] == [pointer]

    async def test_of_a_bank_that_is_none_is_not_found(self, feed: Feed):
        answer = await feed.fund.read("/v1/banks/nobody/feed")

        assert answer.status_code == 404
