"""Routes of school years."""

import asyncio

import pytest

from tests.schedule_monitor.builders import a_calendar_body

pytestmark = pytest.mark.integration

URL = "/v1/school-calendars/2025-2026"


class TestPutSchoolCalendar:
    async def test_loads_a_first_version(self, client, education):
        answer = await client.put(URL, json=a_calendar_body(), headers=education)

        assert answer.status_code == 201
        breaks = [{**one, "reason": ""} for one in a_calendar_body()["breaks"]]
        stated = a_calendar_body(breaks=breaks)
        assert answer.json() == {**stated, "school_year": "2025-2026", "version": 1}

    async def test_answers_a_repeat_the_same(self, client, education):
        first = await client.put(URL, json=a_calendar_body(), headers=education)
        breaks = list(reversed(a_calendar_body()["breaks"]))
        again = await client.put(URL, json=a_calendar_body(breaks=breaks), headers=education)

        assert (again.status_code, again.json()) == (200, first.json())

    async def test_makes_a_change_the_next_version_and_keeps_the_one_before(
        self, client, education, db
    ):
        await client.put(URL, json=a_calendar_body(), headers=education)
        changed = await client.put(URL, json=a_calendar_body(breaks=[]), headers=education)

        assert (changed.status_code, changed.json()["version"]) == (201, 2)
        rows = await db["school_calendars"].find().sort("version", 1).to_list()
        assert [(row["version"], row["current"]) for row in rows] == [(1, False), (2, True)]
        assert len(rows[0]["breaks"]) == 2

    async def test_loads_one_version_when_many_ask_at_once(self, client, education, db):
        answers = await asyncio.gather(
            *(client.put(URL, json=a_calendar_body(), headers=education) for _ in range(8))
        )

        assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]
        assert await db["school_calendars"].count_documents({}) == 1

    async def test_writes_to_the_audit_once(self, client, education, db):
        for _ in range(2):
            await client.put(URL, json=a_calendar_body(), headers=education)

        [row] = await db["audit"].find().to_list()
        assert (row["action"], row["about"]["id"]) == (
            "school_calendar.loaded",
            "2025-2026/compulsory",
        )

    @pytest.mark.parametrize(
        ("change", "pointer"),
        [
            ({"stage": "university"}, "/stage"),
            ({"first_day": "2026-01-01"}, "/first_day"),
            ({"last_day": "2025-09-30"}, "/last_day"),
            ({"last_day": "2025-08-31"}, "/last_day"),
            ({"first_day": "2025-01-01"}, "/last_day"),
            ({"basis": " "}, "/basis"),
            ({"by": "张三"}, "/by"),
            (
                {
                    "breaks": [
                        {"kind": "winter", "first_day": "2026-02-02", "last_day": "2026-02-01"}
                    ]
                },
                "/breaks/0/last_day",
            ),
            (
                {
                    "breaks": [
                        {"kind": "winter", "first_day": "2025-08-31", "last_day": "2025-09-02"}
                    ]
                },
                "/breaks/0/first_day",
            ),
            (
                {
                    "breaks": [
                        {"kind": "summer", "first_day": "2026-08-01", "last_day": "2026-09-01"}
                    ]
                },
                "/breaks/0/last_day",
            ),
            (
                {
                    "breaks": [
                        {"kind": "easter", "first_day": "2026-04-01", "last_day": "2026-04-02"}
                    ]
                },
                "/breaks/0/kind",
            ),
        ],
    )
    async def test_points_at_what_is_wrong(self, client, education, change, pointer):
        answer = await client.put(URL, json=a_calendar_body(**change), headers=education)

        assert answer.status_code == 422
        assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]

    @pytest.mark.parametrize("year", ["2025-2027", "2025", "2025-2025"])
    async def test_refuses_what_is_no_school_year(self, client, education, year):
        answer = await client.put(
            f"/v1/school-calendars/{year}", json=a_calendar_body(), headers=education
        )

        assert answer.status_code == 422
        assert [error["pointer"] for error in answer.json()["errors"]] == ["/school_year"]

    @pytest.mark.parametrize(
        "who",
        [
            {"role": "staff", "department": "economy_it"},
            {"role": "staff", "department": "culture_tourism_sports"},
            {"role": "institution", "institution": "i"},
            {"role": "bank", "bank": "icbc"},
        ],
    )
    async def test_lets_only_education_write(self, client, bearer, who):
        answer = await client.put(URL, json=a_calendar_body(), headers=bearer(**who))

        assert answer.status_code == 403


class TestReadSchoolCalendars:
    async def test_answers_each_stage_in_its_current_version(self, client, education, own):
        for body in (
            a_calendar_body(),
            a_calendar_body(breaks=[]),
            a_calendar_body(stage="senior_secondary"),
        ):
            await client.put(URL, json=body, headers=education)

        answer = await client.get(URL, headers=own)

        found = [(one["stage"], one["version"]) for one in answer.json()["calendars"]]
        assert found == [("compulsory", 2), ("senior_secondary", 1)]

    async def test_answers_404_when_nothing_is_loaded(self, client, own):
        answer = await client.get(URL, headers=own)

        assert answer.status_code == 404
        assert answer.json()["type"] == "urn:haining:problem:school-calendar-not-found"
