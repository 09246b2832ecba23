"""What can happen to an institution."""

from datetime import date

import pytest

from services.registry.domain.institution import (
    InstitutionIsRevoked,
    InstitutionRegisteredOtherwise,
    InstitutionRevokedOtherwise,
    NotInCharge,
    Revocation,
    known_by,
    register,
)
from services.registry.domain.site import (
    MOST_SITES,
    SiteClosedOtherwise,
    SiteEnteredOtherwise,
    SiteNotFound,
    TooManySites,
)
from tests.registry.builders import a_licence, a_place, a_site, an_institution, particulars

REVOCATION = Revocation(revoked_on=date(2026, 3, 31), reason="连续两次年检不合格")


class TestRegister:
    def test_begins_with_the_first_version(self):
        institution = register(particulars(), institution_id="i", site_ids=())

        assert (institution.version, institution.status) == (1, "active")

    def test_returns_what_is_known_by_the_same_filing(self):
        places = (a_place(), a_place(address="许村大道1号"))
        known = an_institution(stages=["compulsory", "senior_secondary"], places=places)
        again = particulars(stages=["senior_secondary", "compulsory"], places=places[::-1])

        assert known_by(again, known=known) == known

    @pytest.mark.parametrize(
        "change",
        [
            {"name": "另一名称"},
            {"kind": "sports"},
            {"stages": ["compulsory", "senior_secondary"]},
            {"mode": "online"},
            {"town": "haizhou"},
            {"licence": None},
            {"licence": a_licence(number="另一编号")},
            {"places": (a_place(),)},
        ],
    )
    def test_refuses_another_filing_of_the_same_code(self, change):
        with pytest.raises(InstitutionRegisteredOtherwise):
            known_by(particulars(**change), known=an_institution())


class TestRevoked:
    def test_makes_the_next_version(self):
        revoked = an_institution().revoked(REVOCATION)

        assert (revoked.version, revoked.status, revoked.revocation) == (2, "revoked", REVOCATION)

    def test_changes_nothing_the_second_time(self):
        revoked = an_institution().revoked(REVOCATION)

        assert revoked.revoked(REVOCATION) is revoked

    @pytest.mark.parametrize(
        "other",
        [
            pytest.param(
                Revocation(revoked_on=date(2026, 4, 1), reason=REVOCATION.reason), id="day"
            ),
            pytest.param(
                Revocation(revoked_on=REVOCATION.revoked_on, reason="另一原因"), id="reason"
            ),
        ],
    )
    def test_refuses_another_revocation(self, other):
        with pytest.raises(InstitutionRevokedOtherwise, match="2026-03-31"):
            an_institution().revoked(REVOCATION).revoked(other)


class TestTowns:
    def test_are_where_it_is_registered_and_where_it_teaches(self):
        here, there = a_place(), a_place(address="许村大道1号", town="xucun")
        institution = an_institution(places=(here, there))

        assert institution.towns == {"xiashi", "xucun"}
        closed = institution.with_site_closed("site-2", date(2026, 5, 1))
        assert closed.towns == {"xiashi"}


class TestCheckInCharge:
    @pytest.mark.parametrize("office", ["education", None])
    def test_lets_the_competent_department_and_an_administrator(self, office):
        an_institution().check_in_charge(office)

    @pytest.mark.parametrize("office", ["science_tech", "xiashi"])
    def test_refuses_every_other_office(self, office):
        with pytest.raises(NotInCharge):
            an_institution().check_in_charge(office)


class TestLicensed:
    def test_makes_the_next_version_and_leaves_the_filing(self):
        renewed = a_licence(issued_on=date(2024, 6, 1))

        institution = an_institution().licensed(renewed)

        assert institution.version == 2
        assert institution.licence.issued_on == date(2024, 6, 1)
        assert institution.particulars == particulars()

    def test_changes_nothing_the_second_time(self):
        renewed = an_institution().licensed(a_licence(issued_on=date(2024, 6, 1)))

        assert renewed.licensed(a_licence(issued_on=date(2024, 6, 1))) is renewed
        assert an_institution().licensed(a_licence()).version == 1

    def test_is_not_for_an_institution_that_was_revoked(self):
        revoked = an_institution().revoked(REVOCATION)

        with pytest.raises(InstitutionIsRevoked, match="2026-03-31"):
            revoked.licensed(a_licence(issued_on=date(2024, 6, 1)))


class TestWithSite:
    def test_adds_a_site_once(self):
        institution = an_institution().with_site(a_site())

        assert (institution.version, institution.sites) == (2, (a_site(),))
        assert institution.with_site(a_site("another id")) is institution

    def test_refuses_the_same_address_told_otherwise(self):
        with pytest.raises(SiteEnteredOtherwise):
            an_institution().with_site(a_site()).with_site(a_site(area_m2=80))

    def test_may_open_a_closed_address_again(self):
        closed = an_institution().with_site(a_site()).with_site_closed("site-1", date(2026, 5, 1))

        again = closed.with_site(a_site("site-2"))

        assert [site.open for site in again.sites] == [False, True]
        assert again.site_at(a_place().address).site_id == "site-2"

    def test_takes_as_many_as_the_register_holds_and_no_more(self):
        institution = an_institution()
        for number in range(MOST_SITES):
            institution = institution.with_site(a_site(f"s{number}", address=f"{number}号"))

        with pytest.raises(TooManySites):
            institution.with_site(a_site("one more", address="再一处"))

    def test_is_not_for_an_institution_that_was_revoked(self):
        with pytest.raises(InstitutionIsRevoked):
            an_institution().revoked(REVOCATION).with_site(a_site())


class TestWithSiteClosed:
    def test_closes_once(self):
        institution = an_institution(places=(a_place(),))

        closed = institution.with_site_closed("site-1", date(2026, 5, 1))

        assert (closed.version, closed.sites[0].closed_on) == (2, date(2026, 5, 1))
        assert closed.with_site_closed("site-1", date(2026, 5, 1)) is closed

    def test_refuses_another_day_and_an_unknown_site(self):
        closed = an_institution(places=(a_place(),)).with_site_closed("site-1", date(2026, 5, 1))

        with pytest.raises(SiteClosedOtherwise, match="2026-05-01"):
            closed.with_site_closed("site-1", date(2026, 5, 2))
        with pytest.raises(SiteNotFound, match="site-9"):
            closed.with_site_closed("site-9", date(2026, 5, 1))

    def test_may_follow_a_revocation(self):
        revoked = an_institution(places=(a_place(),)).revoked(REVOCATION)

        assert revoked.with_site_closed("site-1", date(2026, 5, 1)).version == 3
