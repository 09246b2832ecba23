"""Contracts over HTTP on a real store: filed, filed anew, read by those who may."""

import asyncio
import json

import httpx
import pytest

from tests.support.contracts import INSTITUTION, STUDENT, a_filing
from tests.support.fund import FundMonitor, an_institution, money, opened

pytestmark = [pytest.mark.integration, pytest.mark.timeout(60)]

URL = "/v1/contracts"
OWNER = {"role": "institution", "institution": INSTITUTION}
CULTURE = {"role": "staff", "department": "culture_tourism_sports"}


@pytest.fixture
async def city(fund: FundMonitor) -> FundMonitor:
    await fund.institutions.take(an_institution())
    return fund


async def file(fund: FundMonitor, body=None, **claims: str) -> httpx.Response:
    return await fund.client.post(
        URL, json=body or a_filing(), headers=fund.bearer(**(claims or OWNER))
    )


async def everything(fund: FundMonitor) -> str:
    """Return all that the service keeps, as text."""
    names = await fund.db.list_collection_names()
    return str([[row async for row in fund.db[name].find()] for name in names])


class TestPostContract:
    async def test_files_once_with_its_row_in_the_audit_chain(self, city):
        answers = [await file(city), await file(city)]

        assert [answer.status_code for answer in answers] == [201, 200]
        assert [answer.json()["status"] for answer in answers] == ["filed", "duplicate"]
        assert await city.db["contracts"].count_documents({}) == 1
        assert await city.db["audit"].count_documents({"action": "contract.filed"}) == 1

    async def test_tells_the_others_without_the_student(self, city):
        await file(city)

        told = await city.db["outbox"].find_one({"stream": "FUND"})

        assert told["subject"] == "fund.contract-filed.v1.inst-1"
        assert json.loads(told["body"])["data"]["price_fen"] == 120_000
        assert "stu_" not in told["body"]

    async def test_keeps_every_version_with_what_was_paid(self, city):
        await file(city)
        await file(city, a_filing(price_fen=99_000))
        await city.accepted([opened(), money("deposit", "d1", 500, contract_no="C1")])
        await city.settled()

        read = (await city.read(f"{URL}/{INSTITUTION}/C1", **OWNER)).json()

        assert [(one["version"], one["price_fen"]) for one in read["versions"]] == [
            (2, 99_000),
            (1, 120_000),
        ]
        assert read["position"]["paid_fen"] == 500

    async def test_counts_versions_when_several_file_at_once(self, city):
        prices = range(1, 6)

        answers = await asyncio.gather(*(file(city, a_filing(price_fen=fen)) for fen in prices))

        assert {answer.status_code for answer in answers} == {201}
        read = (await city.read(f"{URL}/{INSTITUTION}/C1", **OWNER)).json()
        assert [one["version"] for one in read["versions"]] == [5, 4, 3, 2, 1]
        assert {one["price_fen"] for one in read["versions"]} == set(prices)

    async def test_keeps_nothing_of_who_the_student_is(self, city):
        answer = await file(city)

        reference = answer.json()["contract"]["student_ref"]
        assert reference.startswith("stu_")
        kept = await everything(city)
        assert reference in kept
        assert STUDENT["number"] not in kept
        assert STUDENT["name"] not in kept

    async def test_refuses_a_shape_with_the_field_and_keeps_nothing(self, city):
        answer = await file(city, a_filing(lessons=None))

        assert answer.status_code == 422
        assert [error["pointer"] for error in answer.json()["errors"]] == ["/lessons"]
        assert await city.db["contracts"].count_documents({}) == 0
        assert await city.db["students"].count_documents({}) == 0

    async def test_refuses_a_reference_that_was_not_issued_here(self, city):
        answer = await file(city, a_filing(student_ref="stu_" + "b" * 26))

        assert answer.status_code == 422
        assert answer.json()["errors"][0]["pointer"] == "/student_ref"

    async def test_waits_for_an_institution_the_register_has_not_told(self, fund):
        answer = await file(fund)

        assert answer.status_code == 409
        assert answer.json()["type"].endswith("institution-unknown")

    @pytest.mark.parametrize(
        ("claims", "status"),
        [
            pytest.param(CULTURE, 201, id="the competent department"),
            pytest.param({"role": "staff", "department": "education"}, 403, id="another one"),
            pytest.param({"role": "institution", "institution": "inst-2"}, 403, id="another's"),
        ],
    )
    async def test_is_for_the_institution_and_its_department(self, city, claims, status):
        assert (await file(city, **claims)).status_code == status


class TestListContracts:
    async def test_pages_by_number(self, city):
        for number in ("C2", "C1", "C3"):
            await file(city, a_filing(contract_no=number))

        first = (await city.read(f"{URL}?institution_id=inst-1&limit=2", **OWNER)).json()
        rest = (
            await city.read(
                f"{URL}?institution_id=inst-1&limit=2&cursor={first['next_cursor']}", **OWNER
            )
        ).json()

        assert [one["contract_no"] for one in first["contracts"]] == ["C1", "C2"]
        assert [one["contract_no"] for one in rest["contracts"]] == ["C3"]
        assert "next_cursor" not in rest or rest["next_cursor"] is None

    @pytest.mark.parametrize(("department", "seen"), [("education", True), ("pboc", False)])
    async def test_shows_references_to_those_in_charge_alone(self, city, department, seen):
        await file(city)

        page = await city.read(f"{URL}?institution_id=inst-1", role="staff", department=department)

        [contract] = page.json()["contracts"]
        assert ("student_ref" in contract) is seen


class TestPostStudent:
    async def test_answers_the_same_person_with_the_same_reference(self, city):
        spelt_otherwise = {**STUDENT, "kind": "student_no", "number": f"g{STUDENT['number']}"}

        answers = [
            await city.client.post("/v1/students", json=body, headers=city.bearer(**OWNER))
            for body in (STUDENT, STUDENT, spelt_otherwise)
        ]

        assert len({answer.json()["student_ref"] for answer in answers}) == 1
        assert await city.db["students"].count_documents({}) == 1

    async def test_takes_no_number_that_an_identity_card_cannot_have(self, city):
        mistyped = {**STUDENT, "number": "330481201501011241"}

        answer = await city.client.post("/v1/students", json=mistyped, headers=city.bearer(**OWNER))

        assert answer.status_code == 422
        assert [error["pointer"] for error in answer.json()["errors"]] == ["/number"]
        assert mistyped["number"] not in answer.text
