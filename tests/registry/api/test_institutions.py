"""Routes of institutions, on a real MongoDB."""

import asyncio
import json

import pytest

from shared.audit.log import DigestKey
from shared.audit.sealer import ChainSealer
from tests.registry.builders import LICENCE, a_filing

pytestmark = pytest.mark.integration

URL = "/v1/institutions"
REVOCATION = {"revoked_on": "2026-03-31", "reason": "连续两次年检不合格"}


@pytest.fixture
def education(bearer):
    return bearer(role="staff", department="education")


@pytest.fixture
async def known(client, education):
    return (await client.post(URL, json=a_filing(), headers=education)).json()


async def announced(db):
    rows = await db["outbox"].find().sort([("version", 1), ("subject", 1)]).to_list()
    return [(row["subject"], json.loads(row["body"])) for row in rows]


class TestPostInstitution:
    async def test_enters_an_institution_and_announces_fact_and_state(self, client, education, db):
        answer = await client.post(URL, json=a_filing(), headers=education)

        said = answer.json()
        assert answer.status_code == 201
        assert {**a_filing(), "licence": said["licence"]}.items() <= said.items()
        assert LICENCE.items() <= said["licence"].items()
        assert (said["competent_department"], said["status"], said["version"]) == (
            "education",
            "active",
            1,
        )
        institution = said["institution_id"]
        assert answer.headers["Location"] == f"{URL}/{institution}"
        [(fact_subject, fact), (state_subject, state)] = await announced(db)
        assert fact_subject == f"registry.institution-registered.v1.{institution}"
        assert state_subject == f"state.registry.institution.v1.{institution}"
        assert fact["type"] == "cn.haining.registry.institution-registered.v1"
        assert (state["data"]["version"], state["data"]["status"]) == (1, "active")

    async def test_answers_a_repeat_with_the_same_institution(self, client, education, db):
        first = await client.post(URL, json=a_filing(), headers=education)
        again = await client.post(URL, json=a_filing(), headers=education)

        assert (first.status_code, again.status_code) == (201, 200)
        assert first.json() == again.json()
        assert len(await announced(db)) == 2

    async def test_enters_one_institution_when_many_file_it_at_once(self, client, education, db):
        answers = await asyncio.gather(
            *(client.post(URL, json=a_filing(), headers=education) for _ in range(8))
        )

        assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]
        assert len({answer.json()["institution_id"] for answer in answers}) == 1
        assert len(await announced(db)) == 2

    async def test_refuses_another_body_of_the_same_code(self, client, education, known):
        answer = await client.post(URL, json=a_filing(town="haizhou"), headers=education)

        assert known["town"] == "xiashi"
        assert answer.status_code == 409
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["type"] == "urn:haining:problem:institution-registered-otherwise"

    @pytest.mark.parametrize(
        ("change", "pointer"),
        [
            pytest.param({"name": ""}, "/name", id="no name"),
            pytest.param({"name": " 　"}, "/name", id="blank name"),
            pytest.param({"name": "海" * 65}, "/name", id="long name"),
            pytest.param({"name": "海宁\n中心"}, "/name", id="line break in the name"),
            pytest.param({"stages": []}, "/stages", id="no stage"),
            pytest.param({"stages": ["compulsory"] * 2}, "/stages", id="a stage twice"),
            pytest.param({"stages": ["university"]}, "/stages/0", id="unknown stage"),
            pytest.param({"kind": "music"}, "/kind", id="unknown kind"),
            pytest.param({"mode": "both"}, "/mode", id="unknown mode"),
            pytest.param({"town": "tongxiang"}, "/town", id="town of another city"),
            pytest.param({"uscc": "52330481mj000001xj"}, "/uscc", id="small letters"),
            pytest.param({"owner": "张三"}, "/owner", id="unknown field"),
        ],
    )
    async def test_points_at_what_is_malformed(self, client, education, change, pointer):
        answer = await client.post(URL, json=a_filing(**change), headers=education)

        assert answer.status_code == 422
        assert answer.json()["type"] == "urn:haining:problem:invalid-request"
        assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]

    async def test_refuses_a_wrong_check_character(self, client, education, db):
        body = a_filing(uscc="52330481MJ000001XK")

        answer = await client.post(URL, json=body, headers=education)

        assert answer.status_code == 422
        assert answer.json()["type"] == "urn:haining:problem:uscc-not-valid"
        assert await db["institutions"].count_documents({}) == 0

    @pytest.mark.parametrize(
        "code",
        [
            "education",
            "culture_tourism_sports",
            "science_tech",
            "civil_affairs",
            "market_regulation",
        ],
    )
    async def test_lets_the_departments_of_the_register_write(self, client, bearer, code):
        headers = bearer(role="staff", department=code)

        assert (await client.post(URL, json=a_filing(), headers=headers)).status_code == 201

    @pytest.mark.parametrize(
        "who",
        [
            {"role": "staff", "department": "pboc"},
            {"role": "staff", "town": "xiashi"},
            {"role": "institution", "department": "education", "institution": "i"},
            {"role": "bank", "bank": "icbc"},
            {"role": "bank_admin"},
        ],
    )
    async def test_lets_nobody_else_write(self, client, bearer, who):
        answer = await client.post(URL, json={}, headers=bearer(**who))

        assert answer.status_code == 403

    async def test_answers_the_same_under_the_same_key(self, client, education):
        headers = {**education, "Idempotency-Key": "filing-1"}
        first = await client.post(URL, json=a_filing(), headers=headers)
        again = await client.post(URL, json=a_filing(), headers=headers)
        other = await client.post(URL, json=a_filing(town="haizhou"), headers=headers)

        assert (first.status_code, again.status_code) == (201, 200)
        assert again.json() == first.json()
        assert again.headers["Location"] == first.headers["Location"]
        assert other.status_code == 422
        assert other.json()["type"] == "urn:haining:problem:idempotency-key-reused"

    async def test_leaves_one_audit_row_for_one_institution(self, client, education, db):
        for _ in range(2):
            answer = await client.post(URL, json=a_filing(), headers=education)

        [row] = await db["audit"].find().to_list()
        assert row["action"] == "institution.registered"
        assert row["about"] == {"kind": "institution", "id": answer.json()["institution_id"]}
        assert row["who"]["office"] == "education"

    async def test_asks_for_a_token(self, client):
        assert (await client.post(URL, json=a_filing())).status_code == 401


class TestReadInstitution:
    @pytest.mark.parametrize(
        "who",
        [
            {"role": "staff", "department": "pboc"},
            {"role": "staff", "town": "xiashi"},
            {"role": "staff", "department": "xiashi"},
            {"role": "admin"},
        ],
    )
    async def test_answers_staff(self, client, bearer, known, who):
        answer = await client.get(f"{URL}/{known['institution_id']}", headers=bearer(**who))

        assert answer.status_code == 200
        assert answer.json().items() <= known.items()

    async def test_answers_the_institution_itself(self, client, bearer, known):
        own = known["institution_id"]

        answer = await client.get(
            f"{URL}/{own}", headers=bearer(role="institution", institution=own)
        )

        assert answer.status_code == 200

    @pytest.mark.parametrize("exists", [True, False])
    async def test_tells_another_institution_nothing(self, client, bearer, known, exists):
        asked = known["institution_id"] if exists else "none"

        answer = await client.get(
            f"{URL}/{asked}", headers=bearer(role="institution", institution="another")
        )

        assert answer.status_code == 403

    @pytest.mark.parametrize(
        "who", [{"role": "staff", "town": "haizhou"}, {"role": "bank", "bank": "icbc"}]
    )
    async def test_refuses_whose_matter_it_is_not(self, client, bearer, known, who):
        answer = await client.get(f"{URL}/{known['institution_id']}", headers=bearer(**who))

        assert answer.status_code == 403

    async def test_answers_with_a_problem_document_when_there_is_none(self, client, education):
        answer = await client.get(f"{URL}/none", headers=education)

        assert answer.status_code == 404
        assert answer.json()["type"] == "urn:haining:problem:institution-not-found"
        assert answer.json()["instance"] == f"{URL}/none"


class TestPostRevocation:
    async def test_revokes_and_announces_without_the_reason(self, client, education, known, db):
        answer = await client.post(revoke_url(known), json=REVOCATION, headers=education)

        assert answer.status_code == 200
        assert answer.json() == {
            **known,
            "status": "revoked",
            "version": 2,
            "revoked_on": "2026-03-31",
            "revocation_reason": REVOCATION["reason"],
        }
        [_, _, (_, fact), (_, state)] = await announced(db)
        assert fact["type"] == "cn.haining.registry.institution-revoked.v1"
        assert (state["data"]["status"], state["data"]["revoked_on"]) == ("revoked", "2026-03-31")
        assert REVOCATION["reason"] not in json.dumps([fact, state], ensure_ascii=False)

    async def test_leaves_one_audit_row_without_the_reason(self, client, education, known, db):
        for _ in range(2):
            await client.post(revoke_url(known), json=REVOCATION, headers=education)

        [row] = await db["audit"].find({"action": "institution.revoked"}).to_list()
        assert row["about"]["id"] == known["institution_id"]
        assert row["why"].startswith("hmac-sha256:")
        assert REVOCATION["reason"] not in str(row)

    async def test_answers_a_repeat_the_same(self, client, education, known, db):
        first = await client.post(revoke_url(known), json=REVOCATION, headers=education)
        again = await client.post(revoke_url(known), json=REVOCATION, headers=education)

        assert (again.status_code, again.json()) == (200, first.json())
        assert len(await announced(db)) == 4

    async def test_revokes_once_when_many_ask_at_once(self, client, education, known, db):
        answers = await asyncio.gather(
            *(client.post(revoke_url(known), json=REVOCATION, headers=education) for _ in range(8))
        )

        assert {answer.status_code for answer in answers} == {200}
        assert {answer.json()["version"] for answer in answers} == {2}
        assert len(await announced(db)) == 4

    @pytest.mark.parametrize("change", [{"revoked_on": "2026-04-01"}, {"reason": "另一原因"}])
    async def test_refuses_another_revocation(self, client, education, known, change):
        await client.post(revoke_url(known), json=REVOCATION, headers=education)

        answer = await client.post(
            revoke_url(known), json={**REVOCATION, **change}, headers=education
        )

        assert answer.status_code == 409
        assert answer.json()["type"] == "urn:haining:problem:institution-revoked-otherwise"

    async def test_leaves_the_filing_repeatable(self, client, education, known):
        await client.post(revoke_url(known), json=REVOCATION, headers=education)

        answer = await client.post(URL, json=a_filing(), headers=education)

        assert (answer.status_code, answer.json()["status"]) == (200, "revoked")

    @pytest.mark.parametrize(
        ("change", "pointer"),
        [
            ({"revoked_on": 0}, "/revoked_on"),
            ({"revoked_on": "2026-03-31T00:00:00"}, "/revoked_on"),
            ({"revoked_on": "2026-02-30"}, "/revoked_on"),
            ({"reason": " "}, "/reason"),
            ({"reason": "因" * 501}, "/reason"),
            ({"by": "张三"}, "/by"),
        ],
    )
    async def test_points_at_what_is_malformed(self, client, education, known, change, pointer):
        answer = await client.post(
            revoke_url(known), json={**REVOCATION, **change}, headers=education
        )

        assert answer.status_code == 422
        assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]

    async def test_answers_404_for_an_unknown_institution(self, client, education):
        answer = await client.post(f"{URL}/none/revoke", json=REVOCATION, headers=education)

        assert answer.status_code == 404

    async def test_lets_only_the_register_revoke(self, client, bearer, known):
        headers = bearer(role="staff", department="pboc")

        answer = await client.post(revoke_url(known), json=REVOCATION, headers=headers)

        assert answer.status_code == 403


class TestAudit:
    async def test_holds_each_write_once_with_who_and_why(self, client, education, known, db):
        url = revoke_url(known)
        for _ in range(2):
            await client.post(URL, json=a_filing(), headers=education)
            await client.post(url, json=REVOCATION, headers=education)

        registered, revoked = await db["audit"].find().sort("_id").to_list()

        about = {"kind": "institution", "id": known["institution_id"]}
        assert (registered["action"], revoked["action"]) == (
            "institution.registered",
            "institution.revoked",
        )
        assert registered["about"] == revoked["about"] == about
        assert registered["who"] == revoked["who"]
        assert revoked["who"]["office"] == "education"
        assert revoked["details"] == {"version": 2, "revoked_on": "2026-03-31"}
        assert registered["why"] is None
        assert revoked["why"] == DigestKey("tests", b"tests").digest(REVOCATION["reason"])

    async def test_can_be_read_by_the_department_that_wrote(self, client, education, known, db):
        await ChainSealer(db, service="registry").seal_once()

        answer = await client.get("/v1/audit/entries", headers=education)

        [entry] = answer.json()["entries"]
        assert entry["about"]["id"] == known["institution_id"]


class TestInbox:
    async def test_is_there(self, client, education):
        answer = await client.get("/v1/alerts", headers=education)

        assert (answer.status_code, answer.json()["alerts"]) == (200, [])


def revoke_url(institution):
    return f"{URL}/{institution['institution_id']}/revoke"
