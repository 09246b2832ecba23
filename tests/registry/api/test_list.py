"""The list of institutions, now and as of a moment, over HTTP on a real MongoDB."""

from datetime import UTC, datetime, timedelta

import pytest
from stdnum.cn import uscc

from shared.city_time import city_date
from tests.registry.builders import LICENCE, a_filing

pytestmark = pytest.mark.integration

URL = "/v1/institutions"


def code(number):
    stem = f"52330481MJ{number:06d}X"
    return stem + uscc.calc_check_digit(stem)


def until(days):
    """Return a licence whose last valid day is so many days away."""
    last = city_date(datetime.now(UTC)) + timedelta(days=days)
    return {**LICENCE, "valid_until": last.isoformat()}


SITE = {"address": "许村大道12号", "town": "xucun"}


def filings():
    """Return what is entered; of the day of the test, not of the one when the run began."""
    return {
        "math": a_filing(name="青禾数学(东)培训", licence=until(91)),
        "senior": a_filing(name="青禾高中培训", stages=["senior_secondary"], licence=until(90)),
        "swim": a_filing(name="a.c游泳", kind="sports", town="haizhou", licence=until(-1)),
        "dance": a_filing(name="abc舞蹈", kind="culture_arts", licence=None, sites=[SITE]),
    }


@pytest.fixture
def education(bearer):
    return bearer(role="staff", department="education")


@pytest.fixture
async def ids(client, education):
    """Enter one institution after the other; return their ids by name."""
    found = {}
    for number, (name, filing) in enumerate(filings().items(), 1):
        body = {**filing, "uscc": code(number)}
        answer = await client.post(URL, json=body, headers=education)
        assert answer.status_code == 201, answer.text
        found[name] = answer.json()["institution_id"]
    revocation = {"revoked_on": "2026-03-31", "reason": "停办"}
    await client.post(f"{URL}/{found['senior']}/revoke", json=revocation, headers=education)
    return found


async def listed(client, headers, ids, **query):
    answer = await client.get(URL, params=query, headers=headers)
    assert answer.status_code == 200, answer.text
    names = {identifier: name for name, identifier in ids.items()}
    return [names[each["institution_id"]] for each in answer.json()["institutions"]]


class TestFilters:
    async def test_narrow_the_list(self, client, education, ids):
        newest_first = ["dance", "swim", "senior", "math"]
        expected = [
            ({}, newest_first),
            ({"kind": "subject"}, ["senior", "math"]),
            ({"kind": "science_tech"}, []),
            ({"status": "revoked"}, ["senior"]),
            ({"stage": "compulsory"}, ["dance", "swim", "math"]),
            ({"town": "haizhou"}, ["swim"]),
            ({"town": "xucun"}, ["dance"]),
            ({"licence_state": "valid"}, ["math"]),
            ({"licence_state": "expiring"}, ["senior"]),
            ({"licence_state": "expired"}, ["swim"]),
            ({"licence_state": "none"}, ["dance"]),
            ({"kind": "subject", "status": "active"}, ["math"]),
            # A part of a name is taken as it stands, whatever it would mean elsewhere.
            ({"name": "青禾"}, ["senior", "math"]),
            ({"name": "(东)"}, ["math"]),
            ({"name": "a.c"}, ["swim"]),
            ({"name": ".*"}, []),
            ({"name": "^a"}, []),
            ({"name": "$"}, []),
        ]
        for query, names in expected:
            assert await listed(client, education, ids, **query) == names, query

    @pytest.mark.parametrize(
        "query",
        [
            {"kind": "music"},
            {"town": "tongxiang"},
            {"licence_state": "lost"},
            {"name": ""},
            {"name": "a\x00b"},
            {"name": "海" * 65},
            {"limit": 0},
            {"limit": 201},
            {"cursor": "no cursor"},
            {"as_of": "yesterday"},
            {"as_of": "2026-02-30"},
            {"as_of": "2026-03-31T12:00:00"},
            {"as_of": "2026-03-31T12:00:00 08:00"},
            {"as_of": "0001-01-01"},
            {"as_of": "9999-12-31"},
            {"as_of": "1700000000"},
        ],
    )
    async def test_refuse_what_is_malformed(self, client, education, query):
        answer = await client.get(URL, params=query, headers=education)

        assert answer.status_code == 422
        assert answer.json()["type"] == "urn:haining:problem:invalid-request"


class TestPages:
    async def test_join_without_a_gap_while_others_are_entered(self, client, education, ids):
        seen, cursor = [], None
        while True:
            query = {"limit": 1, **({} if cursor is None else {"cursor": cursor})}
            page = (await client.get(URL, params=query, headers=education)).json()
            seen += [each["institution_id"] for each in page["institutions"]]
            if len(seen) == 1:
                late = a_filing(name="后来的", uscc=code(9))
                await client.post(URL, json=late, headers=education)
            if (cursor := page["next_cursor"]) is None:
                break

        assert seen == list(ids.values())[::-1]


@pytest.mark.usefixtures("ids")
class TestAReason:
    @pytest.mark.parametrize(("who", "sees"), [("education", True), ("pboc", False)])
    async def test_of_a_revocation_is_shown_to_whom_it_is_for(self, client, bearer, who, sees):
        headers = bearer(role="staff", department=who)

        answer = await client.get(URL, params={"status": "revoked"}, headers=headers)

        [revoked] = answer.json()["institutions"]
        assert ("revocation_reason" in revoked) == sees


class TestWhoSees:
    async def test_what_of_the_list(self, client, bearer, ids):
        own = {"role": "institution", "institution": ids["swim"]}
        everything = ["dance", "swim", "senior", "math"]
        expected = [
            ({"role": "admin"}, everything),
            ({"role": "staff", "department": "pboc"}, everything),
            ({"role": "staff", "town": "xiashi"}, ["dance", "senior", "math"]),
            ({"role": "staff", "town": "xucun"}, ["dance"]),
            ({"role": "staff", "town": "changan"}, []),
            (own, ["swim"]),
        ]
        for who, names in expected:
            assert await listed(client, bearer(**who), ids) == names, who

    async def test_a_town_cannot_ask_for_another(self, client, bearer, ids):
        town = bearer(role="staff", town="xucun")

        assert await listed(client, town, ids, town="haizhou") == []
        assert await listed(client, town, ids, town="xiashi") == ["dance"]

    async def test_a_town_reads_an_institution_that_teaches_there(self, client, bearer, ids):
        town = bearer(role="staff", town="xucun")

        dance = await client.get(f"{URL}/{ids['dance']}", headers=town)
        swim = await client.get(f"{URL}/{ids['swim']}", headers=town)

        assert (dance.status_code, swim.status_code) == (200, 403)

    async def test_a_bank_sees_nothing(self, client, bearer):
        answer = await client.get(URL, headers=bearer(role="bank", bank="icbc"))

        assert answer.status_code == 403
