"""Institutions in a real MongoDB."""

from datetime import UTC, date, datetime

import pytest

from services.registry.app.announcements import of_registration, of_revocation
from services.registry.domain.institution import InstitutionNotFound, Revocation
from shared.audit.log import Entry
from tests.registry.builders import USCC, an_institution

pytestmark = pytest.mark.integration

NOW = datetime(2026, 6, 30, 10, tzinfo=UTC)
REVOCATION = Revocation(revoked_on=date(2026, 3, 31), reason="连续两次年检不合格")


ENTRY = Entry(action="x", about_kind="institution", about_id="x")


async def enter(institutions, institution):
    events = of_registration(institution)
    return await institutions.add(institution, events=events, entry=ENTRY, now=NOW)


async def change(institutions, revoked, *, seen):
    events = of_revocation(revoked, REVOCATION)
    return await institutions.change(revoked, seen=seen, events=events, entry=ENTRY, now=NOW)


class TestAdd:
    async def test_keeps_what_was_entered(self, institutions):
        institution = an_institution(stages=["senior_secondary", "compulsory"])

        assert await enter(institutions, institution)
        assert await institutions.get(institution.institution_id) == institution
        assert await institutions.with_uscc(USCC) == institution

    async def test_writes_nothing_when_the_code_is_taken(self, institutions, db):
        await enter(institutions, an_institution())

        assert not await enter(institutions, an_institution(institution_id="another"))
        assert await db["institutions"].count_documents({}) == 1
        assert await db["outbox"].count_documents({}) == 2
        assert await db["audit"].count_documents({}) == 1


class TestChange:
    async def test_keeps_the_revocation(self, institutions):
        seen = an_institution()
        await enter(institutions, seen)
        revoked = seen.revoked(REVOCATION)

        assert await change(institutions, revoked, seen=seen)
        assert await institutions.get(seen.institution_id) == revoked

    async def test_writes_nothing_when_the_institution_has_moved(self, institutions, db):
        seen = an_institution()
        await enter(institutions, seen)
        revoked = seen.revoked(REVOCATION)
        await change(institutions, revoked, seen=seen)

        assert not await change(institutions, revoked, seen=seen)
        assert await db["outbox"].count_documents({}) == 4
        assert await db["audit"].count_documents({}) == 2


class TestGet:
    async def test_refuses_an_unknown_id(self, institutions):
        with pytest.raises(InstitutionNotFound, match="none"):
            await institutions.get("none")
