"""Late, shuffled and repeated: whatever the order, the same balances, outcomes and alerts."""

import random
from collections.abc import Callable
from typing import Any

import pytest

from shared.access.tokens import Verifier
from shared.mongo import Database
from tests.support.fund import (
    Event,
    FundMonitor,
    an_institution,
    at,
    fund_monitor,
    money,
    opened,
)
from tests.support.servers import NatsServer

pytestmark = [pytest.mark.integration, pytest.mark.timeout(120)]

PUPIL = "stu_" + "a" * 26


def a_term() -> list[Event]:
    """Return a term with everything that could depend on order."""
    return [
        opened(),
        opened(serial_no="open-again", occurred_at=at("02-20"), code="91330481MA00000000"),
        money("opening_balance", "ob", 1_000_000, occurred_at=at("02-16")),
        money("opening_balance", "ob-late", 7, occurred_at=at("02-17")),
        money("opening_balance", "ob-early", 2_000_000, occurred_at=at("02-15")),
        money("reversal", "rev-ob", 1_000_000, reverses_serial_no="ob", occurred_at=at("03-01")),
        money("deposit", "d1", 500_000, lessons="61", student_ref=PUPIL),
        money("deposit", "d2", 300_000, lessons="40", student_ref=PUPIL, occurred_at=at("03-09")),
        money("deposit", "d3", 9_000_000, lessons="20", occurred_at=at("03-10")),
        money("deposit", "gone", 800_000, lessons="99", occurred_at=at("04-10")),
        money("reversal", "rev", 800_000, reverses_serial_no="gone", occurred_at=at("04-20")),
        money("reversal", "rev2", 800_000, reverses_serial_no="gone", occurred_at=at("04-19")),
        money("reversal", "rev3", 800_001, reverses_serial_no="gone", occurred_at=at("04-18")),
        money("reversal", "rev4", 800_000, reverses_serial_no="rev", occurred_at=at("04-21")),
        money("reversal", "orphan", 5, reverses_serial_no="never", occurred_at=at("04-21")),
        money("withdrawal", "w", 6_000_000, occurred_at=at("05-07")),
        money("interest", "i", 321, occurred_at=at("05-08")),
        money("deposit", "strange", 5, account_no="B9"),
    ]


async def picture(fund: FundMonitor) -> dict[str, Any]:
    outcomes = {
        event["serial_no"]: (event["state"], event["reason"])
        async for event in fund.db["events"].find()
    }
    summary = await fund.summary()
    account = (await fund.read("/v1/banks/alpha/accounts/A1")).json()
    return {
        "outcomes": outcomes,
        "alerts": await fund.standing(),
        "account": account,
        "events": summary["events"],
        "ledger": summary["ledger"],
    }


class TestAnyOrder:
    async def test_gives_the_same_picture(
        self,
        mongo: Any,
        database: Database,
        bus: NatsServer,
        access: Verifier,
        token: Callable[..., str],
    ):
        del mongo
        pictures = []
        for seed in range(5):
            db = database.client[f"{database.name}{seed}"]
            async with fund_monitor(db, bus, access, token, workers=1 + seed % 2) as fund:
                await fund.add_bank("alpha")
                pictures.append(await self._run(fund, seed))
            await database.client.drop_database(db.name)

        first, *others = pictures
        for other in others:
            assert other == first
        assert first["ledger"]["balanced"]
        assert first["outcomes"]["ob-early"][0] == "posted"
        assert first["outcomes"]["rev-ob"][0] == "set_aside"
        assert first["outcomes"]["rev2"][0] == "posted"
        assert first["account"]["balance_fen"] == 2_000_000 + 9_800_000 - 6_000_000 + 321
        assert {(a[1], a[2], a[3]) for a in first["alerts"]} == {
            ("fund.over_collection", "2026-03", "red"),
            ("fund.coverage", "2026-05", "red"),
            ("fund.coverage", "2026-06", "red"),
        }
        assert {a[4] for a in first["alerts"]} == {"culture_tourism_sports"}

    async def _run(self, fund: FundMonitor, seed: int) -> dict[str, Any]:
        order = random.Random(seed)  # noqa: S311 - a shuffle, not a secret
        events = a_term() + a_term()[4:9]
        if seed:
            order.shuffle(events)
        early = seed % 2 == 0
        if early:
            await fund.institutions.take(an_institution())
        size = 1 + seed * 3 if seed else len(events)
        for start in range(0, len(events), size):
            await fund.accepted(events[start : start + size])
            if order.random() < 0.5:
                await fund.settled()
        if not early:
            await fund.settled()
            await fund.institutions.take(an_institution())
        await fund.settled()
        return await picture(fund)


class TestParked:
    async def test_waits_for_the_account_and_is_posted_when_it_opens(self, fund: FundMonitor):
        await fund.accepted([money("deposit", "d1")])
        await fund.settled()
        before = await fund.event("d1")
        await fund.accepted([opened()])
        await fund.settled()

        assert before["status"] == "parked"
        assert "尚未开立" in before["reason"]
        assert (await fund.event("d1"))["status"] == "posted"
        assert await fund.balance("A1") == 1_000

    async def test_a_reversal_waits_for_its_original(self, fund: FundMonitor):
        await fund.accepted([opened(), money("reversal", "r", reverses_serial_no="d1")])
        await fund.settled()
        before = await fund.event("r")
        await fund.accepted([money("deposit", "d1")])
        await fund.settled()

        assert before["status"] == "parked"
        assert (await fund.event("r"))["status"] == "posted"
        assert await fund.balance("A1") == 0


class TestRegistryState:
    async def test_an_alert_the_record_no_longer_supports_is_superseded(self, fund: FundMonitor):
        await fund.accepted([opened(), money("deposit", "d1")])
        await fund.settled()
        before = await fund.standing()
        await fund.institutions.take(an_institution())
        await fund.settled()

        assert {(a[0], a[1], a[4]) for a in before} == {
            ("alpha/A1", "fund.unregistered_money", "education")
        }
        assert await fund.standing() == set()

    async def test_money_after_revocation_is_red_for_the_competent_department(
        self, fund: FundMonitor
    ):
        await fund.institutions.take(an_institution(2, status="revoked", revoked_on="2026-03-02"))
        before = money("deposit", "d0", occurred_at=at("03-01", "23:59:59"))
        await fund.accepted([opened(), before])
        await fund.settled()
        assert await fund.standing() == set()

        await fund.accepted([money("deposit", "d1", occurred_at=at("03-02", "00:00:00"))])
        await fund.settled()

        [alert] = await fund.standing()
        assert alert[2:] == ("2026-03", "red", "culture_tourism_sports")


class TestDatesInForce:
    """Plan, task 24, in force from 2021-07-24."""

    async def test_what_happened_before_a_rule_is_not_judged_by_it(self, fund: FundMonitor):
        await fund.institutions.take(an_institution())
        days = {"before": "2021-07-23T23:59:59+08:00", "on": "2021-07-24T00:00:00+08:00"}
        payments = [
            money("deposit", name, 500_000, lessons="61", occurred_at=moment)
            for name, moment in days.items()
        ]

        await fund.accepted([opened(), payments[0]])
        await fund.settled()
        before = await fund.standing()
        await fund.accepted([payments[1]])
        await fund.settled()

        assert before == set()
        assert {a[1:4] for a in await fund.standing()} == {
            ("fund.over_collection", "2021-07", "yellow")
        }


class TestOverCollection:
    """Plan, task 24: what is open of one pupil, as payments and releases say together."""

    async def test_ends_with_a_release_that_is_told_late_and_begins_again_without_it(
        self, fund: FundMonitor
    ):
        await fund.institutions.take(an_institution())
        paid = [
            money(
                "deposit", f"d{day}", 500_000, lessons="50", contract_no="C1", occurred_at=at(day)
            )
            for day in ("03-02", "03-20")
        ]
        await fund.accepted([opened(), *paid])
        await fund.settled()
        before = await fund.standing()

        taught = {"contract_no": "C1", "lessons": "20", "occurred_at": at("03-10")}
        await fund.accepted([money("release", "r", 200_000, **taught)])
        await fund.settled()
        eased = await fund.standing()

        back = {"reverses_serial_no": "r", "occurred_at": at("03-11")}
        await fund.accepted([money("reversal", "x", 200_000, **back)])
        await fund.settled()

        red = ("fund.over_collection", "2026-03", "red")
        assert {a[1:4] for a in before} == {red}
        assert eased == set()
        assert {a[1:4] for a in await fund.standing()} == {red}
