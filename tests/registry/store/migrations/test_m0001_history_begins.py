"""Documents of schema 1, as a stack from before holds them, in a real MongoDB."""

import asyncio
from datetime import UTC, date, datetime, timedelta

import pytest

from services.registry.domain.institution import Revocation
from services.registry.store.migrations.m0001_history_begins import begin_history
from tests.registry.builders import USCC, an_institution, particulars

pytestmark = pytest.mark.integration

ENTERED = datetime(2026, 3, 1, 10, tzinfo=UTC)
REVOKED = datetime(2026, 5, 6, 10, tzinfo=UTC)
REVOCATION = Revocation(revoked_on=date(2026, 5, 6), reason="连续两次年检不合格")


def an_old_row(**changes):
    """Return a document as version 0.1.0's first weeks wrote it, spelt out."""
    return {
        "_id": "i-1",
        "schema": 1,
        "version": 1,
        "name": "海宁市硖石街道青禾文化培训中心",
        "uscc": USCC,
        "kind": "subject",
        "stages": ["compulsory"],
        "mode": "offline",
        "town": "xiashi",
        "competent_department": "education",
        "status": "active",
        "revoked_on": None,
        "revocation_reason": None,
        "registered_at": ENTERED,
        "updated_at": ENTERED,
        **changes,
    }


def a_revoked_row(**changes):
    return an_old_row(
        version=2,
        status="revoked",
        revoked_on="2026-05-06",
        revocation_reason=REVOCATION.reason,
        updated_at=REVOKED,
        **changes,
    )


OLD = an_institution(institution_id="i-1", licence=None)


class TestBeginHistory:
    async def test_leaves_an_institution_as_it_was_and_readable(self, db, institutions):
        await db["institutions"].insert_one(an_old_row())

        assert await begin_history(db) == 1

        assert await institutions.get("i-1") == OLD
        [version] = await institutions.history.versions("i-1", before=None, limit=9)
        assert (version.institution, version.known_from, version.known_until) == (
            OLD,
            ENTERED,
            None,
        )
        assert (version.action, version.office) == ("institution.registered", None)

    async def test_tells_both_versions_of_one_that_was_revoked(self, db, institutions):
        await db["institutions"].insert_one(a_revoked_row())

        await begin_history(db)

        revoked = OLD.revoked(REVOCATION)
        assert await institutions.get("i-1") == revoked
        assert await institutions.history.get("i-1", as_of=REVOKED) == revoked
        before = REVOKED - timedelta(milliseconds=1)
        assert await institutions.history.get("i-1", as_of=before) == OLD

    async def test_may_run_twice_and_beside_itself(self, db, institutions):
        rows = [an_old_row(), a_revoked_row() | {"_id": "i-2", "uscc": "91330481MA2B00000Y"}]
        await db["institutions"].insert_many(rows)

        done = await asyncio.gather(*(begin_history(db) for _ in range(4)))
        assert await begin_history(db) == 0

        assert sum(done) == 2
        assert await db["institution_versions"].count_documents({}) == 3
        assert (await institutions.get("i-2")).version == 2

    async def test_leaves_the_old_filing_known(self, db, institutions):
        await db["institutions"].insert_one(an_old_row())

        await begin_history(db)

        known = await institutions.with_uscc(USCC)
        assert known.particulars.same_as(particulars(licence=None))
