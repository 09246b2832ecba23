"""The route of the calendar."""

import pytest

from tests.schedule_monitor.builders import a_calendar_body

pytestmark = pytest.mark.integration

URL = "/v1/calendar"


@pytest.fixture
async def school_year(client, education):
    await client.put("/v1/school-calendars/2025-2026", json=a_calendar_body(), headers=education)


async def read(client, headers, day):
    answer = await client.get(f"{URL}/{day}", headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


def verdicts(day):
    return {one["stage"]: one["verdict"] for one in day["subject_classes"]}


class TestReadDay:
    async def test_tells_kind_reason_law_and_notice(self, client, education):
        day = await read(client, education, "2025-01-28")

        assert (day["kind"], day["festival"]) == ("statutory_holiday", "春节（除夕）")
        assert day["law"] == {
            "document": "全国年节及纪念日放假办法",
            "clause": "第二条（2024年11月10日修订）",
            "origin": "L",
            "in_force_from": "2025-01-01",
            "in_force_until": None,
        }
        assert "国办发明电〔2024〕12号" in day["notice"]
        assert set(verdicts(day).values()) == {"unlawful"}

    @pytest.mark.usefixtures("school_year")
    async def test_needs_a_school_calendar_for_what_else_would_be_lawful(self, client, education):
        assert verdicts(await read(client, education, "2026-03-03")) == {
            "preschool": "unlawful",
            "compulsory": "lawful",
            "senior_secondary": "calendar_incomplete",
        }

    @pytest.mark.usefixtures("school_year")
    async def test_finds_a_break_of_the_school_year(self, client, education):
        compulsory = (await read(client, education, "2026-07-01"))["subject_classes"][1]

        assert compulsory["verdict"] == "unlawful"
        assert [found["rule"] for found in compulsory["findings"]] == ["schedule.long_break"]
        assert "暑假" in compulsory["explanation"]

    async def test_is_incomplete_for_a_year_without_notice(self, client, education):
        day = await read(client, education, "2027-01-01")

        assert (day["kind"], day["notice"], day["law"]) == ("calendar_incomplete", None, None)
        assert verdicts(day)["compulsory"] == "calendar_incomplete"
        assert "尚未载入2027年国务院放假通知" in day["why"]

    @pytest.mark.parametrize("day", ["2026-02-30", "20260303", "1", "2026-03-03T00:00:00"])
    async def test_refuses_what_is_no_day(self, client, education, day):
        answer = await client.get(f"{URL}/{day}", headers=education)

        assert answer.status_code == 422
        assert [error["pointer"] for error in answer.json()["errors"]] == ["/day"]

    async def test_asks_for_a_token(self, client):
        assert (await client.get(f"{URL}/2026-03-03")).status_code == 401
