"""Keeping licence and sites, over HTTP on a real MongoDB."""

import asyncio
import json

import pytest

from tests.registry.builders import LICENCE, a_filing

pytestmark = pytest.mark.integration

URL = "/v1/institutions"
RENEWED = {**LICENCE, "issued_on": "2024-06-01", "number": "教民133048170000019号"}
SITE = {"address": "许村镇许村大道12号", "town": "xucun", "area_m2": 200}
CLOSING = {"closed_on": "2026-05-01"}


@pytest.fixture
def education(bearer):
    return bearer(role="staff", department="education")


@pytest.fixture
async def known(client, education):
    return (await client.post(URL, json=a_filing(), headers=education)).json()


@pytest.fixture
def url(known):
    return f"{URL}/{known['institution_id']}"


async def told(db):
    """Return what was announced after the entry: the type and what it says."""
    rows = await db["outbox"].find({"version": {"$gt": 1}}).sort("_id").to_list()
    return [(row["subject"].split(".v1.")[0], json.loads(row["body"])["data"]) for row in rows]


class TestPutLicence:
    async def test_renews_and_announces_fact_and_state(self, client, education, url, db):
        answer = await client.put(f"{url}/licence", json=RENEWED, headers=education)

        assert answer.status_code == 200
        assert answer.json()["version"] == 2
        renewed = {**RENEWED, "issued_by": None, "first_issued_on": LICENCE["issued_on"]}
        assert answer.json()["licence"] == renewed
        [(fact, what), (state, now)] = await told(db)
        assert fact == "registry.licence-renewed"
        assert state == "state.registry.institution"
        assert what["licence"] == now["licence"]
        assert RENEWED.items() <= now["licence"].items()
        assert (what["version"], now["version"]) == (2, 2)

    async def test_changes_nothing_the_second_time(self, client, education, url, db):
        first = await client.put(f"{url}/licence", json=RENEWED, headers=education)
        again = await client.put(f"{url}/licence", json=RENEWED, headers=education)

        assert again.json() == first.json()
        assert len(await told(db)) == 2

    async def test_is_not_undone_by_a_late_repeat(self, client, education, url):
        await client.put(f"{url}/licence", json=RENEWED, headers=education)

        answer = await client.put(f"{url}/licence", json=LICENCE, headers=education)

        assert answer.status_code == 409
        assert answer.json()["type"] == "urn:haining:problem:licence-superseded"

    async def test_points_at_a_day_to_come(self, client, education, url):
        tomorrow = {**RENEWED, "issued_on": "2098-01-01", "valid_until": "2099-01-01"}

        answer = await client.put(f"{url}/licence", json=tomorrow, headers=education)

        assert answer.json()["type"] == "urn:haining:problem:licence-not-yet-issued"
        assert [error["pointer"] for error in answer.json()["errors"]] == ["/issued_on"]

    async def test_leaves_the_first_filing_known(self, client, education, url):
        await client.put(f"{url}/licence", json=RENEWED, headers=education)

        answer = await client.post(URL, json=a_filing(), headers=education)

        assert (answer.status_code, answer.json()["version"]) == (200, 2)

    async def test_does_not_bring_what_is_stopped_in_by_the_back_door(self, client, education, db):
        # An application from before a stop, as the register may hold one.
        known = (await client.post(URL, json=a_filing(), headers=education)).json()
        nothing = {"licence": None, "filed.licence": None}
        await db["institutions"].update_one({"_id": known["institution_id"]}, {"$set": nothing})
        licence_url = f"{URL}/{known['institution_id']}/licence"

        late = await client.put(licence_url, json=RENEWED, headers=education)
        early = await client.put(licence_url, json=LICENCE, headers=education)

        assert late.status_code == 422
        assert late.json()["type"] == "urn:haining:problem:new-institution-stopped"
        # The body is the licence: nothing of the filing can be pointed at.
        assert [error["pointer"] for error in late.json()["errors"]] == ["/issued_on"]
        assert early.status_code == 200

    async def test_is_over_when_the_institution_was_revoked(self, client, education, url):
        revocation = {"revoked_on": "2026-03-31", "reason": "连续两次年检不合格"}
        await client.post(f"{url}/revoke", json=revocation, headers=education)

        licence = await client.put(f"{url}/licence", json=RENEWED, headers=education)
        site = await client.post(f"{url}/sites", json=SITE, headers=education)

        assert (licence.status_code, site.status_code) == (409, 409)
        assert licence.json()["type"] == "urn:haining:problem:institution-is-revoked"

    async def test_leaves_a_row_in_the_audit_log(self, client, education, url, db):
        await client.put(f"{url}/licence", json=RENEWED, headers=education)

        row = await db["audit"].find_one({"action": "institution.licence-renewed"})
        assert row["who"]["office"] == "education"
        assert row["details"]["valid_until"] == RENEWED["valid_until"]


class TestPostSite:
    async def test_adds_a_site_and_announces_it(self, client, education, url, db):
        answer = await client.post(f"{url}/sites", json=SITE, headers=education)

        site = answer.json()
        assert answer.status_code == 201
        assert SITE.items() <= site.items()
        [(fact, what), (_, now)] = await told(db)
        assert fact == "registry.site-opened"
        assert what["site"] == {**SITE, "site_id": site["site_id"]}
        assert now["sites"] == [what["site"]]

    async def test_adds_it_once_when_many_ask_at_once(self, client, education, url, db):
        answers = await asyncio.gather(
            *(client.post(f"{url}/sites", json=SITE, headers=education) for _ in range(6))
        )

        assert sorted(answer.status_code for answer in answers) == [200] * 5 + [201]
        assert len({answer.json()["site_id"] for answer in answers}) == 1
        assert len(await told(db)) == 2

    async def test_adds_every_site_when_many_come_at_once(self, client, education, url):
        sites = [{**SITE, "address": f"许村大道{number}号"} for number in range(6)]

        answers = await asyncio.gather(
            *(client.post(f"{url}/sites", json=site, headers=education) for site in sites)
        )

        assert {answer.status_code for answer in answers} == {201}
        said = (await client.get(url, headers=education)).json()
        assert said["version"] == 7
        assert {site["address"] for site in said["sites"]} == {site["address"] for site in sites}

    async def test_answers_the_same_under_the_same_key(self, client, education, url):
        headers = {**education, "Idempotency-Key": "site-1"}
        first = await client.post(f"{url}/sites", json=SITE, headers=headers)
        await client.post(
            f"{url}/sites/{first.json()['site_id']}/close", json=CLOSING, headers=education
        )

        again = await client.post(f"{url}/sites", json=SITE, headers=headers)

        assert again.json() == first.json()
        [site] = (await client.get(url, headers=education)).json()["sites"]
        assert site["closed_on"] == CLOSING["closed_on"]

    async def test_refuses_the_same_address_told_otherwise(self, client, education, url):
        await client.post(f"{url}/sites", json=SITE, headers=education)

        answer = await client.post(f"{url}/sites", json={**SITE, "area_m2": 1}, headers=education)

        assert answer.status_code == 409
        assert answer.json()["type"] == "urn:haining:problem:site-entered-otherwise"


class TestPostSiteClosing:
    async def test_closes_and_announces_it_once(self, client, education, url, db):
        site = (await client.post(f"{url}/sites", json=SITE, headers=education)).json()
        close = f"{url}/sites/{site['site_id']}/close"

        answers = [await client.post(close, json=CLOSING, headers=education) for _ in range(2)]
        other = await client.post(close, json={"closed_on": "2026-05-02"}, headers=education)

        assert [answer.json() for answer in answers] == [{**site, **CLOSING}] * 2
        assert other.status_code == 409
        [_, _, (fact, what), (_, now)] = await told(db)
        assert fact == "registry.site-closed"
        assert (what["site_id"], what["closed_on"]) == (site["site_id"], CLOSING["closed_on"])
        assert now["sites"] == []

    async def test_answers_404_for_an_unknown_site(self, client, education, url):
        answer = await client.post(f"{url}/sites/none/close", json=CLOSING, headers=education)

        assert answer.status_code == 404
        assert answer.json()["type"] == "urn:haining:problem:site-not-found"


@pytest.mark.parametrize(
    "asked",
    [
        ("PUT", "licence", RENEWED),
        ("POST", "sites", SITE),
        ("POST", "sites/none/close", CLOSING),
    ],
)
class TestWhoMayChange:
    @pytest.mark.parametrize(
        ("who", "code"),
        [
            ({"role": "staff", "department": "science_tech"}, "not-in-charge"),
            ({"role": "staff", "department": "civil_affairs"}, "forbidden"),
            ({"role": "staff", "town": "xiashi"}, "forbidden"),
        ],
    )
    async def test_is_the_department_in_charge_alone(self, client, bearer, url, asked, who, code):
        method, path, body = asked

        answer = await client.request(method, f"{url}/{path}", json=body, headers=bearer(**who))

        assert answer.status_code == 403
        assert answer.json()["type"] == f"urn:haining:problem:{code}"

    async def test_needs_an_institution_that_is_there(self, client, education, asked):
        method, path, body = asked

        answer = await client.request(method, f"{URL}/none/{path}", json=body, headers=education)

        assert answer.status_code == 404
        assert answer.json()["type"] == "urn:haining:problem:institution-not-found"

    async def test_takes_nothing_it_does_not_know(self, client, education, url, asked):
        method, path, body = asked
        more = {**body, "by": "张三"}

        answer = await client.request(method, f"{url}/{path}", json=more, headers=education)

        assert answer.status_code == 422
        assert [error["pointer"] for error in answer.json()["errors"]] == ["/by"]
