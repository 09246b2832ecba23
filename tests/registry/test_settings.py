"""The register's own settings: the dated switch of task 19."""

from datetime import date

import pytest
from pydantic import ValidationError

from services.registry.settings import RegistrySettings

NEEDED = {
    "PORT": "8001",
    "MONGO_URL": "mongodb://127.0.0.1",
    "MONGO_DATABASE": "registry",
    "NATS_URL": "nats://127.0.0.1",
    "NATS_SEED_FILE": "seed",
    "JWKS": "jwks.json",
    "TOKEN_ISSUER": "urn:tests",
    "TOKEN_AUDIENCE": "urn:tests:city",
    "AUDIT_KEY_FILE": "audit.key",
    "SEALING_KEY_FILE": "sealing.key",
}


@pytest.fixture
def told(monkeypatch):
    """Return the settings of an environment that says when stops begin and end."""

    def settings(periods=None):
        for name, value in NEEDED.items():
            monkeypatch.setenv(f"REGISTRY_{name}", value)
        if periods is not None:
            monkeypatch.setenv("REGISTRY_STOP_PERIODS", periods)
        return RegistrySettings()

    return settings


class TestStopPeriods:
    def test_are_none_where_the_articles_are_enough(self, told):
        assert told().stop_periods == {}

    def test_are_read_with_and_without_an_end(self, told):
        periods = told(
            '{"registry.stop_preschool": ["2021-09-01", "2028-01-01"],'
            ' "registry.stop_subject_compulsory": ["2021-09-01", null]}'
        ).stop_periods

        assert periods == {
            "registry.stop_preschool": (date(2021, 9, 1), date(2028, 1, 1)),
            "registry.stop_subject_compulsory": (date(2021, 9, 1), None),
        }

    @pytest.mark.parametrize(
        "periods",
        [
            pytest.param('{"registry.stop_all": ["2021-09-01", null]}', id="an unknown stop"),
            pytest.param('{"registry.stop_preschool": ["2021-09-01"]}', id="half a period"),
            pytest.param(
                '{"registry.stop_preschool": ["2021-09-01", "2021-09-01"]}', id="an empty period"
            ),
        ],
    )
    def test_are_refused_when_they_make_no_sense(self, told, periods):
        with pytest.raises(ValidationError):
            told(periods)
