"""What can happen to an institution."""

from datetime import date

import pytest

from services.registry.domain.institution import (
    InstitutionRegisteredOtherwise,
    InstitutionRevokedOtherwise,
    Revocation,
    known_by,
    register,
)
from tests.registry.builders import an_institution, particulars

REVOCATION = Revocation(revoked_on=date(2026, 3, 31), reason="连续两次年检不合格")


class TestRegister:
    def test_begins_with_the_first_version(self):
        institution = register(particulars(), institution_id="i", site_ids=())

        assert (institution.version, institution.status) == (1, "active")

    def test_returns_what_is_known_by_the_same_filing(self):
        known = an_institution(stages=["compulsory", "senior_secondary"])
        again = particulars(stages=["senior_secondary", "compulsory"])

        assert known_by(again, known=known) == known

    @pytest.mark.parametrize(
        "change",
        [
            {"name": "另一名称"},
            {"kind": "sports"},
            {"stages": ["compulsory", "senior_secondary"]},
            {"mode": "online"},
            {"town": "haizhou"},
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
