"""The replica of calendar years, and what a process does when it learns of another calendar."""

from datetime import date

import pytest

from shared.calendar_years import CALENDAR_YEARS, CalendarFollower, take_year
from shared.contracts.calendar import CalendarYear
from shared.working_days import WorkingDays

pytestmark = pytest.mark.integration

TUESDAY = date(2027, 3, 2)
SATURDAY = date(2027, 3, 6)


def a_day(on, *, working=False, banking=None):
    kinds = {True: "adjusted_workday", False: "in_lieu_rest_day"}
    return {
        "date": on,
        "kind": kinds[working],
        "working": working,
        "banking": working if banking is None else banking,
    }


def a_year(version=1, *days):
    return CalendarYear.model_validate(
        {"year": 2027, "version": version, "notice": "通知", "days": list(days)}
    )


class TestTakeYear:
    async def test_never_goes_back_to_an_older_version(self, database):
        for version in (2, 3, 1):
            await take_year(database, a_year(version))

        [row] = await database[CALENDAR_YEARS].find().to_list()
        assert (row["_id"], row["version"]) == ("2027", 3)


class TestCalendarFollower:
    @pytest.fixture
    def calendar(self):
        return WorkingDays()

    @pytest.fixture
    def follower(self, database, calendar):
        return CalendarFollower(database, calendar)

    async def test_goes_by_the_years_that_are_told(self, database, calendar, follower):
        await take_year(database, a_year(1, a_day(TUESDAY), a_day(SATURDAY, working=True)))

        await follower.look()

        kinds = [calendar.kind_of(day) for day in (TUESDAY, SATURDAY, date(2027, 3, 3))]
        assert [(one.working, one.provisional) for one in kinds] == [
            (False, False),
            (True, False),
            (True, False),
        ]

    async def test_knows_banks_that_do_otherwise(self, database, calendar, follower):
        await take_year(database, a_year(1, a_day(SATURDAY, working=True, banking=False)))

        await follower.look()

        assert calendar.kind_of(SATURDAY).working
        assert not calendar.is_banking_day(SATURDAY)

    async def test_learns_only_what_is_new(self, database, calendar, follower):
        await follower.look()
        assert calendar.changes == 0

        for version in (1, 1, 2):
            await take_year(database, a_year(version))
            await follower.look()

        assert calendar.changes == 2

    async def test_does_what_follows_after_it_has_learned(self, database, calendar, follower):
        done = []

        async def then(cause):
            done.append((cause, calendar.kind_of(TUESDAY).provisional))

        follower.then(then)
        await follower.look()
        await take_year(database, a_year())
        for _ in range(2):
            await follower.look()

        assert done == [("calendar:2027:v1", False)]

    async def test_does_what_an_earlier_process_did_not_come_to(self, database, calendar):
        await take_year(database, a_year())
        done = []

        async def then(cause):
            done.append(cause)

        for _ in range(2):
            process = CalendarFollower(database, calendar)
            await process.look()
            process.then(then)
            await process.look()

        assert done == ["calendar:2027:v1"]

    async def test_does_again_what_failed(self, database, calendar):
        await take_year(database, a_year())
        follower, done = CalendarFollower(database, calendar), []

        async def then(cause):
            done.append(cause)
            if len(done) == 1:
                raise OSError("away")

        follower.then(then)
        with pytest.raises(OSError, match="away"):
            await follower.look()
        await follower.look()

        assert len(done) == 2
