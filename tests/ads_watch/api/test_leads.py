"""Leads over HTTP, on a real MongoDB: who sees them, who answers, and who is told."""

import asyncio
import json

import pytest

from tests.ads_watch.builders import a_report

pytestmark = pytest.mark.integration

URL = "/v1/leads"
NOT_OURS = {"reason": "该账号不在本市备案"}
DONE = {"outcome": "corrected", "reason": "已撤下"}


@pytest.fixture
def publicity(bearer):
    return bearer(department="publicity")


@pytest.fixture
async def lead(client, bearer, publicity):
    """A lawful text on a banned medium, reported by a street: one lead, for 市委宣传部."""
    body = a_report(text="少儿美术班")
    await client.post("/v1/sightings", json=body, headers=bearer(town="xiashi"))
    [lead] = (await client.get(URL, headers=publicity)).json()["leads"]
    return lead


async def told(db):
    rows = await db["outbox"].find({"stream": "EXCHANGE"}).sort("_id", 1).to_list()
    return [(row["subject"], json.loads(row["body"])["data"]) for row in rows]


async def act(client, headers, lead, what, body=None):
    return await client.post(f"{URL}/{lead['lead_id']}/{what}", json=body, headers=headers)


class TestAnswering:
    async def test_is_told_to_the_office_that_reported(self, client, publicity, lead, db):
        accepted = await act(client, publicity, lead, "accept")
        answered = await act(client, publicity, lead, "feedback", DONE)

        assert accepted.json()["state"] == "accepted"
        assert answered.json()["state"] == "answered"
        _, *later = await told(db)
        assert [subject for subject, _ in later] == [
            "exchange.v1.xiashi.lead-accepted",
            "exchange.v1.xiashi.lead-feedback",
        ]
        assert later[1][1]["outcome"] == "corrected"

    async def test_is_not_told_to_who_answers(self, client, publicity, db):
        body = a_report(text="少儿美术班")
        await client.post("/v1/sightings", json=body, headers=publicity)
        [own] = (await client.get(URL, headers=publicity)).json()["leads"]

        await act(client, publicity, own, "accept")

        assert [subject for subject, _ in await told(db)] == ["exchange.v1.publicity.lead-sent"]

    async def test_returns_it_to_the_regulator_of_the_market(self, client, publicity, lead, db):
        answer = await act(client, publicity, lead, "return", NOT_OURS)

        assert (answer.json()["department"], answer.json()["state"]) == (
            "market_regulation",
            "sent",
        )
        _, *later = await told(db)
        by_subject = dict(later)
        assert set(by_subject) == {
            "exchange.v1.market_regulation.lead-sent",
            "exchange.v1.xiashi.lead-returned",
        }
        again = by_subject["exchange.v1.market_regulation.lead-sent"]
        assert again["returned_by"] == "publicity"
        assert NOT_OURS["reason"] in again["reason"]

    @pytest.mark.parametrize(("what", "body"), [("accept", None), ("return", NOT_OURS)])
    async def test_changes_nothing_a_second_time(self, client, publicity, lead, db, what, body):
        first = await act(client, publicity, lead, what, body)
        before = await told(db)
        again = await act(client, publicity, lead, what, body)

        assert first.json() == again.json()
        assert await told(db) == before

    async def test_happens_once_when_many_answer_at_once(self, client, publicity, lead, db):
        answers = await asyncio.gather(*(act(client, publicity, lead, "accept") for _ in range(6)))

        assert {one.status_code for one in answers} == {200}
        assert {one.json()["version"] for one in answers} == {2}
        assert len(await told(db)) == 2

    async def test_is_audited(self, client, publicity, lead, db):
        await act(client, publicity, lead, "accept")

        row = await db["audit"].find_one({"action": "lead.accepted"})
        assert row["about"] == {"kind": "lead", "id": lead["lead_id"]}
        assert row["who"]["office"] == "publicity"

    async def test_by_an_administrator_is_for_who_has_it(self, client, bearer, lead):
        answer = await act(client, bearer("admin"), lead, "accept")

        assert answer.json()["steps"][0]["department"] == "publicity"


class TestRefusals:
    async def test_meet_a_party_that_does_not_have_it(self, client, bearer, lead):
        answer = await act(client, bearer(town="xiashi"), lead, "accept")

        assert answer.status_code == 403
        assert answer.json()["type"] == "urn:haining:problem:not-your-lead"

    async def test_tell_a_stranger_nothing(self, client, bearer, lead):
        answer = await act(client, bearer(department="tax"), lead, "accept")

        assert answer.status_code == 404

    async def test_meet_feedback_before_acceptance(self, client, publicity, lead):
        answer = await act(client, publicity, lead, "feedback", DONE)

        assert answer.json()["type"] == "urn:haining:problem:lead-not-accepted"

    async def test_meet_a_second_and_other_feedback(self, client, publicity, lead):
        await act(client, publicity, lead, "accept")
        await act(client, publicity, lead, "feedback", DONE)
        answer = await act(
            client, publicity, lead, "feedback", {"outcome": "unfounded", "reason": "另查"}
        )

        assert answer.status_code == 409

    @pytest.mark.parametrize(
        ("what", "body"),
        [
            ("return", {"reason": " "}),
            ("return", {"reason": "甲" * 501}),
            ("feedback", {"outcome": "forgotten", "reason": "无"}),
            ("feedback", {"outcome": "corrected"}),
        ],
    )
    async def test_meet_what_says_too_little_or_too_much(self, client, publicity, lead, what, body):
        assert (await act(client, publicity, lead, what, body)).status_code == 422


class TestReading:
    @pytest.mark.parametrize(
        ("office", "sees"),
        [
            ({"town": "xiashi"}, True),
            ({"department": "market_regulation"}, True),
            ({"department": "tax"}, False),
            ({"town": "haizhou"}, False),
        ],
    )
    async def test_is_for_the_parties(self, client, bearer, lead, office, sees):
        headers = bearer(**office)

        one = await client.get(f"{URL}/{lead['lead_id']}", headers=headers)
        listed = await client.get(URL, headers=headers)

        assert one.status_code == (200 if sees else 404)
        assert bool(listed.json()["leads"]) == sees

    async def test_stays_with_who_returned_it(self, client, publicity, lead):
        await act(client, publicity, lead, "return", NOT_OURS)

        held = await client.get(URL, params={"department": "publicity"}, headers=publicity)
        had = await client.get(URL, headers=publicity)

        assert held.json()["leads"] == []
        assert [one["lead_id"] for one in had.json()["leads"]] == [lead["lead_id"]]

    async def test_finds_those_of_a_sighting_and_a_state(self, client, publicity, lead):
        wanted = {"sighting_id": lead["sighting_id"], "state": "sent"}

        found = await client.get(URL, params=wanted, headers=publicity)
        none = await client.get(URL, params={**wanted, "state": "accepted"}, headers=publicity)

        assert found.json()["leads"] == [lead]
        assert none.json()["leads"] == []
