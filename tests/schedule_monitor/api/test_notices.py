"""Routes of notices: data that everything is judged by as soon as it is loaded."""

import asyncio

import pytest

from tests.schedule_monitor.builders import a_notice_body

pytestmark = pytest.mark.integration

URL = "/v1/calendar/notices"


@pytest.fixture
def load(client, education):
    async def work(year=2027, **changes):
        return await client.put(f"{URL}/{year}", json=a_notice_body(**changes), headers=education)

    return work


def without(day, field="rest_days"):
    return {field: [one for one in a_notice_body()[field] if one != day]}


def beside(day, field="rest_days"):
    return {field: [*a_notice_body()[field], day]}


class TestPutNotice:
    async def test_makes_a_year_known_at_once(self, client, education, load):
        async def kinds():
            days = ["2027-01-01", "2027-02-09", "2027-02-14", "2027-03-02"]
            answers = [await client.get(f"/v1/calendar/{day}", headers=education) for day in days]
            return [answer.json()["kind"] for answer in answers]

        before = await kinds()
        answer = await load()

        assert answer.status_code == 201
        assert (answer.json()["version"], answer.json()["source"]) == (1, "education")
        assert "国办发明电〔2026〕1号，2026-02-27" in answer.json()["reference"]
        assert before == ["calendar_incomplete"] * 4
        assert await kinds() == [
            "statutory_holiday",
            "in_lieu_rest_day",
            "adjusted_workday",
            "ordinary_weekday",
        ]

    async def test_answers_a_repeat_the_same_and_makes_a_correction_a_version(self, load, db):
        answers = [await load(), await load(), await load(workdays=[])]

        assert [answer.status_code for answer in answers] == [201, 200, 201]
        assert [answer.json()["version"] for answer in answers] == [1, 1, 2]
        rows = await db["calendar_notices"].find().sort("version", 1).to_list()
        assert [(row["version"], row["current"]) for row in rows] == [(1, False), (2, True)]

    async def test_loads_one_version_when_many_ask_at_once(self, load, db):
        answers = await asyncio.gather(*(load() for _ in range(8)))

        assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]
        assert await db["calendar_notices"].count_documents({}) == 1

    async def test_goes_before_the_library(self, load, client, education):
        answer = await load(
            2025,
            published_on="2024-11-12",
            rest_days=[
                *("2025-01-01", "2025-01-28", "2025-01-29", "2025-01-30", "2025-01-31"),
                *("2025-04-04", "2025-05-01", "2025-05-02", "2025-10-01", "2025-10-02"),
                *("2025-10-03", "2025-10-06", "2025-03-04"),
            ],
            workdays=[],
        )

        assert answer.status_code == 201, answer.text
        day = (await client.get("/v1/calendar/2025-03-04", headers=education)).json()
        assert day["kind"] == "in_lieu_rest_day"

    async def test_takes_a_new_year_block_that_begins_in_december(self, load, client, education):
        await load(**beside("2026-12-31"))

        day = (await client.get("/v1/calendar/2026-12-31", headers=education)).json()
        assert (day["kind"], day["caveat"]) == ("in_lieu_rest_day", None)
        assert "2027年" in day["notice"]

    async def test_tells_the_others_of_the_year_and_of_the_december_before(self, load, db):
        await load(**beside("2026-12-31"))

        told = await db["outbox"].find({"stream": "SCHEDULE_STATE"}).to_list()
        assert sorted(row["subject"][-4:] for row in told) == ["2026", "2027"]

    async def test_writes_to_the_audit_once(self, load, db):
        await load()
        await load()

        [row] = await db["audit"].find().to_list()
        assert (row["action"], row["about"]["id"]) == ("calendar_notice.loaded", "2027")

    @pytest.mark.parametrize(
        ("change", "pointer", "says"),
        [
            (without("2027-02-08"), "/rest_days", "漏列法定节假日 2027-02-08"),
            (without("2027-10-01"), "/rest_days", "漏列法定节假日 2027-10-01"),
            (beside("2028-01-01"), "/rest_days", "2028-01-01"),
            (beside("2026-12-24"), "/rest_days", "2026-12-24"),
            (beside("2027-02-20"), "/workdays", "既是休息日又是工作日"),
            (beside("2027-03-02", "workdays"), "/workdays", "不是周末"),
            (
                {**without("2027-02-06"), **beside("2027-02-06", "workdays")},
                "/workdays",
                "法定节假日",
            ),
            ({"published_on": "2026-03-03"}, "/published_on", "不得晚于今天"),
            ({"published_on": 1}, "/published_on", "YYYY-MM-DD"),
            (beside("2027-02-30"), "/rest_days/26", ""),
            ({"document_no": ""}, "/document_no", ""),
            ({"by": "张三"}, "/by", ""),
        ],
    )
    async def test_points_at_what_is_wrong(self, load, db, change, pointer, says):
        answer = await load(**change)

        assert answer.status_code == 422, answer.text
        [error] = answer.json()["errors"]
        assert error["pointer"] == pointer
        assert says in error["detail"]
        assert await db["calendar_notices"].count_documents({}) == 0

    @pytest.mark.parametrize("year", [2020, 2036, 1, "x"])
    async def test_refuses_a_year_whose_festivals_it_does_not_know(self, load, year):
        answer = await load(year)

        assert answer.status_code == 422
        assert [error["pointer"] for error in answer.json()["errors"]] == ["/year"]

    @pytest.mark.parametrize(
        "who",
        [{"role": "staff", "department": "pboc"}, {"role": "institution", "institution": "i"}],
    )
    async def test_lets_only_education_write(self, client, bearer, who):
        answer = await client.put(f"{URL}/2027", json=a_notice_body(), headers=bearer(**who))

        assert answer.status_code == 403


class TestReadNotices:
    async def test_lists_what_came_with_the_library_and_what_was_loaded(self, client, own, load):
        await load()

        found = (await client.get(URL, headers=own)).json()["notices"]

        assert [(one["year"], one["source"], one["version"]) for one in found] == [
            *((year, "library", 0) for year in range(2021, 2027)),
            (2027, "education", 1),
        ]

    @pytest.mark.parametrize(("year", "status"), [(2026, 200), (2027, 404), (2020, 404)])
    async def test_answers_for_one_year(self, client, own, year, status):
        assert (await client.get(f"{URL}/{year}", headers=own)).status_code == status
