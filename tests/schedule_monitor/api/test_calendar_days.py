"""Days over the door: every development case, every worked weekend, ranges and deadlines."""

import json
from pathlib import Path

import pytest

from tests.schedule_monitor.builders import a_calendar_body

pytestmark = pytest.mark.integration

CASES = Path(__file__).parents[4] / "shared" / "data" / "calendar_cases.dev.jsonl"
# 调休上班, as the notices of six years name them.
ADJUSTED = {
    2021: ["02-07", "02-20", "04-25", "05-08", "09-18", "09-26", "10-09"],
    2022: ["01-29", "01-30", "04-02", "04-24", "05-07", "10-08", "10-09"],
    2023: ["01-28", "01-29", "04-23", "05-06", "06-25", "10-07", "10-08"],
    2024: ["02-04", "02-18", "04-07", "04-28", "05-11", "09-14", "09-29", "10-12"],
    2025: ["01-26", "02-08", "04-27", "09-28", "10-11"],
    2026: ["01-04", "02-14", "02-28", "05-09", "09-20", "10-10"],
}


@pytest.fixture
def days(client, education):
    async def read(first, last):
        answer = await client.get(
            "/v1/calendar", params={"from": first, "until": last}, headers=education
        )
        assert answer.status_code == 200, answer.text
        return answer.json()["days"]

    return read


async def year_of(days, year):
    quarters = (("01-01", "03-31"), ("04-01", "06-30"), ("07-01", "09-30"), ("10-01", "12-31"))
    return [
        day for first, last in quarters for day in await days(f"{year}-{first}", f"{year}-{last}")
    ]


class TestReadDays:
    @pytest.mark.skipif(not CASES.exists(), reason="the cases lie beside the checkout, not in it")
    async def test_agree_with_every_case(self, client, education):
        cases = [json.loads(line) for line in CASES.read_text().splitlines()]

        wrong = []
        for case in cases:
            answer = await client.get(f"/v1/calendar/{case['date']}", headers=education)
            if answer.json()["kind"] != case["kind"]:
                wrong.append((case["date"], case["kind"], answer.json()["kind"]))

        assert len(cases) > 90
        assert wrong == []

    @pytest.mark.parametrize("year", ADJUSTED)
    async def test_tell_every_worked_weekend_day_of_a_year(self, days, year):
        found = await year_of(days, year)

        worked = [day["date"] for day in found if day["kind"] == "adjusted_workday"]
        assert worked == [f"{year}-{day}" for day in ADJUSTED[year]]
        assert all(
            day["working_day"] and day["banking_day"] for day in found if day["date"] in worked
        )

    @pytest.mark.parametrize("year", [2020, 2027])
    async def test_are_incomplete_in_a_year_without_notice(self, days, year):
        found = await year_of(days, year)

        assert {day["kind"] for day in found} == {"calendar_incomplete"}
        assert {(day["working_day"], day["banking_day"]) for day in found} == {(None, None)}

    async def test_include_both_ends(self, days):
        found = await days("2026-02-27", "2026-03-01")

        assert [(day["date"], day["working_day"]) for day in found] == [
            ("2026-02-27", True),
            ("2026-02-28", True),
            ("2026-03-01", False),
        ]

    @pytest.mark.parametrize(
        ("asked", "pointer"),
        [
            ({"from": "2026-03-02", "until": "2026-03-01"}, "/until"),
            ({"from": "2026-01-01", "until": "2026-04-11"}, "/until"),
            ({"from": "2026-01-01"}, "/until"),
            ({"from": "20260101", "until": "2026-01-02"}, "/from"),
        ],
    )
    async def test_refuse_what_is_no_short_range(self, client, education, asked, pointer):
        answer = await client.get("/v1/calendar", params=asked, headers=education)

        assert answer.status_code == 422
        assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]

    async def test_reach_to_the_end_of_time(self, days):
        [day] = await days("9999-12-31", "9999-12-31")

        assert day["kind"] == "calendar_incomplete"


class TestSchools:
    @pytest.fixture
    async def loaded(self, client, education):
        await client.put(
            "/v1/school-calendars/2025-2026", json=a_calendar_body(), headers=education
        )
        periods = [
            {"weekday": 1, "start": "08:00", "end": "11:30"},
            {"weekday": 1, "start": "13:30:00", "end": "16:00:00"},
        ]
        body = {
            "stage": "compulsory",
            "tables": [{"since": "2025-09-01", "periods": periods}],
            "basis": "作息",
        }
        answer = await client.put(
            "/v1/school-calendars/2025-2026/hours", json=body, headers=education
        )
        assert answer.status_code == 201, answer.text

    @pytest.mark.usefixtures("loaded")
    async def test_are_told_stage_by_stage(self, days):
        [day] = await days("2026-03-02", "2026-03-02")

        schools = {one["stage"]: one for one in day["schools"]}
        assert schools["senior_secondary"] == {
            "stage": "senior_secondary",
            "school_day": None,
            "hours": None,
        }
        assert schools["compulsory"]["school_day"]
        assert schools["compulsory"]["hours"] == [
            {"start": "08:00:00", "end": "11:30:00"},
            {"start": "13:30:00", "end": "16:00:00"},
        ]

    @pytest.mark.usefixtures("loaded")
    async def test_are_closed_in_breaks_and_on_weekends(self, days):
        found = [*await days("2026-03-07", "2026-03-07"), *await days("2026-07-01", "2026-07-01")]

        compulsory = [
            one for day in found for one in day["schools"] if one["stage"] == "compulsory"
        ]
        assert [(one["school_day"], one["hours"]) for one in compulsory] == [(False, [])] * 2


class TestReadDeadline:
    @pytest.fixture
    def deadline(self, client, education):
        async def read(begins_on, days, **more):
            answer = await client.get(
                "/v1/calendar/working-days",
                params={"from": begins_on, "days": days, **more},
                headers=education,
            )
            assert answer.status_code == 200, answer.text
            return answer.json()

        return read

    @pytest.mark.parametrize(
        ("begins_on", "days", "last", "provisional"),
        [
            ("2026-03-02", 1, "2026-03-03", False),
            ("2026-02-14", 1, "2026-02-24", False),
            ("2026-02-18", 5, "2026-02-28", False),
            ("2026-12-31", 1, "2027-01-01", True),
        ],
    )
    async def test_counts_working_days(self, deadline, begins_on, days, last, provisional):
        found = await deadline(begins_on, days)

        assert (found["last_day"], found["provisional"]) == (last, provisional)
        assert found["ends_at"].endswith("T00:00:00+08:00")

    async def test_counts_banking_days_where_banks_do_otherwise(self, client, education, deadline):
        body = {
            "date": "2026-02-28",
            "change": "as_announced",
            "banking": False,
            "reference": "银行公告",
            "reason": "调休上班日不办理对公业务",
        }
        await client.post("/v1/calendar/overrides", json={"overrides": [body]}, headers=education)

        found = [
            (await deadline("2026-02-27", 1, counted=counted))["last_day"]
            for counted in ("working", "banking")
        ]

        assert found == ["2026-02-28", "2026-03-02"]

    @pytest.mark.parametrize(
        ("asked", "pointer"),
        [
            ({"from": "2026-03-02", "days": 0}, "/days"),
            ({"from": "2026-03-02", "days": 251}, "/days"),
            ({"from": "9999-12-01", "days": 5}, "/from"),
            ({"from": "2026-03-02"}, "/days"),
        ],
    )
    async def test_refuses_what_cannot_be_counted(self, client, education, asked, pointer):
        answer = await client.get("/v1/calendar/working-days", params=asked, headers=education)

        assert answer.status_code == 422
        assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
