"""The history of an institution and reads as of a moment, over HTTP on a real MongoDB."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.city_time import CITY_TIME
from tests.registry.builders import LICENCE, a_filing

pytestmark = pytest.mark.integration

URL = "/v1/institutions"
RENEWED = {**LICENCE, "issued_on": "2024-06-01"}
SITE = {"address": "许村大道12号", "town": "xucun"}
REVOCATION = {"revoked_on": "2026-03-31", "reason": "举办者张三失联"}
SECOND = timedelta(seconds=1)


@pytest.fixture
def education(bearer):
    return bearer(role="staff", department="education")


@pytest.fixture
async def url(client, education):
    """Return the address of an institution that was entered, renewed, extended and revoked."""
    known = (await client.post(URL, json=a_filing(), headers=education)).json()
    url = f"{URL}/{known['institution_id']}"
    await client.put(f"{url}/licence", json=RENEWED, headers=education)
    await client.post(f"{url}/sites", json=SITE, headers=education)
    await client.post(f"{url}/revoke", json=REVOCATION, headers=education)
    return url


async def history(client, url, headers, **query):
    answer = await client.get(f"{url}/history", params=query, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


class TestHistory:
    async def test_tells_every_version_with_action_and_office(self, client, education, url):
        said = await history(client, url, education)

        assert [(each["version"], each["action"], each["office"]) for each in said["versions"]] == [
            (4, "institution.revoked", "education"),
            (3, "institution.site-opened", "education"),
            (2, "institution.licence-renewed", "education"),
            (1, "institution.registered", "education"),
        ]
        assert said["next_cursor"] is None
        last, *earlier = said["versions"]
        assert last["known_until"] is None
        ends = [each["known_until"] for each in earlier]
        assert ends == [each["known_from"] for each in said["versions"][:-1]]
        assert last["institution"] == (await client.get(url, headers=education)).json()

    async def test_comes_in_pages(self, client, education, url):
        seen, cursor = [], None
        while True:
            query = {"limit": 2, **({} if cursor is None else {"cursor": cursor})}
            page = await history(client, url, education, **query)
            seen += [each["version"] for each in page["versions"]]
            if (cursor := page["next_cursor"]) is None:
                break

        assert seen == [4, 3, 2, 1]

    @pytest.mark.parametrize("cursor", ["x", "_____________________w"])
    async def test_refuses_a_cursor_it_did_not_give(self, client, education, url, cursor):
        answer = await client.get(f"{url}/history", params={"cursor": cursor}, headers=education)

        assert answer.status_code == 422

    async def test_is_shown_to_whom_the_institution_is(self, client, bearer, url):
        own = {"role": "institution", "institution": url.rpartition("/")[2]}
        for who, status in (
            (own, 200),
            ({"role": "institution", "institution": "another"}, 403),
            ({"role": "staff", "town": "xucun"}, 200),
            ({"role": "staff", "town": "haizhou"}, 403),
            ({"role": "staff", "department": "pboc"}, 200),
        ):
            answer = await client.get(f"{url}/history", headers=bearer(**who))

            assert answer.status_code == status, who

    async def test_keeps_the_reason_from_whom_it_is_not_for(self, client, bearer, url):
        answer = await client.get(f"{url}/history", headers=bearer(role="staff", department="pboc"))

        assert answer.json()["versions"][0]["institution"]["status"] == "revoked"
        assert REVOCATION["reason"] not in answer.text

    async def test_is_none_of_an_institution_that_is_not_there(self, client, education):
        answer = await client.get(f"{URL}/none/history", headers=education)

        assert answer.status_code == 404


class TestAsOf:
    async def test_answers_each_version_at_its_own_moments(self, client, education, url):
        versions = (await history(client, url, education))["versions"]
        for each in versions:
            answer = await client.get(url, params={"as_of": each["known_from"]}, headers=education)

            assert answer.json()["version"] == each["version"]
            listed = await client.get(URL, params={"as_of": each["known_from"]}, headers=education)
            assert [one["version"] for one in listed.json()["institutions"]] == [each["version"]]

    async def test_knows_nothing_before_the_entry(self, client, education, url):
        entered = (await history(client, url, education))["versions"][-1]["known_from"]
        before = (datetime.fromisoformat(entered) - SECOND).isoformat()

        one = await client.get(url, params={"as_of": before}, headers=education)
        many = await client.get(URL, params={"as_of": before}, headers=education)

        assert one.status_code == 404
        assert one.json()["type"] == "urn:haining:problem:institution-not-found"
        assert many.json() == {"institutions": [], "next_cursor": None}

    async def test_reads_a_day_as_its_end_in_the_city(self, client, education, url, db):
        # The last version as it would lie there, had it come with the last second of a past day.
        evening = datetime(2026, 6, 30, 23, 59, 59, tzinfo=CITY_TIME)
        rows = db["institution_versions"]
        await rows.update_many({"version": {"$lt": 3}}, {"$set": {"known_until": evening}})
        day = {"known_from": evening - timedelta(days=2)}
        await rows.update_one({"version": 2}, {"$set": day})
        await rows.update_one({"version": 3}, {"$set": {"known_from": evening}})

        for as_of, version in (
            ("2026-06-30", 3),
            ("2026-06-29", 2),
            ((evening - SECOND).isoformat(), 2),
            (evening.astimezone(UTC).isoformat(), 3),
        ):
            answer = await client.get(url, params={"as_of": as_of}, headers=education)

            assert answer.json()["version"] == version, as_of

    async def test_takes_today_but_no_day_to_come(self, client, education, url):
        today = datetime.now(CITY_TIME).date()
        days = (today, today + timedelta(days=2))

        answers = [
            await client.get(url, params={"as_of": day.isoformat()}, headers=education)
            for day in days
        ]

        assert [answer.status_code for answer in answers] == [200, 422]
        assert answers[0].json() == (await client.get(url, headers=education)).json()

    async def test_bounds_who_sees_what_as_the_present_does(self, client, bearer, education, url):
        before_the_site = (await history(client, url, education))["versions"][2]["known_from"]
        town = bearer(role="staff", town="xucun")

        now = await client.get(url, headers=town)
        then = await client.get(url, params={"as_of": before_the_site}, headers=town)
        listed = await client.get(URL, params={"as_of": before_the_site}, headers=town)

        assert (now.status_code, then.status_code) == (200, 403)
        assert listed.json()["institutions"] == []

    async def test_tells_the_licence_as_it_stood_on_that_day(self, client, education, url, db):
        rows = db["institution_versions"]
        long_ago = datetime(2026, 3, 1, tzinfo=UTC)
        expired = {"known_from": long_ago, "licence.valid_until": "2026-03-31"}
        await rows.update_one({"version": 1}, {"$set": expired})

        states = {}
        for day in ("2026-03-31", "2026-04-01"):
            answer = await client.get(url, params={"as_of": day}, headers=education)
            states[day] = answer.json()["licence_state"]
            query = {"as_of": day, "licence_state": states[day]}
            listed = await client.get(URL, params=query, headers=education)
            assert len(listed.json()["institutions"]) == 1

        assert states == {"2026-03-31": "expiring", "2026-04-01": "expired"}
