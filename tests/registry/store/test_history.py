"""Versions in a real MongoDB, and the register as it was known at a moment."""

from datetime import UTC, date, datetime, timedelta

import pytest

from services.registry.app.announcements import of_licence, of_registration
from services.registry.domain.institution import InstitutionNotFound
from services.registry.store.asked import Asked
from shared.audit.log import Entry, Who
from tests.registry.builders import a_licence, an_institution

pytestmark = pytest.mark.integration

ENTERED = datetime(2026, 3, 1, 10, tzinfo=UTC)
RENEWED = datetime(2026, 5, 1, 10, tzinfo=UTC)
TICK = timedelta(milliseconds=1)
RENEWAL = a_licence(issued_on=date(2024, 6, 1))


def entry(action):
    who = Who(role="staff", office="education")
    return Entry(action=action, about_kind="institution", about_id="x", who=who)


async def enter(institutions, institution, *, now=ENTERED):
    events = of_registration(institution)
    await institutions.add(institution, events=events, entry=entry("registered"), now=now)


async def renew(institutions, seen, *, now=RENEWED):
    renewed = seen.licensed(RENEWAL)
    changed = await institutions.change(
        renewed, seen=seen, events=of_licence(renewed), entry=entry("renewed"), now=now
    )
    return renewed if changed else None


class TestGet:
    async def test_returns_what_was_known_then(self, institutions):
        entered = an_institution()
        await enter(institutions, entered)
        renewed = await renew(institutions, entered)

        identifier = entered.institution_id
        for moment, known in (
            (ENTERED, entered),
            (RENEWED - TICK, entered),
            (RENEWED, renewed),
            (RENEWED + timedelta(days=400), renewed),
        ):
            assert await institutions.history.get(identifier, as_of=moment) == known
        with pytest.raises(InstitutionNotFound):
            await institutions.history.get(identifier, as_of=ENTERED - TICK)


class TestPage:
    async def test_returns_each_institution_once_as_it_was_known_then(self, institutions):
        first = an_institution(institution_id="1", uscc="91330481MA2B00000Y")
        second = an_institution(institution_id="2", uscc="92330481MA2B00000U")
        await enter(institutions, first)
        await enter(institutions, second, now=RENEWED)
        renewed = await renew(institutions, first)

        asked = Asked(today=RENEWED.date())
        page = institutions.history.page
        assert await page(asked, as_of=ENTERED) == [first]
        assert await page(asked, as_of=RENEWED) == [second, renewed]
        later = Asked(today=RENEWED.date(), before="2", limit=1)
        assert await page(later, as_of=RENEWED) == [renewed]


class TestVersions:
    async def test_end_where_the_next_begins(self, institutions):
        entered = an_institution()
        await enter(institutions, entered)
        renewed = await renew(institutions, entered)

        found = await institutions.history.versions("none", before=None, limit=9)
        assert found == []
        last, first = await institutions.history.versions(
            entered.institution_id, before=None, limit=9
        )
        assert (first.institution, last.institution) == (entered, renewed)
        assert (first.known_from, first.known_until) == (ENTERED, RENEWED)
        assert (last.known_from, last.known_until) == (RENEWED, None)
        assert (first.action, last.action, last.office) == ("registered", "renewed", "education")

    async def test_never_end_before_they_began_though_a_clock_is_behind(self, institutions):
        entered = an_institution()
        await enter(institutions, entered, now=RENEWED)
        await renew(institutions, entered, now=ENTERED)

        last, first = await institutions.history.versions(
            entered.institution_id, before=None, limit=9
        )
        assert first.known_from == first.known_until == last.known_from == RENEWED

    async def test_are_not_written_for_a_change_that_came_too_late(self, institutions, db):
        entered = an_institution()
        await enter(institutions, entered)
        await renew(institutions, entered)

        assert await renew(institutions, entered) is None
        assert await db["institution_versions"].count_documents({}) == 2
        assert await db["institution_versions"].count_documents({"known_until": None}) == 1
