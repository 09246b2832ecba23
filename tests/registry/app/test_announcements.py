"""What the bus hears of institutions; what older readers and older states make of it."""

from datetime import date

import pytest

from services.registry.app.announcements import (
    of_licence,
    of_registration,
    of_revocation,
    of_site_closed,
    of_site_opened,
)
from services.registry.domain.institution import Revocation
from shared.contracts.registry import CHANNELS, INSTITUTION_STATE, InstitutionState
from tests.registry.builders import a_licence, a_place, a_site, an_institution

REVOCATION = Revocation(revoked_on=date(2026, 3, 31), reason="举办者张三失联")
CLOSED_ON = date(2026, 5, 1)
ENTERED = an_institution(places=(a_place(area_m2=120),))
RENEWED = ENTERED.licensed(a_licence(issued_on=date(2024, 6, 1)))
EXTENDED = RENEWED.with_site(a_site("site-2", address="许村大道1号", town="xucun"))
CLOSED = EXTENDED.with_site_closed("site-1", CLOSED_ON)
TOLD = [
    (of_registration(ENTERED), "institution-registered"),
    (of_licence(RENEWED), "licence-renewed"),
    (of_site_opened(EXTENDED, EXTENDED.site("site-2")), "site-opened"),
    (of_site_closed(CLOSED, "site-1", CLOSED_ON), "site-closed"),
    (of_revocation(CLOSED.revoked(REVOCATION), REVOCATION), "institution-revoked"),
]


class TestEveryChange:
    @pytest.mark.parametrize(("version", "told"), [*enumerate(TOLD, 1)])
    def test_is_told_as_a_fact_and_a_state_of_its_version(self, version, told):
        (fact, state), name = told

        assert fact.channel.fact == name
        assert state.channel is INSTITUTION_STATE
        assert (fact.version, state.version) == (version, version)
        assert (fact.data.version, state.data.version) == (version, version)
        assert fact.key != state.key

    def test_has_a_channel_that_is_announced(self):
        assert {fact.channel for (fact, _), _ in TOLD} | {INSTITUTION_STATE} == set(CHANNELS)

    def test_never_tells_a_reason(self):
        said = "".join(event.data.model_dump_json() for events, _ in TOLD for event in events)

        assert REVOCATION.reason not in said


class TestState:
    def test_carries_the_licence_and_the_open_sites(self):
        _, state = of_site_closed(CLOSED, "site-1", CLOSED_ON)

        assert state.data.licence.first_issued_on == date(2019, 6, 1)
        assert [site.site_id for site in state.data.sites] == ["site-2"]

    def test_from_before_is_still_read(self):
        old = {
            "institution_id": "i-1",
            "version": 1,
            "name": "海宁市硖石街道青禾文化培训中心",
            "uscc": "52330481MJ000001XJ",
            "kind": "subject",
            "stages": ["compulsory"],
            "mode": "offline",
            "town": "xiashi",
            "competent_department": "education",
            "status": "active",
        }

        state = InstitutionState.model_validate(old)

        assert (state.licence, state.sites) == (None, [])

    def test_keeps_every_field_that_older_readers_know(self):
        _, state = of_registration(ENTERED)
        said = state.data.model_dump(mode="json", exclude_none=True)

        assert {
            "institution_id": ENTERED.institution_id,
            "version": 1,
            "kind": "subject",
            "town": "xiashi",
            "competent_department": "education",
            "status": "active",
        }.items() <= said.items()
