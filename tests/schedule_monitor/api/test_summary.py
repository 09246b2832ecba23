"""The record as a whole."""

import pytest

from tests.schedule_monitor.builders import a_calendar_body, a_class, a_filing
from tests.schedule_monitor.conftest import NOW

pytestmark = pytest.mark.integration


async def read(client, headers):
    return (await client.get("/v1/timetables/summary", headers=headers)).json()


@pytest.mark.usefixtures("registered")
class TestReadSummary:
    async def test_counts_current_timetables_and_what_waits(self, client, education, judged, db):
        await client.put(
            "/v1/school-calendars/2025-2026", json=a_calendar_body(), headers=education
        )
        for version, days in ((1, ["2026-03-07"]), (2, ["2026-03-03", "2026-09-02"])):
            body = a_filing(*map(a_class, days), version=version)
            await client.post("/v1/timetables", json=body, headers=education)

        before = await read(client, education)
        await judged()
        # As a relay leaves it, which has told the others of the school year.
        await db["outbox"].update_many({}, {"$set": {"sent_at": NOW}})
        after = await read(client, education)

        assert (before["settled"], before["waiting"]["judging"]) == (False, 1)
        assert after["timetables"] == 1
        assert after["sessions"] == {"lawful": 1, "unlawful": 0, "calendar_incomplete": 1}
        assert after["settled"]

    async def test_is_for_staff(self, client, own):
        assert (await client.get("/v1/timetables/summary", headers=own)).status_code == 403
