from datetime import UTC, datetime

import httpx
import pytest
from fastapi import FastAPI

from shared import problem
from shared.clock import Clock, machine_now
from shared.duties import api
from shared.duties.departments import ALL_CODES
from shared.duties.routing import ROUTES

_THE_PLANS_YEAR = datetime(2021, 9, 1, tzinfo=UTC)


@pytest.fixture
def app():
    app = FastAPI()
    problem.install(app)
    app.state.clock = Clock()
    app.include_router(api.router)
    return app


@pytest.fixture
async def client(app):
    """Ask without a token: who may is the table's, and tested with it."""
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


def refusal(response):
    assert response.headers["content-type"] == "application/problem+json"
    return response.status_code, response.json()["type"].removeprefix("urn:haining:problem:")


class TestListDuties:
    async def test_names_every_body_in_the_plans_order(self, client):
        bodies = (await client.get("/v1/duties")).json()["bodies"]

        assert [body["code"] for body in bodies] == list(ALL_CODES)
        [publicity] = [body for body in bodies if body["code"] == "publicity"]
        assert publicity["duties"] == 6
        assert publicity["groups"] == ["舆论引导和舆情管控组", "督导督查组"]


class TestReadDuties:
    @pytest.mark.parametrize("code", ALL_CODES)
    async def test_answers_for_every_body(self, client, code):
        answer = await client.get(f"/v1/duties/{code}")

        assert answer.status_code == 200
        assert answer.json()["code"] == code

    async def test_shows_duties_with_clause_and_tasks(self, client):
        body = (await client.get("/v1/duties/pboc")).json()

        [duty] = body["duties"]
        assert duty["id"] == "pboc.1"
        assert duty["reference"] == "附件4第23行（市人民银行）第1项"
        assert [task["number"] for task in duty["tasks"]] == [24]

    async def test_shows_groups_and_whether_the_body_leads(self, client):
        groups = (await client.get("/v1/duties/pboc")).json()["groups"]

        assert [(group["id"], group["leads_it"]) for group in groups] == [
            ("group.funds", True),
            ("group.supervision", False),
        ]
        assert {"code": "towns", "name": "各镇（街道）"} in groups[0]["members"]

    async def test_shows_the_findings_it_has_a_part_in(self, client):
        findings = (await client.get("/v1/duties/cbirc")).json()["findings"]

        about_money = {kind for kind in ROUTES if kind.startswith("fund.")}
        assert {finding["kind"] for finding in findings} == about_money
        assert {finding["role"] for finding in findings} == {"inform"}
        assert findings[0]["grounds"][0]["id"] == "cbirc.1"

    async def test_names_a_body_as_it_is_called_on_the_services_day(self, client, app):
        today = (await client.get("/v1/duties/cbirc")).json()
        app.state.clock = Clock(_THE_PLANS_YEAR - machine_now())

        then = (await client.get("/v1/duties/cbirc")).json()

        assert then["called_today"] == then["name"] == today["name"]
        assert today["called_today"].startswith("国家金融监督管理总局")
        assert [name["origin"] for name in today["names"]] == ["Seed", "G"]
        assert today["names"][1]["since"] == "2023-05-18"

    @pytest.mark.parametrize("code", ["competent", "towns", "nobody"])
    async def test_refuses_a_code_that_nobody_has(self, client, code):
        assert refusal(await client.get(f"/v1/duties/{code}")) == (404, "no-such-body")


class TestExplainRoute:
    async def test_gives_every_party_its_role_and_reason(self, client):
        answer = await client.get(
            "/v1/routes/explain", params={"kind": "fund.coverage", "competent": "science_tech"}
        )

        explanation = answer.json()
        assert explanation["lead"] == "science_tech"
        assert [(it["department"], it["role"]) for it in explanation["deliveries"]] == [
            ("science_tech", "lead"),
            ("pboc", "inform"),
            ("cbirc", "inform"),
            ("finance_office", "inform"),
        ]
        lead = explanation["deliveries"][0]
        assert lead["explanation"].startswith("市科技局（牵头）：方案任务24：")
        assert [it["id"] for it in lead["grounds"]] == [
            "task.24",
            "task.18",
            "science_tech.1",
            "science_tech.2",
        ]

    async def test_says_where_the_case_rises(self, client):
        explanation = (
            await client.get("/v1/routes/explain", params={"kind": "fund.coverage"})
        ).json()

        assert explanation["lead"] == "education"
        assert [it["department"] for it in explanation["escalation"]] == ["education_supervision"]
        assert explanation["town"] is None

    async def test_tells_a_towns_part(self, client):
        params = {"kind": "fund.coverage", "town": "xucun"}

        town = (await client.get("/v1/routes/explain", params=params)).json()["town"]

        assert (town["name"], town["role"]) == ("许村镇", None)
        assert town["reason"].startswith("附件4（各镇（街道））：")

    async def test_refuses_a_kind_without_a_route_and_names_those_that_have_one(self, client):
        answer = await client.get("/v1/routes/explain", params={"kind": "fund.unheard_of"})

        assert refusal(answer) == (404, "no-such-kind")
        assert "fund.coverage" in answer.json()["detail"]

    @pytest.mark.parametrize(
        "params", [{}, {"competent": "nobody"}, {"town": "pboc"}, {"town": "x" * 65}]
    )
    async def test_refuses_what_is_no_code(self, client, params):
        asked = {"kind": "fund.coverage", **params} if params else {}

        answer = await client.get("/v1/routes/explain", params=asked)

        assert refusal(answer) == (422, "invalid-request")
