"""The doors for held sessions, and what is read of them, over a real MongoDB."""

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from standardwebhooks import Webhook

from shared.clock import Clock
from tests.schedule_monitor.builders import (
    INSTITUTION,
    TUESDAY,
    a_calendar_body,
    a_class,
    a_filing,
    a_held_item,
    a_licensed_state,
)

pytestmark = pytest.mark.integration

HELD = "/v1/held-sessions"
LATER = datetime(2026, 3, 31, 4, tzinfo=UTC)


@pytest.fixture
def kernel(kernel):
    """Return a service at the end of the month: what is told has been held."""
    return replace(kernel, clock=Clock(LATER - datetime.now(UTC)))


@pytest.fixture
async def licensed(institutions):
    await institutions.take(a_licensed_state())


@pytest.fixture
def tell(client, own):
    async def work(*items, headers=None):
        answer = await client.post(HELD, json={"sessions": list(items)}, headers=headers or own)
        assert answer.status_code == 200, answer.text
        return answer.json()["results"]

    return work


@pytest.fixture
def statuses(tell):
    async def work(*items, headers=None):
        return [one["status"] for one in await tell(*items, headers=headers)]

    return work


@pytest.mark.usefixtures("licensed")
class TestPostHeldSessions:
    async def test_takes_each_once(self, statuses, db):
        first, again = a_held_item(), a_held_item(reference="L2", start="19:00:00", end="19:30:00")

        assert await statuses(first, again) == ["accepted", "accepted"]
        assert await statuses(first, again, first) == ["duplicate"] * 3
        assert await db["held_sessions"].count_documents({}) == 2
        assert await db["outbox"].count_documents({"subject": {"$regex": "session-held"}}) == 2

    async def test_a_bad_item_is_refused_and_the_good_ones_kept(self, tell, client, own):
        bad = a_held_item(reference="L2", end="00:10:00", teacher_name="张三")

        found = await tell(bad, a_held_item())

        assert [one["status"] for one in found] == ["refused", "accepted"]
        pointers = {error["pointer"] for error in found[0]["problem"]["errors"]}
        assert pointers == {"/teacher_name"}
        page = (await client.get(f"{HELD}/refused", headers=own)).json()
        assert [one["reference"] for one in page["refused"]] == ["L2"]
        assert page["refused"][0]["unknown_fields"] == ["teacher_name"]
        assert "张三" not in json.dumps(page, ensure_ascii=False)

    @pytest.mark.parametrize(
        ("change", "pointer"),
        [
            ({"started_at": "2026-03-03T18:00:00"}, "/started_at"),
            ({"ended_at": "2026-03-04T00:00:00+08:00"}, "/ended_at"),
            ({"end": "18:00:00"}, "/ended_at"),
            ({"head_count": -1}, "/head_count"),
            ({"head_count": "12"}, "/head_count"),
            ({"attended": ["A", "A"]}, "/attended"),
            ({"attended": ["张三"]}, "/attended/0"),
            ({"version": 0}, "/version"),
            ({"reference": "a|b"}, "/reference"),
            ({"planned_on": TUESDAY}, "/planned_start"),
            ({"site": "s1", "address": "文苑路8号"}, "/address"),
            ({"url": "javascript:alert(1)"}, "/url"),
            ({"delivery": "taped"}, "/delivery"),
            ({"institution_id": "another"}, "/institution_id"),
            ({"day": "2026-04-01"}, "/ended_at"),
        ],
    )
    async def test_points_at_what_is_wrong(self, tell, change, pointer):
        [found] = await tell(a_held_item(**change))

        assert found["status"] == "refused"
        assert [error["pointer"] for error in found["problem"]["errors"]] == [pointer]

    async def test_utc_evenings_are_days_of_the_city(self, statuses):
        item = a_held_item(
            started_at="2026-03-01T23:00:00Z", ended_at="2026-03-02T00:30:00.250+00:00"
        )

        assert await statuses(item) == ["accepted"]

    @pytest.mark.parametrize(
        "body",
        [b"\xff{", b"[]", b'{"sessions": {}}', b'{"sessions": []}', b'{"sessions": [1], "a": 1}'],
    )
    async def test_a_body_that_is_no_batch_is_a_problem(self, client, own, body):
        answer = await client.post(HELD, content=body, headers=own)

        assert answer.status_code == 422
        assert answer.json()["type"].endswith("invalid-request")

    async def test_no_more_than_a_batch(self, client, own):
        items = [a_held_item(reference=f"L{n}") for n in range(501)]

        assert (await client.post(HELD, json={"sessions": items}, headers=own)).status_code == 422

    async def test_items_of_any_kind_are_answered(self, statuses):
        assert await statuses(1, None, "x", [], {}, {"reference": {"a": 1}}) == ["refused"] * 6

    async def test_a_version_is_corrected_by_a_higher_one_only(self, tell, db):
        told = a_held_item(head_count=3)
        [first] = await tell(told)

        found = await tell({**told, "head_count": 4}, {**told, "head_count": 4, "version": 2}, told)

        assert [one["status"] for one in found] == ["conflict", "accepted", "duplicate"]
        assert [one["version"] for one in found] == [1, 2, 2]
        assert {one["session_id"] for one in found} == {first["session_id"]}
        rows = db["outbox"].find({"subject": {"$regex": "session-held"}}).sort("version")
        facts = [json.loads(row["body"])["data"] async for row in rows]
        assert [(one["version"], one["head_count"]) for one in facts] == [(1, 3), (2, 4)]

    async def test_a_late_lower_version_is_kept_and_changes_nothing(self, tell, db):
        await tell(a_held_item(version=3, head_count=7))

        [late] = await tell(a_held_item(version=2, head_count=5))

        assert (late["status"], late["version"]) == ("accepted", 3)
        assert (await db["held_sessions"].find_one())["head_count"] == 7
        assert await db["held_versions"].count_documents({}) == 2
        assert await db["outbox"].count_documents({"subject": {"$regex": "session-held"}}) == 1

    async def test_a_withdrawn_session_has_nobody_there(self, tell, db):
        await tell(a_held_item(attended=["HT-1"]))
        await tell(a_held_item(attended=["HT-1"], version=2, withdrawn=True))

        row = await db["outbox"].find_one({"version": 2})
        data = json.loads(row["body"])["data"]
        assert (data["head_count"], data["attended"]) == (0, [])

    async def test_the_same_batch_at_once_is_taken_once(self, statuses, db):
        items = [a_held_item(reference=f"L{n}") for n in range(50)]

        found = await asyncio.gather(*[statuses(*items) for _ in range(4)])

        flat = [status for one in found for status in one]
        assert flat.count("accepted") == 50
        assert flat.count("duplicate") == 150
        assert await db["held_sessions"].count_documents({}) == 50

    async def test_a_town_tells_of_its_own_ground_and_counts_heads(self, statuses, bearer, db):
        town, other = (bearer(role="staff", town=code) for code in ("xiashi", "changan"))

        assert await statuses(a_held_item(), headers=town) == ["accepted"]
        assert await statuses(a_held_item(attended=["HT-1"], version=2), headers=town) == [
            "refused"
        ]
        assert await statuses(a_held_item(), headers=other) == ["refused"]
        assert await db["outbox"].count_documents({"subject": {"$regex": "session-held"}}) == 0

    async def test_senders_count_for_themselves(self, statuses, education):
        assert await statuses(a_held_item()) == ["accepted"]
        assert await statuses(a_held_item(head_count=9), headers=education) == ["accepted"]


async def test_an_unknown_institution_may_be_told_of_again(institutions, tell):
    [early] = await tell(a_held_item())
    await institutions.take(a_licensed_state())

    [late] = await tell(a_held_item())

    assert early["problem"]["type"].endswith("institution-unknown")
    assert late["status"] == "accepted"


@pytest.mark.usefixtures("licensed")
class TestPlatformsDoor:
    @pytest.fixture
    async def send(self, client, bearer):
        economy_it = bearer(role="staff", department="economy_it")
        made = {"code": "cloud", "name": "云课堂"}
        secret = (await client.post("/v1/platforms", json=made, headers=economy_it)).json()[
            "secret"
        ]

        async def work(*items, key=secret):
            body, now = json.dumps({"sessions": list(items)}), datetime.now(UTC)
            headers = {
                "webhook-id": f"msg-{now.timestamp()}",
                "webhook-timestamp": str(int(now.timestamp())),
                "webhook-signature": Webhook(key).sign(f"msg-{now.timestamp()}", now, body),
            }
            door = "/v1/platforms/cloud/sessions"
            return await client.post(door, content=body, headers=headers)

        return work

    async def test_takes_signed_batches_as_online(self, send, client, education):
        answer = await send(a_held_item(url="https://cloud.example/rooms/17", room="17"))

        assert answer.status_code == 200
        [found] = answer.json()["results"]
        view = (await client.get(f"{HELD}/{found['session_id']}", headers=education)).json()
        assert (view["mode"], view["source"]) == ("online", "platform")

    async def test_an_unsigned_batch_is_nobodys(self, send):
        other = "whsec_" + "A" * 43 + "="

        assert (await send(a_held_item(), key=other)).status_code == 401

    async def test_what_is_refused_stays_visible_to_it(self, send, client, bearer):
        await send(a_held_item(head_count=None))
        own, other = (bearer(role="platform", platform=code) for code in ("cloud", "other"))
        place = "/v1/platforms/cloud/sessions/refused"

        page = (await client.get(place, headers=own)).json()

        assert [one["status"] for one in page["refused"]] == ["refused"]
        assert (await client.get(place, headers=other)).status_code == 403


@pytest.mark.usefixtures("licensed")
class TestReading:
    @pytest.fixture
    async def filed(self, institutions, client, own, education):
        await institutions.take(a_licensed_state())
        calendar = a_calendar_body()
        await client.put("/v1/school-calendars/2025-2026", json=calendar, headers=education)
        answer = await client.post("/v1/timetables", json=a_filing(a_class()), headers=own)
        assert answer.status_code == 201

    @pytest.fixture
    def read(self, client, own, tell):
        async def work(item):
            [found] = await tell(item)
            return (await client.get(f"{HELD}/{found['session_id']}", headers=own)).json()

        return work

    @pytest.mark.usefixtures("filed")
    async def test_as_filed(self, read):
        view = await read(a_held_item(site="s1", planned_on=TUESDAY, planned_start="18:00:00"))

        assert view["verdict"] == "lawful"
        assert view["filed"]["start"] == "18:00:00"
        assert (view["differences"], view["unapproved"]) == ([], None)

    @pytest.mark.usefixtures("filed")
    async def test_what_happened_is_judged(self, read):
        view = await read(a_held_item(start="19:40:00", end="20:30:01", site="s2"))

        assert [one["rule"] for one in view["findings"]] == ["schedule.offline_end"]
        assert {one["rule"] for one in view["differences"]} == {
            "schedule.held_moved",
            "schedule.held_overran",
        }
        assert view["unapproved"]["reason"] == "site_unknown"

    async def test_lists_by_days_to_those_concerned(self, client, own, tell, bearer):
        await tell(a_held_item(), a_held_item("2026-03-02", reference="L2", end="18:00:01"))
        which = {"institution_id": INSTITUTION, "from": TUESDAY, "until": TUESDAY}
        town, other = (bearer(role="staff", town=code) for code in ("xiashi", "changan"))

        page = (await client.get(HELD, params=which, headers=town)).json()

        assert [one["reference"] for one in page["sessions"]] == ["L1"]
        assert (await client.get(HELD, params=which, headers=other)).status_code == 403
        stranger = bearer(role="institution", institution="another")
        assert (await client.get(HELD, params=which, headers=stranger)).status_code == 403
        pages = (await client.get(HELD, params={**which, "limit": 1}, headers=own)).json()
        assert pages["next_cursor"] == pages["sessions"][0]["session_id"]

    async def test_another_institution_is_told_that_there_is_none(self, client, tell, bearer):
        [found] = await tell(a_held_item())
        stranger = bearer(role="institution", institution="another")

        answer = await client.get(f"{HELD}/{found['session_id']}", headers=stranger)

        assert answer.status_code == 404

    @pytest.mark.usefixtures("filed")
    async def test_counts_in_the_summary(self, client, tell, judged, education):
        await tell(a_held_item(), a_held_item("2026-03-02", reference="L2", end="18:00:01"), {})
        await judged()

        held = (await client.get("/v1/timetables/summary", headers=education)).json()["held"]

        assert (held["held"], held["held_unfiled"], held["refused"]) == (2, 1, 1)
