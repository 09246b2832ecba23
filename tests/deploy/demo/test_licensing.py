"""Licences and sites of the sample: the register takes them, and they draw no chance."""

from datetime import date

from deploy.demo.acting.registering import filing_of
from deploy.demo.sample.licensing import licence_of, sites_of
from deploy.demo.sample.term import AS_OF
from services.registry.api.bodies import InstitutionFiling
from services.registry.domain.licence import Licence, state_of
from services.registry.domain.stops import STOPS, check_stops
from tests.deploy.demo.samples import sample_of

INSTITUTIONS = sample_of(1).city.institutions


def test_every_institution_is_one_that_the_register_enters():
    concerned = 0
    for each in INSTITUTIONS:
        particulars = InstitutionFiling.model_validate(filing_of(each)).particulars()
        check_stops(particulars, today=AS_OF, stops=STOPS)
        concerned += any(stop.concerns(particulars) for stop in STOPS)

    # All subject institutions, and others with children before school.
    assert concerned > sum(each.kind == "subject" for each in INSTITUTIONS) == 15


def test_no_licence_is_from_the_future_and_no_two_share_a_number():
    licences = [each.licence for each in INSTITUTIONS]

    assert max(licence.issued_on for licence in licences) <= AS_OF
    assert len({licence.number for licence in licences}) == len(licences)


def test_some_licences_have_run_out_and_some_soon_will():
    states = [
        state_of(Licence(**{name: getattr(each.licence, name) for name in FIELDS}), AS_OF)
        for each in INSTITUTIONS
    ]

    assert (states.count("expired"), states.count("expiring")) == (2, 3)


def test_every_institution_that_teaches_on_the_spot_has_a_site_of_its_own():
    for each in INSTITUTIONS:
        assert [site.town for site in each.sites][:1] == (
            [each.town] if each.mode == "offline" else []
        )
    addresses = [site.address for each in INSTITUTIONS for site in each.sites]
    assert len(set(addresses)) == len(addresses) > len(INSTITUTIONS)


def test_number_alone_decides():
    assert licence_of(7, "sports") == licence_of(7, "sports")
    assert licence_of(7, "sports").first_issued_on < date(2021, 7, 24)
    assert sites_of(7, "offline") == sites_of(7, "offline")
    assert sites_of(7, "online") == ()


FIELDS = ("number", "issued_on", "valid_until", "first_issued_on")
