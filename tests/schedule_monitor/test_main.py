"""What the service shows of itself, and what its environment may say."""

from datetime import date

import pytest
from pydantic import ValidationError

from services.schedule_monitor.settings import ScheduleMonitorSettings

REQUIRED = {
    "PORT": "8001",
    "MONGO_URL": "mongodb://db",
    "MONGO_DATABASE": "schedule_monitor",
    "NATS_URL": "nats://bus",
    "NATS_SEED_FILE": "seed",
    "JWKS": "jwks.json",
    "TOKEN_ISSUER": "urn:tests",
    "TOKEN_AUDIENCE": "urn:tests",
    "AUDIT_KEY_FILE": "audit.json",
    "SEALING_KEY_FILE": "sealing.json",
}


@pytest.fixture
def environment(monkeypatch):
    def say(**more):
        for name, value in {**REQUIRED, **more}.items():
            monkeypatch.setenv(f"SCHEDULE_MONITOR_{name}", value)

    return say


class TestScheduleMonitorSettings:
    def test_read_the_citys_decisions(self, environment):
        environment(ADJUSTED_WORKDAYS='[["2026-09-01", "rest_day"]]')

        decisions = ScheduleMonitorSettings().adjusted_workdays

        assert decisions == ((date(2026, 9, 1), "rest_day"),)

    def test_need_no_decision(self, environment):
        environment()

        assert ScheduleMonitorSettings().adjusted_workdays == ()

    def test_refuse_a_decision_that_says_nothing(self, environment):
        environment(ADJUSTED_WORKDAYS='[["2026-09-01", "holiday"]]')

        with pytest.raises(ValidationError):
            ScheduleMonitorSettings()


@pytest.mark.integration
class TestApplication:
    async def test_documents_its_routes_and_what_it_hears_and_says(self, client):
        openapi = (await client.get("/openapi.json")).json()
        asyncapi = (await client.get("/asyncapi.json")).json()

        assert {
            "/v1/calendar/{day}",
            "/v1/school-calendars/{school_year}",
            "/v1/timetables",
            "/v1/timetables/check",
            "/v1/timetables/{timetable_id}",
            "/v1/timetables/summary",
        } <= set(openapi["paths"])
        assert {"InstitutionState", "AlertNotice"} <= set(asyncapi["channels"])
