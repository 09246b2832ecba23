"""What the environment of the service may say."""

import pytest

from services.schedule_monitor.settings import ScheduleMonitorSettings
from shared.settings import unknown_keys

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
    def test_are_those_that_every_service_has(self, environment):
        environment()

        assert ScheduleMonitorSettings().port == int(REQUIRED["PORT"])

    def test_name_a_switch_that_is_decided_by_api_now(self, environment):
        environment(ADJUSTED_WORKDAYS='[["2026-09-01", "rest_day"]]')

        assert unknown_keys(ScheduleMonitorSettings) == ["SCHEDULE_MONITOR_ADJUSTED_WORKDAYS"]
