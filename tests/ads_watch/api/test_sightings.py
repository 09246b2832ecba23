"""Sightings over HTTP, on a real MongoDB: kept, judged, sent on, and raised."""

import asyncio
import json
from datetime import timedelta

import pytest

from shared.clock import machine_now
from tests.ads_watch.builders import a_report

pytestmark = pytest.mark.integration

URL = "/v1/sightings"


@pytest.fixture
def street(bearer):
    return bearer(town="xiashi")


async def report(client, headers, **changes):
    return await client.post(URL, json=a_report(**changes), headers=headers)


async def sent(db):
    rows = await db["outbox"].find({"stream": "EXCHANGE"}).sort("_id", 1).to_list()
    return {row["subject"]: json.loads(row["body"]) for row in rows}


async def alerts(db):
    return await db["alerts"].find({}).sort("rule.code", 1).to_list()


class TestPostSighting:
    async def test_keeps_it_and_sends_each_unlawful_point_to_whose_duty_it_is(
        self, client, street, db
    ):
        answer = await report(client, street)

        said = answer.json()
        assert answer.status_code == 201
        assert answer.headers["Location"] == f"{URL}/{said['sighting_id']}"
        assert (said["office"], said["unlawful"]) == ("xiashi", True)
        leads = await db["leads"].find({}).to_list()
        assert {(one["point"]["kind"], one["department"]) for one in leads} == {
            ("ads.content", "market_regulation"),
            ("ads.subject_training", "market_regulation"),
            ("ads.placement_media", "publicity"),
        }
        event = (await sent(db))["exchange.v1.publicity.lead-sent"]
        assert event["type"] == "cn.haining.ads_watch.lead-sent.v1"
        assert event["data"]["sender"] == "xiashi"
        assert event["data"]["sighting"]["sighting_id"] == said["sighting_id"]
        assert event["data"]["reason"].startswith("市委宣传部（牵头）：方案任务25")

    @pytest.mark.parametrize(
        ("medium", "department"),
        [
            ("online_platform", "publicity"),
            ("elevator", "urban_enforcement"),
            ("school_bus", "education"),
        ],
    )
    async def test_knows_whose_duty_a_place_is(self, client, street, db, medium, department):
        await report(client, street, text="少儿美术班", medium=medium)

        [lead] = await db["leads"].find({}).to_list()
        assert lead["department"] == department

    async def test_is_audited_without_naming_the_person(self, client, street, db):
        await report(client, street)

        rows = await db["audit"].find({}).to_list()
        assert [row["action"] for row in rows] == ["sighting.reported", *["lead.sent"] * 3]
        assert {row["who"]["office"] for row in rows} == {"xiashi"}

    async def test_sends_and_raises_nothing_for_a_lawful_one(self, client, street, db):
        answer = await report(client, street, text="少儿美术班", medium="own_premises")

        assert answer.json()["unlawful"] is False
        assert await db["leads"].count_documents({}) == 0
        assert await db["outbox"].count_documents({}) == 0

    async def test_answers_a_repeat_with_the_same_and_changes_nothing(self, client, street, db):
        first = await report(client, street)
        before = await db["outbox"].count_documents({})
        again = await report(client, street, seen_at="2022-03-05T02:30:00Z")

        assert (first.status_code, again.status_code) == (201, 200)
        assert first.json() == again.json()
        assert await db["outbox"].count_documents({}) == before

    async def test_enters_one_when_many_send_it_at_once(self, client, street, db):
        answers = await asyncio.gather(*(report(client, street) for _ in range(6)))

        assert sorted(one.status_code for one in answers) == [200] * 5 + [201]
        assert await db["leads"].count_documents({}) == 3

    async def test_answers_the_same_key_the_same(self, client, street, db):
        headers = {**street, "Idempotency-Key": "one"}
        first = await report(client, headers)
        again = await report(client, headers)
        other = await report(client, headers, place="别处")

        assert first.json() == again.json()
        assert other.json()["type"] == "urn:haining:problem:idempotency-key-reused"
        assert await db["sightings"].count_documents({}) == 1

    async def test_lets_a_town_report_only_its_own(self, client, street):
        answer = await report(client, street, town="haizhou")

        assert answer.status_code == 403

    @pytest.mark.parametrize(("minutes", "status"), [(5, 201), (15, 422)])
    async def test_refuses_what_was_seen_in_the_future(self, client, street, minutes, status):
        later = machine_now() + timedelta(minutes=minutes)

        answer = await report(client, street, seen_at=later.isoformat())

        assert answer.status_code == status

    @pytest.mark.parametrize(
        "change",
        [
            {"text": None},
            {"seen_at": 1_700_000_000},
            {"seen_at": "2022-03-05T10:30:00"},
            {"seen_at": "2014-12-31T00:00:00Z"},
            {"town": "nowhere"},
            {"url": "javascript:alert(1)"},
            {"image_digest": "sha256:00"},
            {"place": "甲" * 129},
            {"text": "a\x00b"},
        ],
    )
    async def test_refuses_what_it_cannot_keep(self, client, street, change, db):
        answer = await report(client, street, **change)

        assert answer.status_code == 422
        assert answer.headers["content-type"] == "application/problem+json"
        assert await db["sightings"].count_documents({}) == 0


class TestAlerts:
    async def test_are_raised_about_the_institution_in_the_month_seen(self, client, street, db):
        await report(client, street, institution_id="i-1", seen_at="2022-02-28T16:30:00Z")

        found = await alerts(db)
        assert {(one["about"]["kind"], one["about"]["id"]) for one in found} == {
            ("institution", "i-1")
        }
        # Half past midnight in the city.
        assert {one["window"] for one in found} == {"2022-03"}
        assert [one["rule"]["code"] for one in found] == [
            "ads.content",
            "ads.placement_media",
            "ads.subject_training",
        ]

    async def test_are_else_about_the_advertiser_or_the_place(self, client, street, db):
        await report(client, street, text="美术班", advertiser_name="某某画室")
        await report(client, street, text="美术班")

        assert {(one["about"]["kind"], one["about"]["id"]) for one in await alerts(db)} == {
            ("advertiser", "某某画室"),
            ("place", "xiashi/某某公众号"),
        }

    async def test_tell_the_institution_so_that_it_can_state_its_case(self, client, street, db):
        await report(client, street, text="美术班", institution_id="i-1")
        await report(client, street, text="美术班", advertiser_name="某某画室")

        told = {one["about"]["id"]: one["told_at"] is not None for one in await alerts(db)}
        assert told == {"i-1": True, "某某画室": False}

    @pytest.mark.parametrize(("times", "level"), [(2, "yellow"), (3, "red"), (4, "red")])
    async def test_rise_with_the_third_in_a_month(self, client, street, db, times, level):
        for number in range(times):
            await report(client, street, text="美术班", institution_id="i-1", place=f"第{number}处")

        [alert] = await alerts(db)
        assert alert["level"] == level
        assert alert["findings"][0]["figures"] == {"sightings": times}

    async def test_are_the_same_in_whatever_order_reports_come(self, client, street, db):
        days = ("2022-03-05T00:00:00Z", "2022-03-07T00:00:00Z", "2022-03-06T00:00:00Z")
        said = []
        for name, order in (("i-1", days), ("i-2", tuple(reversed(days)))):
            for day in order:
                await report(client, street, institution_id=name, seen_at=day)
            found = [one for one in await alerts(db) if one["about"]["id"] == name]
            said.append([(one["rule"]["code"], one["level"], one["message"]) for one in found])

        assert said[0] == said[1]

    async def test_count_all_that_came_at_once(self, client, street, db):
        await asyncio.gather(
            *(
                report(client, street, text="美术班", institution_id="i-1", place=f"第{number}处")
                for number in range(5)
            )
        )

        [alert] = await alerts(db)
        assert alert["findings"][0]["figures"] == {"sightings": 5}


class TestReading:
    async def test_pages_through_all_newest_first(self, client, street, bearer):
        made = [
            (await report(client, street, place=f"第{number}处")).json()["sighting_id"]
            for number in range(5)
        ]

        found, cursor = [], ""
        while cursor is not None:
            query = {"limit": 2, **({"cursor": cursor} if cursor else {})}
            page = await client.get(URL, params=query, headers=bearer(department="publicity"))
            found += [one["sighting_id"] for one in page.json()["sightings"]]
            cursor = page.json()["next_cursor"]

        assert found == made[::-1]

    async def test_shows_a_town_only_its_own(self, client, street, bearer):
        made = (await report(client, street)).json()
        other = bearer(town="haizhou")

        listed = await client.get(URL, headers=other)
        one = await client.get(f"{URL}/{made['sighting_id']}", headers=other)
        own = await client.get(f"{URL}/{made['sighting_id']}", headers=street)

        assert listed.json()["sightings"] == []
        assert one.status_code == 404
        assert own.json() == made

    async def test_knows_no_other_sighting(self, client, street):
        answer = await client.get(f"{URL}/unknown", headers=street)

        assert answer.status_code == 404
