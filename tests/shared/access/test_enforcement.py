"""The table over HTTP: every role at every route of every service, on a real MongoDB."""

import re

import httpx
import pytest
from fastapi import APIRouter, FastAPI

from shared.access.enforcement import RouteWithoutRow, check_rows, missing_rows, routes_of
from shared.access.table import rows_of
from shared.access.throttle import Rates
from shared.bodies import MOST_BYTES
from shared.ids import new_id
from shared.messaging.permissions import SERVICES
from shared.senders.route import SignedRoute
from tests.shared.access.callers import CALLERS, INSTITUTION
from tests.support.apps import applications

pytestmark = [pytest.mark.integration, pytest.mark.timeout(120)]

OFFICES = {"education", "development_reform", "culture", "civil_affairs", "economy_it", "health"}
OFFICES |= {"finance_office", "pboc", "cbirc", "data_bureau", "town"}
REGISTER = {"education", "culture", "civil_affairs", "admin"}
FUNDS = {"education", "culture", "finance_office", "pboc", "cbirc", "admin"}
INSTITUTIONS = {"own institution", "other institution"}
PRACTICES = {"education", "culture", "economy_it", "admin"}

# Written apart from the table, route by route: who passes. A route that is missing here fails.
EXPECTED: dict[str, set[str]] = {
    "GET /v1/alerts": OFFICES | {"admin"},
    "GET /v1/alerts/summary": OFFICES | {"admin"},
    "GET /v1/alerts/{alert_id}": OFFICES | {"admin"},
    "GET /v1/alerts/export.xlsx": OFFICES | {"admin"},
    "GET /v1/own-alerts": INSTITUTIONS,
    "GET /v1/own-alerts/{alert_id}": INSTITUTIONS,
    "POST /v1/alerts/{alert_id}/rectify": OFFICES | {"admin"},
    "POST /v1/alerts/{alert_id}/recheck": OFFICES | {"admin"},
    "POST /v1/alerts/{alert_id}/feedback": OFFICES | {"admin"},
    "POST /v1/alerts/{alert_id}/transfer": OFFICES | {"admin"},
    "POST /v1/alerts/{alert_id}/snooze": OFFICES | {"admin"},
    "POST /v1/alerts/{alert_id}/statements": OFFICES | INSTITUTIONS | {"admin"},
    "POST /v1/alerts/{alert_id}/statements/{statement_id}/answer": OFFICES | {"admin"},
    "GET /v1/duties": OFFICES | INSTITUTIONS | {"admin"},
    "GET /v1/duties/{department}": OFFICES | INSTITUTIONS | {"admin"},
    "GET /v1/routes/explain": OFFICES | INSTITUTIONS | {"admin"},
    "GET /v1/audit/head": OFFICES | {"admin"},
    "GET /v1/audit/entries": OFFICES | {"admin"},
    "GET /v1/dead-letters": OFFICES | {"admin"},
    "GET /v1/dead-letters/{letter_id}": OFFICES | {"admin"},
    "POST /v1/dead-letters/replay": {"data_bureau", "admin"},
    "POST /v1/dead-letters/{letter_id}/replay": {"data_bureau", "admin"},
    "GET /v1/notifications/subscriptions/{department}/{channel}": {"pboc", "admin"},
    "PUT /v1/notifications/subscriptions/{department}/webhook": {"pboc", "admin"},
    "PUT /v1/notifications/subscriptions/{department}/mail": {"pboc", "admin"},
    "DELETE /v1/notifications/subscriptions/{department}/{channel}": {"pboc", "admin"},
    "GET /v1/notifications/deliveries": OFFICES | {"admin"},
    "POST /v1/notifications/deliveries/{delivery_id}/replay": OFFICES | {"admin"},
    "POST /v1/notifications/replay": OFFICES | {"admin"},
    "POST /v1/alerts/{alert_id}/acknowledge": OFFICES | {"admin"},
    "POST /v1/alerts/{alert_id}/dispose": OFFICES | {"admin"},
    "GET /v1/access/revocations": {"admin"},
    "POST /v1/access/revocations": {"admin"},
    "POST /v1/institutions": REGISTER,
    "GET /v1/institutions/{institution_id}": OFFICES | {"admin", "own institution"},
    "GET /v1/institutions": OFFICES | INSTITUTIONS | {"admin"},
    "GET /v1/institutions/{institution_id}/history": OFFICES | {"admin", "own institution"},
    "POST /v1/institutions/{institution_id}/revoke": REGISTER,
    "PUT /v1/institutions/{institution_id}/licence": {"education", "culture", "admin"},
    "POST /v1/institutions/{institution_id}/sites": {"education", "culture", "admin"},
    "POST /v1/institutions/{institution_id}/sites/{site_id}/close": {
        "education",
        "culture",
        "admin",
    },
    "POST /v1/banks": {"bank_admin", "admin"},
    "PUT /v1/banks/{bank}/identity-fields": {"bank_admin", "admin"},
    "PUT /v1/banks/{bank}/feed": {"bank_admin", "admin"},
    "GET /v1/banks/{bank}/feed": FUNDS | {"own bank", "bank_admin"},
    "GET /v1/banks/{bank}/access": {"bank_admin", "admin"},
    "PUT /v1/banks/{bank}/access": {"bank_admin", "admin"},
    "PUT /v1/banks/{bank}/webhook": {"own bank", "bank_admin", "admin"},
    "GET /v1/banks/{bank}/webhook": {"own bank", "bank_admin", "admin"},
    "DELETE /v1/banks/{bank}/webhook": {"own bank", "bank_admin", "admin"},
    "POST /v1/banks/{bank}/webhook/replay": {"own bank", "bank_admin", "admin"},
    "GET /v1/student-keys": {"admin"},
    "POST /v1/student-keys": {"admin"},
    "DELETE /v1/student-keys/{name}": {"admin"},
    "GET /v1/banks/{bank}/state": FUNDS | {"own bank"},
    "POST /v1/banks/{bank}/state": {"finance_office", "bank_admin", "admin"},
    "GET /v1/banks/{bank}/secrets": {"bank_admin", "admin"},
    "POST /v1/banks/{bank}/secrets": {"bank_admin", "admin"},
    "DELETE /v1/banks/{bank}/secrets/{secret_id}": {"bank_admin", "admin"},
    "GET /v1/banks/{bank}/events/{serial_no}": FUNDS | {"own bank"},
    "GET /v1/banks/{bank}/accounts/{account_no}": FUNDS | {"own bank"},
    "GET /v1/banks/{bank}/accounts/{account_no}/balance": FUNDS | {"own bank"},
    "GET /v1/banks/{bank}/accounts/{account_no}/statement": FUNDS | {"own bank"},
    "GET /v1/banks/{bank}/accounts/{account_no}/contracts/{contract_no}": FUNDS | {"own bank"},
    "GET /v1/chart-of-accounts": FUNDS,
    "POST /v1/custody-accounts": {"education", "culture", "admin"} | INSTITUTIONS,
    "GET /v1/custody-accounts": FUNDS | INSTITUTIONS | {"town"},
    "GET /v1/custody-accounts/{account_id}": FUNDS | INSTITUTIONS | {"town"},
    "POST /v1/custody-accounts/{account_id}/confirm": {"education", "culture", "admin"},
    "POST /v1/custody-accounts/{account_id}/refuse": {"education", "culture", "admin"},
    "POST /v1/custody-accounts/{account_id}/opening-balance": {"education", "culture", "admin"},
    "GET /v1/custody-enrolment": FUNDS | INSTITUTIONS | {"town"},
    "GET /v1/custody-enrolment/missing": FUNDS | INSTITUTIONS | {"town"},
    "GET /v1/closings": FUNDS,
    "GET /v1/closings/{day}": FUNDS,
    "GET /v1/banks/{bank}/refused": FUNDS | {"own bank"},
    "GET /v1/banks/{bank}/unposted": FUNDS | {"own bank"},
    "GET /v1/institutions/{institution_id}/lesson-matches": FUNDS | {"own institution"},
    "GET /v1/institutions/{institution_id}/lesson-matches/{contract_no}": FUNDS
    | {"own institution"},
    "POST /v1/lesson-confirmations": INSTITUTIONS | {"education", "culture", "admin"},
    "GET /v1/lesson-confirmations": INSTITUTIONS | FUNDS | {"own platform"},
    "GET /v1/lesson-confirmations/{confirmation_id}": INSTITUTIONS | FUNDS | {"own platform"},
    "POST /v1/lesson-confirmations/{confirmation_id}/confirm": {
        "education",
        "culture",
        "own platform",
        "admin",
    },
    "POST /v1/lesson-confirmations/{confirmation_id}/object": {
        "education",
        "culture",
        "own platform",
        "admin",
    },
    "POST /v1/lesson-confirmations/{confirmation_id}/decide": {"education", "culture", "admin"},
    "POST /v1/lesson-confirmations/{confirmation_id}/withdraw": INSTITUTIONS
    | {"education", "culture", "own platform", "admin"},
    "PUT /v1/lesson-silences/{source}/{effective_from}": {"finance_office", "education", "admin"},
    "GET /v1/lesson-silences": OFFICES | INSTITUTIONS | {"admin"},
    "GET /v1/lesson-silences/versions": OFFICES | INSTITUTIONS | {"admin"},
    "POST /v1/manual-releases": INSTITUTIONS | {"education", "culture", "admin"},
    "GET /v1/manual-releases": INSTITUTIONS | {"education", "culture", "admin"},
    "POST /v1/manual-releases/{release_id}/approve": {"education", "culture", "admin"},
    "POST /v1/manual-releases/{release_id}/refuse": {"education", "culture", "admin"},
    "GET /v1/banks/{bank}/outcomes": FUNDS | {"own bank"},
    "PUT /v1/banks/{bank}/statement-mapping": {"bank_admin", "admin"},
    "PUT /v1/banks/{bank}/statements/{business_day}": {"own bank", "admin"},
    "GET /v1/banks/{bank}/statements": FUNDS | {"own bank"},
    "GET /v1/banks/{bank}/statements/{business_day}": FUNDS | {"own bank"},
    "GET /v1/banks/{bank}/differences": FUNDS | {"own bank"},
    "GET /v1/banks/{bank}/difference-changes": FUNDS | {"own bank"},
    "POST /v1/banks/{bank}/differences/{difference_id}/answer": FUNDS | {"own bank"},
    "GET /v1/summary": FUNDS,
    "PUT /v1/guide-prices/{mode}/{effective_from}": {"development_reform"},
    "GET /v1/guide-prices": OFFICES | INSTITUTIONS | {"admin"},
    "GET /v1/guide-prices/versions": OFFICES | INSTITUTIONS | {"admin"},
    "PUT /v1/fee-policies/{effective_from}": {"finance_office", "education", "admin"},
    "GET /v1/fee-policies": OFFICES | INSTITUTIONS | {"admin"},
    "GET /v1/fee-policies/versions": OFFICES | INSTITUTIONS | {"admin"},
    "POST /v1/fee-checks": INSTITUTIONS | FUNDS,
    "POST /v1/students": INSTITUTIONS | {"education", "culture", "admin"},
    "POST /v1/contracts": INSTITUTIONS | {"education", "culture", "admin"},
    "GET /v1/contracts/template": INSTITUTIONS | {"education", "culture", "admin"},
    "POST /v1/contracts/upload": INSTITUTIONS | {"education", "culture", "admin"},
    "GET /v1/contracts": INSTITUTIONS | FUNDS,
    "POST /v1/allocations": INSTITUTIONS | {"education", "culture", "admin"},
    "GET /v1/unallocated": INSTITUTIONS | FUNDS,
    "POST /v1/refunds": INSTITUTIONS | {"education", "culture", "own platform", "admin"},
    "GET /v1/refunds": INSTITUTIONS | FUNDS,
    "GET /v1/refunds/{refund_id}": INSTITUTIONS | FUNDS,
    "POST /v1/refunds/{refund_id}/agree": INSTITUTIONS | {"admin"},
    "POST /v1/refunds/{refund_id}/object": INSTITUTIONS | {"admin"},
    "POST /v1/refunds/{refund_id}/decide": {"education", "culture", "admin"},
    "GET /v1/contracts/{institution_id}/{contract_no}": FUNDS | {"own institution"},
    "POST /v1/ads/check": OFFICES | INSTITUTIONS | {"admin"},
    "POST /v1/sightings": OFFICES | {"admin"},
    "GET /v1/sightings": OFFICES | {"admin"},
    "GET /v1/sightings/{sighting_id}": OFFICES | {"admin"},
    "GET /v1/leads": OFFICES | {"admin"},
    "GET /v1/leads/{lead_id}": OFFICES | {"admin"},
    "POST /v1/leads/{lead_id}/accept": OFFICES | {"admin"},
    "POST /v1/leads/{lead_id}/return": OFFICES | {"admin"},
    "POST /v1/leads/{lead_id}/feedback": OFFICES | {"admin"},
    "GET /v1/calendar": OFFICES | INSTITUTIONS | {"admin"},
    "GET /v1/calendar/{day}": OFFICES | INSTITUTIONS | {"admin"},
    "GET /v1/calendar/working-days": OFFICES | INSTITUTIONS | {"admin"},
    "GET /v1/calendar/notices": OFFICES | INSTITUTIONS | {"admin"},
    "GET /v1/calendar/notices/{year}": OFFICES | INSTITUTIONS | {"admin"},
    "PUT /v1/calendar/notices/{year}": {"education", "admin"},
    "GET /v1/calendar/overrides": OFFICES | INSTITUTIONS | {"admin"},
    "POST /v1/calendar/overrides": {"education", "admin"},
    "GET /v1/calendar/overrides/template": OFFICES | INSTITUTIONS | {"admin"},
    "POST /v1/calendar/overrides/upload": {"education", "admin"},
    "GET /v1/calendar/switches": OFFICES | INSTITUTIONS | {"admin"},
    "PUT /v1/calendar/switches/{switch}/{since}": {"education", "admin"},
    "GET /v1/school-calendars/{school_year}": OFFICES | INSTITUTIONS | {"admin"},
    "PUT /v1/school-calendars/{school_year}": {"education", "admin"},
    "GET /v1/school-calendars/template": OFFICES | INSTITUTIONS | {"admin"},
    "GET /v1/school-calendars/hours-template": OFFICES | INSTITUTIONS | {"admin"},
    "POST /v1/school-calendars/{school_year}/upload": {"education", "admin"},
    "POST /v1/school-calendars/{school_year}/hours/upload": {"education", "admin"},
    "GET /v1/school-calendars/{school_year}/hours": OFFICES | INSTITUTIONS | {"admin"},
    "PUT /v1/school-calendars/{school_year}/hours": {"education", "admin"},
    "POST /v1/school-calendars/{school_year}/closures": {"education", "admin"},
    "POST /v1/timetables/check": OFFICES | INSTITUTIONS | {"admin"},
    "POST /v1/timetables": INSTITUTIONS | {"education", "culture", "admin"},
    "GET /v1/timetables": OFFICES | INSTITUTIONS | {"admin"},
    "GET /v1/timetables/{timetable_id}": OFFICES | INSTITUTIONS | {"admin"},
    "GET /v1/timetables/checks/{receipt}": OFFICES | INSTITUTIONS | {"admin"},
    "GET /v1/timetables/{timetable_id}/diff": OFFICES | INSTITUTIONS | {"admin"},
    "GET /v1/timetables/template.xlsx": OFFICES | INSTITUTIONS | {"admin"},
    "POST /v1/timetables/check/upload": OFFICES | INSTITUTIONS | {"admin"},
    "POST /v1/timetables/upload": INSTITUTIONS | {"education", "culture", "admin"},
    "GET /v1/timetables/by-institution/template.xlsx": OFFICES | INSTITUTIONS | {"admin"},
    "POST /v1/timetables/by-institution/upload": {"education", "culture", "admin"},
    "GET /v1/timetables/{timetable_id}/export.xlsx": OFFICES | INSTITUTIONS | {"admin"},
    "GET /v1/timetables/{timetable_id}/calendar.ics": OFFICES | INSTITUTIONS | {"admin"},
    "GET /v1/timetables/summary": OFFICES | {"admin"},
    "GET /v1/platforms/{platform}/sessions/refused": {
        "own platform",
        "education",
        "culture",
        "economy_it",
        "admin",
    },
    "POST /v1/held-sessions": INSTITUTIONS | {"education", "culture", "town", "admin"},
    "GET /v1/held-sessions/refused": INSTITUTIONS | {"education", "culture", "town", "admin"},
    "GET /v1/held-sessions": OFFICES | INSTITUTIONS | {"admin"},
    "GET /v1/held-sessions/{session_id}": OFFICES | INSTITUTIONS | {"admin"},
    "GET /v1/patrol-proposals/{day}": OFFICES | {"admin"},
    "GET /v1/patrol-proposals/{day}/export.xlsx": OFFICES | {"admin"},
    "POST /v1/patrol-proposals/{day}/results/upload": {"education", "culture", "town", "admin"},
    "POST /v1/practice-reports": OFFICES | INSTITUTIONS | {"admin"},
    "GET /v1/practice-reports": OFFICES | INSTITUTIONS | {"admin"},
    "GET /v1/practice-reports/{report_id}": OFFICES | INSTITUTIONS | {"admin"},
    "POST /v1/practice-reports/{report_id}/corrections": OFFICES | INSTITUTIONS | {"admin"},
    "POST /v1/practice-reports/{report_id}/withdraw": OFFICES | INSTITUTIONS | {"admin"},
    "POST /v1/practice-reports/{report_id}/opinions": PRACTICES,
    "PUT /v1/practice-reports/{report_id}/opinions/{number}": PRACTICES,
    "POST /v1/practice-reports/{report_id}/decision": PRACTICES,
    "PUT /v1/institutions/{institution_id}/courses/{code}": {
        "own institution",
        "education",
        "culture",
        "admin",
    },
    "GET /v1/institutions/{institution_id}/courses": OFFICES | {"admin", "own institution"},
    "GET /v1/institutions/{institution_id}/courses/{code}": OFFICES | {"admin", "own institution"},
    "PUT /v1/institutions/{institution_id}/rooms/{site}/{room}": {
        "own institution",
        "education",
        "culture",
        "admin",
    },
    "GET /v1/institutions/{institution_id}/rooms": OFFICES | {"admin", "own institution"},
    "POST /v1/takedowns": {"education", "culture", "economy_it", "admin"},
    "GET /v1/takedowns": {"education", "culture", "economy_it", "admin"},
    "GET /v1/takedowns/{takedown_id}": {"education", "culture", "economy_it", "admin"},
    "GET /v1/takedowns/{takedown_id}/notice": {"education", "culture", "economy_it", "admin"},
    "POST /v1/takedowns/{takedown_id}/send": {"education", "culture", "economy_it", "admin"},
    "POST /v1/takedowns/{takedown_id}/withdraw": {"education", "culture", "economy_it", "admin"},
    "POST /v1/takedowns/{takedown_id}/acknowledge": {
        "education",
        "culture",
        "economy_it",
        "admin",
    },
    "POST /v1/takedowns/{takedown_id}/answer": {"education", "culture", "economy_it", "admin"},
    "POST /v1/takedowns/{takedown_id}/recheck": {"education", "culture", "economy_it", "admin"},
    "POST /v1/platforms": {"bank_admin", "economy_it", "admin"},
    "GET /v1/platforms/{platform}/secrets": {"bank_admin", "economy_it", "admin"},
    "POST /v1/platforms/{platform}/secrets": {"bank_admin", "economy_it", "admin"},
    "DELETE /v1/platforms/{platform}/secrets/{secret_id}": {"bank_admin", "economy_it", "admin"},
}
PUBLIC = {"/health/live", "/health/ready", "/docs", "/docs/assets/*", "/openapi.json"}
PUBLIC |= {"/docs/asyncapi", "/asyncapi.json", "/", "/metrics"}
SIGNED = {"/v1/banks/{bank}/events", "/v1/platforms/{platform}/connection-test"}
SIGNED |= {"/v1/platforms/{platform}/contracts", "/v1/platforms/{platform}/sessions"}
SIGNED |= {"/v1/platforms/{platform}/lesson-confirmations"}
SIGNED |= {"/v1/platforms/{platform}/takedowns"}
SIGNED |= {
    f"/v1/platforms/{{platform}}/takedowns/{{takedown_id}}/{act}"
    for act in ("acknowledge", "answer")
}
VALUES = {"institution_id": INSTITUTION, "bank": "alpha", "platform": "alpha", "department": "pboc"}
# How the table refuses; a handler that refuses for the thing itself says it in other words.
TABLE_SAYS = (
    "此操作仅限",
    "令牌不含",
    "此操作不属于",
    "令牌未写明",
    "培训机构只能",
    "银行只能",
    "只能办理",
)


def client_of(app: FastAPI) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://service")


def filled(path: str) -> str:
    return re.sub(r"\{(\w+)\}", lambda found: VALUES.get(found[1], new_id()), path)


def refused_by_table(answer: httpx.Response) -> bool:
    if answer.status_code != 403:
        return False
    return answer.json()["detail"].startswith(TABLE_SAYS)


def bearer(token, **claims):
    return {"Authorization": f"Bearer {token(**claims)}"}


@pytest.fixture
async def apps(database, access):
    return await applications(database, access)


@pytest.mark.parametrize("service", SERVICES)
class TestEveryRoute:
    async def test_lets_in_whom_it_is_for_and_refuses_everybody_else(self, apps, token, service):
        wrong = []
        async with client_of(apps[service]) as client:
            for method, path, _ in token_routes(apps[service]):
                for name, claims in CALLERS.items():
                    answer = await client.request(
                        method, filled(path), headers=bearer(token, **claims)
                    )
                    assert answer.status_code != 401, (name, method, path)
                    passed = not refused_by_table(answer)
                    if passed != (name in EXPECTED[f"{method} {path}"]):
                        wrong.append((name, method, path, answer.status_code))

        assert wrong == []

    async def test_asks_for_a_token_before_it_reads_anything(self, apps, service):
        async with client_of(apps[service]) as client:
            for method, path, _ in token_routes(apps[service]):
                answer = await client.request(method, filled(path), content=b"{")
                assert answer.headers["content-type"] == "application/problem+json"
                # A body that is no JSON is refused as such, before anybody asks who sent it.
                assert answer.status_code in ((401,) if method == "GET" else (401, 422))

    async def test_reads_no_endless_body_of_a_stranger(self, apps, service):
        async with client_of(apps[service]) as client:
            answer = await client.post("/v1/access/revocations", content=b" " * (MOST_BYTES + 1))

        assert answer.status_code == 413
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["type"] == "urn:haining:problem:too-large"

    async def test_needs_the_scope_of_its_row(self, apps, token, service):
        without = bearer(token, role="admin", scope="openid")
        async with client_of(apps[service]) as client:
            for method, path, _ in token_routes(apps[service]):
                answer = await client.request(method, filled(path), headers=without)
                assert refused_by_table(answer), (method, path)

    async def test_stands_in_a_row(self, apps, service):
        check_rows(apps[service], service)
        doors = {row.path: row.door for row in rows_of(service).values()}

        found = {path for _, path, _ in routes_of(apps[service])}

        assert {path for path in found if doors[path] == "public"} <= PUBLIC
        assert {path for path in found if doors[path] == "signature"} <= SIGNED


async def test_rows_without_a_route_are_known(apps):
    """Rows of routes that an application does not have break nothing; here they are listed."""
    have = {
        (service, method, path)
        for service, app in apps.items()
        for method, path, _ in routes_of(app)
    }

    orphans = {
        f"{method} {path}"
        for service in SERVICES
        for method, path in rows_of(service)
        if (service, method, path) not in have
    }

    # Of those that stay without a route here, each is expected too: one adds a row with its route.
    assert orphans <= {*EXPECTED, "GET /metrics"}


class TestARouteWithoutARow:
    @pytest.fixture
    def app(self, apps):
        app = apps["ads_watch"]

        @app.get("/v1/forgotten")
        async def forgotten() -> str:
            return "open"

        return app

    def test_keeps_the_application_from_starting(self, app):
        with pytest.raises(RouteWithoutRow, match="GET /v1/forgotten"):
            check_rows(app, "ads_watch")

    async def test_is_closed_to_everybody(self, app, token):
        async with client_of(app) as client:
            for claims in ({}, {"role": "admin"}):
                headers = bearer(token, **claims) if claims else {}
                answer = await client.get("/v1/forgotten", headers=headers)
                assert (answer.status_code, answer.text.find("open")) == (403, -1)

    def test_is_also_one_under_a_further_prefix(self, apps):
        inner = APIRouter(prefix="/v1/alerts")
        inner.add_api_route("/summary", lambda: None)
        apps["registry"].include_router(inner, prefix="/again")

        assert missing_rows(apps["registry"], "registry") == ["GET /again/v1/alerts/summary"]

    def test_is_also_one_that_is_called_directly_where_a_token_is_asked_for(self, apps):
        direct = APIRouter(route_class=SignedRoute)
        direct.add_api_route("/v1/institutions/{institution_id}", lambda: None)
        apps["registry"].include_router(direct)

        missing = missing_rows(apps["registry"], "registry")

        assert missing == ["GET /v1/institutions/{institution_id}"]


class TestARunawayClient:
    async def test_is_slowed_down_and_nobody_else(self, database, access, token):
        apps = await applications(database, access, rates=Rates(per_subject=1))
        eager, calm = (bearer(token, role="admin", sub=name) for name in ("eager", "calm"))
        async with client_of(apps["ads_watch"]) as client:
            answers = [await client.get("/v1/alerts", headers=eager) for _ in range(60)]
            other = await client.get("/v1/alerts", headers=calm)

        refused = [answer for answer in answers if answer.status_code == 429]
        assert refused
        assert refused[0].json()["type"] == "urn:haining:problem:too-many-requests"
        assert refused[0].headers["retry-after"] == "1"
        assert other.status_code == 200


class TestTheDocument:
    @pytest.mark.parametrize("service", SERVICES)
    async def test_says_who_may_use_each_operation(self, apps, service):
        rows = rows_of(service)
        document = apps[service].openapi()

        for path, operations in document["paths"].items():
            for method, operation in operations.items():
                row = rows[(method.upper(), path)]
                said = [each["role"] for each in operation["x-roles"] if row.grants]
                assert said == [grant.role for grant in row.grants]
                assert operation.get("x-scope", {}).get("name") == row.scope
                assert bool(operation["security"]) == (row.door != "public")

    async def test_says_who_sees_a_field(self, apps):
        schemas = apps["fund_monitor"].openapi()["components"]["schemas"]

        known = schemas["RefusedView"]["properties"]["known"]
        assert known["x-visible-to"] == {"seen_by": ["bank", "finance_office", "pboc", "cbirc"]}
        assert known["x-visible-keys"] == {"student_ref": {"seen_by": ["bank"]}}
        assert "known" not in schemas["RefusedView"]["required"]


def token_routes(app):
    return [
        (method, path, route)
        for method, path, route in routes_of(app)
        if path not in PUBLIC | SIGNED
    ]


async def test_a_body_that_is_no_text_is_a_problem_document(apps, token):
    async with client_of(apps["registry"]) as client:
        answer = await client.post(
            "/v1/institutions",
            content=b"\xff\xfe{",
            headers={**bearer(token, role="admin"), "Content-Type": "application/json"},
        )

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == "urn:haining:problem:invalid-request"
