"""The sample against the doors' contracts: what must be accepted fits them, the rest does not."""

from datetime import datetime

import pytest
from pydantic import ValidationError

from deploy.demo.sample.model import Body, Institution, Outcome
from deploy.demo.sample.term import AS_OF
from deploy.demo.sample.watched.model import Sighting, Telling
from deploy.demo.sample.watched.school_year import BREAKS, HOURS, calendar_of, hours_of
from services.ads_watch.api.sighting_bodies import SightingReport
from services.registry.domain.social_credit_code import check_social_credit_code
from services.schedule_monitor.api.calendars.school_calendars import SchoolCalendarIn
from services.schedule_monitor.api.calendars.school_hours import SchoolHoursIn
from services.schedule_monitor.api.held.held_fields import HeldIn
from services.schedule_monitor.api.timetables.timetables import TimetableFiling
from shared.contracts.bank import EVENT_ADAPTER, IDENTITY_FIELDS
from tests.deploy.demo import oracle_adverts, oracle_held
from tests.deploy.demo.samples import ledger_of, sample_of, watched_of

SAMPLE = sample_of(2026)
WATCHED = watched_of(2026)
LEDGER = ledger_of(2026)
ID = "01890000-0000-7000-8000-000000000001"


def fits(body: Body) -> bool:
    try:
        event = EVENT_ADAPTER.validate_python(dict(body))
    except ValidationError:
        return False
    return event.occurred_at < datetime.fromisoformat(f"{AS_OF}T18:05:00+08:00")


class TestSampleAgainstTheDoorsContract:
    def test_every_event_to_be_accepted_fits(self):
        assert [body for _, body in LEDGER.bodies.values() if not fits(body)] == []

    def test_no_event_to_be_refused_fits(self):
        refused = [s.body for s in SAMPLE.sendings if s.outcome is Outcome.REFUSED]

        assert [body for body in refused if fits(body)] == []

    def test_events_carry_the_identity_fields_their_bank_declares(self):
        assert all(
            set(IDENTITY_FIELDS) & set(body) == set(bank.identity_fields)
            for bank, body in LEDGER.bodies.values()
        )

    @pytest.mark.parametrize("institution", SAMPLE.city.institutions, ids=lambda i: i.uscc)
    def test_the_register_takes_every_code(self, institution: Institution):
        check_social_credit_code(institution.uscc)


def is_read(sighting: Sighting) -> bool:
    try:
        SightingReport.model_validate(dict(sighting.body))
    except ValidationError:
        return False
    return True


def is_read_as_held(telling: Telling) -> bool:
    try:
        HeldIn.model_validate({**telling.body, "institution_id": ID})
    except ValidationError:
        return False
    return True


class TestWatchedAgainstTheDoorsContracts:
    def test_every_sighting_to_be_recorded_is_read(self):
        good = [each for each in WATCHED.sightings if not oracle_adverts.refused(each)]

        assert [each.body for each in good if not is_read(each)] == []

    def test_a_bad_sighting_is_read_only_where_the_door_must_look_further(self):
        bad = [each for each in WATCHED.sightings if oracle_adverts.refused(each)]

        read = [each for each in bad if is_read(each)]

        # One is of tomorrow, and one of another town than the one that reports it.
        assert len(read) == 2
        assert len(bad) == 10

    def test_every_timetable_is_read(self):
        for filing in WATCHED.filings:
            TimetableFiling.model_validate(
                {
                    "institution_id": filing.institution.uscc,
                    "label": filing.label,
                    "version": filing.version,
                    "sessions": filing.lessons,
                }
            )

    @pytest.mark.parametrize("stage", BREAKS)
    def test_the_school_year_of_every_stage_is_read(self, stage: str):
        SchoolCalendarIn.model_validate(calendar_of(stage))

    @pytest.mark.parametrize("stage", HOURS)
    def test_the_school_hours_of_every_stage_with_schools_are_read(self, stage: str):
        SchoolHoursIn.model_validate(hours_of(stage))

    def test_every_held_session_to_be_taken_is_read(self):
        good = [each for each in WATCHED.tellings if not oracle_held.refused(each)]

        assert [each.body for each in good if not is_read_as_held(each)] == []

    def test_a_bad_session_is_read_only_where_the_door_must_look_further(self):
        bad = [each for each in WATCHED.tellings if oracle_held.refused(each)]

        read = [each for each in bad if is_read_as_held(each)]

        # One is not over, one is of another town, and in one a town tells of contracts.
        assert (len(read), len(bad)) == (3, 8)
