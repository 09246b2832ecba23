from datetime import date

import pytest

from shared.alerts.desk import Act
from shared.alerts.digest import next_digest
from shared.alerts.handling import Ending, Receipt
from shared.timers import Timer
from shared.working_days import WorkingDays
from tests.shared.alerts.builders import (
    LEAD,
    NOW,
    PBOC,
    a_finding,
    a_verdict,
    an_institution,
    in_city,
)

CALENDAR = WorkingDays()
# NOW is Tuesday 31 March, 18:00 in the city.
NEXT = in_city(2026, 4, 1, 8, 30)


class TestNextDigest:
    @pytest.mark.parametrize(
        ("now", "then"),
        [
            (in_city(2026, 3, 31, 8, 29, 59), in_city(2026, 3, 31, 8, 30)),
            (in_city(2026, 3, 31, 8, 30), in_city(2026, 4, 1, 8, 30)),
            (in_city(2026, 4, 3, 9), in_city(2026, 4, 7, 8, 30)),
            (in_city(2026, 2, 13, 9), in_city(2026, 2, 14, 8, 30)),
            (in_city(2026, 2, 14, 9), in_city(2026, 2, 24, 8, 30)),
            (in_city(2027, 2, 5, 9), in_city(2027, 2, 8, 8, 30)),
        ],
        ids=[
            "a second before",
            "at the moment itself",
            "over 清明节",
            "a Saturday that is worked",
            "over the Spring Festival",
            "an estimated year",
        ],
    )
    def test_is_half_past_eight_of_a_working_day(self, now, then):
        assert next_digest(now, CALENDAR) == then


@pytest.mark.integration
class TestDigests:
    @pytest.fixture(autouse=True)
    async def planted(self, settle, digests):
        await settle(
            a_verdict(a_finding(), about=an_institution("i-1")),
            a_verdict(a_finding(level="red"), about=an_institution("i-2")),
            a_verdict(a_finding(), about=an_institution("i-3")),
        )
        await digests.plant()

    @pytest.fixture
    def sent(self, database):
        async def read(department="pboc"):
            wanted = {"kind": "daily_digest", "department": department}
            return await database["notifications"].find(wanted).to_list()

        return read

    @pytest.fixture
    def run_all(self, timers):
        async def run():
            while await timers.run_one():
                pass

        return run

    async def test_wait_for_every_body_and_are_planted_once(self, database, clock, digests):
        assert await database["timers"].count_documents({"kind": "digest"}) == 42
        clock.moment = in_city(2026, 4, 1, 9)

        await digests.plant()

        found = await database["timers"].distinct("due_at", {"kind": "digest"})
        assert found == [NEXT]

    async def test_count_what_is_open(self, clock, run_all, sent):
        clock.moment = NEXT
        await run_all()

        [digest] = await sent()
        assert digest["data"] == {
            "service": "fund_monitor",
            "day": "2026-04-01",
            "red": 1,
            "yellow": 2,
            "overdue": 0,
            # By the end of Thursday the red one, by the end of Friday the yellow ones.
            "soon": 3,
        }
        assert digest["title"] == "预警日报：3条未办结"
        assert "红色1条，黄色2条" in digest["text"]

    async def test_count_what_is_overdue(self, clock, run_all, sent):
        clock.moment = in_city(2026, 4, 7, 8, 30)
        await run_all()

        # All timers are due at once, and that of the digest is the oldest.
        [digest] = await sent()
        assert (digest["data"]["overdue"], digest["data"]["soon"]) == (3, 0)

    async def test_are_not_sent_to_whom_nothing_is_open(self, clock, run_all, sent, store, desk):
        for alert in [it async for it in store.open_for("pboc")]:
            act = Act(alert_id=alert.id, by=LEAD, now=NOW)
            await desk.dispose(act, Ending(outcome="upheld", reason="属实"))
        clock.moment = NEXT

        await run_all()

        assert await sent() == await sent("tax") == []

    async def test_leave_out_what_the_department_snoozed(self, clock, run_all, sent, store, desk):
        alerts = [it async for it in store.open_for("pboc") if it.level == "yellow"]
        act = Act(alert_id=alerts[0].id, by=PBOC, now=NOW)
        await desk.snooze(act, "等待对账", until=date(2026, 4, 2))
        clock.moment = NEXT
        await run_all()
        clock.moment = in_city(2026, 4, 2, 8, 30)
        await run_all()

        assert [it["data"]["yellow"] for it in await sent()] == [1, 2]
        assert (await sent("cbirc"))[0]["data"]["yellow"] == 2

    async def test_say_nothing_of_what_ends_soon_once_it_is_done(
        self, clock, run_all, sent, store, desk
    ):
        for alert in [it async for it in store.open_for("pboc")]:
            await desk.acknowledge(Act(alert_id=alert.id, by=LEAD, now=NOW), Receipt())
        clock.moment = NEXT

        await run_all()

        assert (await sent())[0]["data"]["soon"] == 0

    async def test_go_out_once_however_often_the_job_runs(self, clock, digests, sent, database):
        clock.moment = NEXT
        row = await database["timers"].find_one({"_id": "digest:pboc"})
        leased = Timer(name=row["_id"], kind="digest", due_at=row["due_at"], payload=row["payload"])

        await digests.on_timer(leased)
        await digests.on_timer(leased)

        assert len(await sent()) == 1
        moved = await database["timers"].find_one({"_id": "digest:pboc"})
        assert moved["due_at"] == in_city(2026, 4, 2, 8, 30)

    async def test_are_skipped_on_a_day_on_which_nobody_works(self, clock, run_all, sent):
        # The service was away and wakes on 清明节.
        clock.moment = in_city(2026, 4, 5, 12)
        await run_all()

        assert await sent() == []
        clock.moment = in_city(2026, 4, 7, 8, 30)
        await run_all()
        assert len(await sent()) == 1
