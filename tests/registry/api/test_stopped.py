"""Filings with licence and sites, and those that task 19 stops, over HTTP on a real MongoDB."""

from datetime import date, timedelta

import pytest

from services.registry.application import application
from services.registry.domain.stops import switched
from tests.registry.builders import LICENCE, a_filing

pytestmark = pytest.mark.integration

URL = "/v1/institutions"
SITES = [
    {"address": "硖石街道水月亭东路1号", "town": "xiashi", "area_m2": 320},
    {"address": "许村镇许村大道12号", "town": "xucun"},
]


@pytest.fixture
def education(bearer):
    return bearer(role="staff", department="education")


class TestAStoppedFiling:
    async def test_is_refused_with_every_field_and_every_article(self, client, education, db):
        filing = a_filing(stages=["preschool", "compulsory", "senior_secondary"])
        del filing["licence"]

        answer = await client.post(URL, json=filing, headers=education)

        said = answer.json()
        assert answer.status_code == 422
        assert answer.headers["content-type"] == "application/problem+json"
        assert said["type"] == "urn:haining:problem:new-institution-stopped"
        assert [error["pointer"] for error in said["errors"]] == [
            "/stages/1",
            "/stages/2",
            "/stages/0",
            "/kind",
            "/kind",
            "/licence",
        ]
        for item in ("任务19第一项", "任务19第二项", "任务19第三项", "issued_on"):
            assert item in said["detail"]
        assert await db["institutions"].count_documents({}) == 0
        assert await db["institution_versions"].count_documents({}) == 0

    @pytest.mark.parametrize("kind", ["culture_arts", "sports", "science_tech"])
    async def test_may_be_of_any_kind_before_school(self, client, education, kind):
        filing = a_filing(kind=kind, stages=["preschool"], licence=None)

        answer = await client.post(URL, json=filing, headers=education)

        assert answer.status_code == 422
        assert [error["pointer"] for error in answer.json()["errors"]] == ["/stages/0", "/licence"]

    async def test_is_refused_by_a_licence_that_came_too_late(self, client, education):
        filing = a_filing(licence={**LICENCE, "issued_on": "2021-07-24"})

        answer = await client.post(URL, json=filing, headers=education)

        assert answer.status_code == 422
        assert answer.json()["errors"][-1]["pointer"] == "/licence/issued_on"

    async def test_is_entered_where_the_city_has_ended_the_stop(self, kernel, client_of, education):
        # The same door with the switch set: one stop has ended, the others stand.
        switch = switched({"registry.stop_preschool": (date(2021, 7, 24), date(2026, 1, 1))})
        before_school = a_filing(kind="sports", stages=["preschool"], licence=None)
        at_school = a_filing(licence=None, uscc="91330481MA2B00000Y")

        async with client_of(application(kernel, stops=switch)) as client:
            answers = [
                await client.post(URL, json=filing, headers=education)
                for filing in (before_school, at_school)
            ]

        assert [answer.status_code for answer in answers] == [201, 422]

    async def test_that_is_in_the_register_already_is_known_again(self, client, education, db):
        # As it was entered before the stop existed.
        filing = a_filing()
        known = (await client.post(URL, json=filing, headers=education)).json()
        await db["institutions"].update_one(
            {"_id": known["institution_id"]},
            {"$set": {"licence": None, "filed.licence": None}},
        )

        answer = await client.post(URL, json=a_filing(licence=None), headers=education)

        assert (answer.status_code, answer.json()["licence_state"]) == (200, "none")


class TestAFiling:
    async def test_answers_licence_and_sites(self, client, education):
        exchanged = {**LICENCE, "issued_on": "2021-12-20", "first_issued_on": "2017-03-01"}

        answer = await client.post(
            URL, json=a_filing(licence=exchanged, sites=SITES), headers=education
        )

        said = answer.json()
        assert answer.status_code == 201
        assert said["licence"] == {**exchanged, "issued_by": None}
        assert said["licence_state"] == "valid"
        assert [{**site, "site_id": "", "closed_on": ""} for site in said["sites"]] == [
            {"area_m2": None, **site, "site_id": "", "closed_on": ""} for site in SITES
        ]
        assert len({site["site_id"] for site in said["sites"]}) == 2

    async def test_needs_neither_where_nothing_is_stopped(self, client, education):
        filing = a_filing(kind="sports")
        del filing["licence"]

        said = (await client.post(URL, json=filing, headers=education)).json()

        assert (said["licence"], said["licence_state"], said["sites"]) == (None, "none", [])

    async def test_is_the_same_when_its_sites_come_in_another_order(self, client, education):
        for sites, status in ((SITES, 201), (SITES[::-1], 200), (SITES[:1], 409)):
            answer = await client.post(URL, json=a_filing(sites=sites), headers=education)

            assert answer.status_code == status

    async def test_may_carry_a_licence_that_has_run_out(self, client, education):
        expired = {**LICENCE, "valid_until": "2024-05-31"}

        answer = await client.post(URL, json=a_filing(licence=expired), headers=education)

        assert (answer.status_code, answer.json()["licence_state"]) == (201, "expired")

    async def test_does_not_carry_a_licence_of_tomorrow(self, client, education):
        tomorrow = (date.today() + timedelta(days=2)).isoformat()  # noqa: DTZ011 - two, for any zone
        filing = a_filing(kind="sports", licence={**LICENCE, "issued_on": tomorrow})

        answer = await client.post(URL, json=filing, headers=education)

        assert answer.status_code == 422
        assert answer.json()["type"] == "urn:haining:problem:licence-not-yet-issued"
        assert answer.json()["errors"][0]["pointer"] == "/licence/issued_on"

    @pytest.mark.parametrize(
        ("change", "pointer"),
        [
            ({"licence": {**LICENCE, "valid_until": "2019-06-01"}}, "/licence/valid_until"),
            ({"licence": {**LICENCE, "first_issued_on": "2019-06-02"}}, "/licence/first_issued_on"),
            ({"licence": {**LICENCE, "issued_on": 1}}, "/licence/issued_on"),
            ({"licence": {**LICENCE, "number": "教" * 65}}, "/licence/number"),
            ({"licence": {**LICENCE, "number": "教\n民"}}, "/licence/number"),
            ({"licence": {**LICENCE, "holder": "张三"}}, "/licence/holder"),
            ({"sites": [{**SITES[0], "town": "tongxiang"}]}, "/sites/0/town"),
            ({"sites": [{**SITES[0], "area_m2": 2**63}]}, "/sites/0/area_m2"),
            ({"sites": [{**SITES[0], "area_m2": "320"}]}, "/sites/0/area_m2"),
            ({"sites": [{**SITES[0], "address": " "}]}, "/sites/0/address"),
            ({"sites": [SITES[0], SITES[0]]}, "/sites"),
            ({"sites": [{**SITES[0], "address": f"{n}号"} for n in range(21)]}, "/sites"),
        ],
    )
    async def test_points_at_what_is_malformed(self, client, education, change, pointer):
        answer = await client.post(URL, json=a_filing(**change), headers=education)

        assert answer.status_code == 422
        assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
