"""What the service shows of itself."""

import pytest


@pytest.mark.integration
class TestApplication:
    async def test_documents_its_routes_and_what_it_hears_and_says(self, client):
        openapi = (await client.get("/openapi.json")).json()
        asyncapi = (await client.get("/asyncapi.json")).json()

        assert {
            "/v1/calendar/{day}",
            "/v1/calendar/notices/{year}",
            "/v1/calendar/switches/{switch}/{since}",
            "/v1/school-calendars/{school_year}/hours",
            "/v1/school-calendars/{school_year}",
            "/v1/timetables",
            "/v1/timetables/check",
            "/v1/timetables/{timetable_id}",
            "/v1/timetables/summary",
        } <= set(openapi["paths"])
        assert {"InstitutionState", "AlertNotice", "CalendarYear", "SchoolYear"} <= set(
            asyncapi["channels"]
        )
