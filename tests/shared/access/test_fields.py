"""Fields that are not for everybody: over HTTP, on a real MongoDB, for every caller."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.responses import JSONResponse
from fastapi.routing import iter_route_contexts

from services.fund_monitor.api.banks.banks import RefusedPage, RefusedView
from shared.access.fields import VisibleFields, places_in, take_out
from shared.access.visibility import RESTRICTED
from shared.alerts.views import AlertPage, AlertView
from shared.mongo import transact
from tests.registry.builders import a_filing
from tests.shared.access.callers import CALLERS
from tests.shared.alerts.builders import NOW, a_finding, a_verdict
from tests.support.apps import applications

pytestmark = [pytest.mark.integration, pytest.mark.timeout(120)]

STAFF = {"education", "culture", "civil_affairs", "economy_it", "data_bureau", "health"}
STAFF |= {"development_reform"}
FINANCE = {"finance_office", "pboc", "cbirc"}
BANKS = {"own bank", "other bank", "bank of none"}
INSTITUTIONS = {"own institution", "other institution"}
REGISTER = {"education", "culture", "civil_affairs"}

# Written apart from the table: who sees a field, of all who could ever be shown it.
EXPECTED: dict[tuple[str, str], set[str]] = {
    ("FindingView", "events"): STAFF | {"admin"},
    ("AlertView", "causes"): STAFF | {"admin"},
    ("DeliveryView", "note"): STAFF | FINANCE | {"town", "admin"},
    ("DeliveryView", "acknowledged_by"): STAFF | FINANCE | {"town", "admin"},
    ("DeliveryView", "assignee"): STAFF | FINANCE | {"town", "admin"},
    ("DeliveryView", "deputy"): STAFF | FINANCE | {"town", "admin"},
    ("DisposalView", "disposed_by"): STAFF | FINANCE | {"town", "admin"},
    ("ContractView", "student_ref"): STAFF | INSTITUTIONS | {"admin"},
    ("RefundView", "reason"): STAFF | INSTITUTIONS | {"own platform", "admin"},
    ("RefundStepView", "reason"): STAFF | INSTITUTIONS | {"admin"},
    ("ConfirmationStepView", "reason"): STAFF | INSTITUTIONS | {"own platform", "admin"},
    ("RefusedView", "known"): BANKS | FINANCE,
    ("RefusedView", "known.student_ref"): BANKS,
    ("PracticeReportView", "contact"): {"education", "culture", "economy_it"},
    ("InstitutionView", "revocation_reason"): REGISTER | INSTITUTIONS | {"admin"},
}
NOT_IN_A_KNOWN_OFFICE = {"staff of none", "staff of an unknown office"}


WITHIN, BESIDE = "what is restricted", "what is not"


def around(path):
    """Return an answer with a restricted field at a path and another one beside it."""
    name, *rest = path
    if name == "*":
        return [around(tuple(rest))]
    inner = around(tuple(rest)) if rest else WITHIN
    return {name: inner, "beside": BESIDE}


class Probe:
    """A route that sends any answer to anybody, through the one place that takes fields out."""

    def __init__(self) -> None:
        # One for all requests: making a client costs far more than asking.
        transport = httpx.ASGITransport(VisibleFields(self._route))
        self._client = httpx.AsyncClient(transport=transport, base_url="http://service")
        self._sent: tuple[Any, Any, Any] = (None, None, None)

    async def sent_to(self, caller, model, content) -> str:
        self._sent = (caller, model, content)
        return (await self._client.get("/")).text

    async def _route(self, scope, receive, send) -> None:
        caller, model, content = self._sent
        scope["route"] = SimpleNamespace(response_model=model)
        scope["state"] = {"caller": caller}
        await JSONResponse(content)(scope, receive, send)


def bearer(token, **claims):
    return {"Authorization": f"Bearer {token(**claims)}"}


def client_of(app: FastAPI) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://service")


@pytest.fixture
async def apps(database, access):
    return await applications(database, access)


class TestTheTable:
    def test_holds_what_is_expected_and_nothing_else(self):
        assert {(one.model, one.field) for one in RESTRICTED} == set(EXPECTED)

    @pytest.mark.parametrize("restricted", RESTRICTED, ids=lambda one: f"{one.model}.{one.field}")
    async def test_shows_a_field_to_whom_it_is_for(self, access, token, restricted):
        seen = set()
        for name, claims in CALLERS.items():
            if restricted.is_seen_by(await access.caller_of(token(**claims))):
                seen.add(name)

        expected = EXPECTED[(restricted.model, restricted.field)]
        assert seen - NOT_IN_A_KNOWN_OFFICE == expected

    async def test_finds_each_field_in_every_answer_that_carries_it(self, apps):
        found = {
            (place.restricted.model, place.restricted.field, place.path)
            for app in apps.values()
            for context in iter_route_contexts(app.routes)
            if (model := getattr(context, "response_model", None)) is not None
            for place in places_in(model)
        }

        assert ("FindingView", "events", ("findings", "*", "events")) in found
        assert ("FindingView", "events", ("alerts", "*", "findings", "*", "events")) in found
        assert ("DisposalView", "disposed_by", ("earlier_disposals", "*", "disposed_by")) in found
        assert ("RefusedView", "known.student_ref", ("refused", "*", "known", "student_ref")) in (
            found
        )


class TestEveryRoleRouteAndField:
    """Generated: each answer that carries a restricted field, sent to each caller."""

    async def test_is_shown_or_absent_as_expected(self, apps, access, token):
        callers = {
            name: await access.caller_of(token(**claims))
            for name, claims in CALLERS.items()
            if name not in NOT_IN_A_KNOWN_OFFICE
        }
        # What every service answers alike is looked at once.
        places = {
            (model, place)
            for app in apps.values()
            for context in iter_route_contexts(app.routes)
            if (model := getattr(context, "response_model", None)) is not None
            for place in places_in(model)
        }
        assert {place.restricted for _, place in places} == set(RESTRICTED)

        probe, wrong = Probe(), []
        for name, caller in callers.items():
            for model, place in places:
                field = (place.restricted.model, place.restricted.field)
                shown = await probe.sent_to(caller, model, around(place.path))
                if (WITHIN in shown) != (name in EXPECTED[field]):
                    wrong.append((name, field))
                assert BESIDE in shown

        assert wrong == []


class TestTakeOut:
    def test_leaves_the_rest(self):
        content: Any = {"a": [{"b": 1, "c": 2}, {"c": 3}], "m": {"x": {"b": 1}}, "n": None}

        for path in [("a", "*", "b"), ("m", "*", "b"), ("n", "b"), ("none", "*", "b")]:
            take_out(content, path)

        assert content == {"a": [{"c": 2}, {"c": 3}], "m": {"x": {}}, "n": None}


class TestAlerts:
    @pytest.fixture
    async def alert(self, apps, token):
        app = apps["fund_monitor"]
        [change] = await transact(
            app.state.db,
            lambda session: app.state.alerts.settle_many(
                session, [a_verdict(a_finding("bank/acc/s-1"))], now=NOW
            ),
        )
        async with client_of(app) as client:
            url = f"/v1/alerts/{change.after.id}"
            lead = bearer(token, role="staff", department="culture_tourism_sports")
            await client.post(f"{url}/acknowledge", headers=lead, json={"note": "内部意见"})
            said = {"outcome": "corrected", "reason": "已补足"}
            done = await client.post(f"{url}/dispose", headers=lead, json=said)
        assert done.status_code == 200
        return change.after.id

    @pytest.mark.parametrize(
        ("caller", "sees_evidence"),
        [("culture", True), ("admin", True), ("pboc", False), ("finance_office", False)],
    )
    async def test_show_single_events_to_whom_they_are_for(
        self, apps, token, alert, caller, sees_evidence
    ):
        async with client_of(apps["fund_monitor"]) as client:
            headers = bearer(token, **CALLERS[caller])
            one = (await client.get(f"/v1/alerts/{alert}", headers=headers)).json()
            [listed] = (await client.get("/v1/alerts", headers=headers)).json()["alerts"]

        for shown in (one, listed):
            [finding] = shown["findings"]
            assert ("events" in finding, "causes" in shown) == (sees_evidence, sees_evidence)
            assert finding["events_count"] == 1
            assert finding["figures"] == {"balance_fen": 90_000}
            assert shown["deliveries"][0]["note"] == "内部意见"
            assert shown["disposal"]["disposed_by"]


class TestRefusedEvents:
    @pytest.mark.parametrize(
        ("caller", "known"),
        [
            ("own bank", {"type": "deposit", "student_ref": "stu_secret"}),
            ("pboc", {"type": "deposit"}),
            ("finance_office", {"type": "deposit"}),
            ("education", None),
            ("admin", None),
        ],
    )
    async def test_show_what_a_bank_wrote_to_whom_it_is_for(self, apps, token, caller, known):
        app = apps["fund_monitor"]
        row = RefusedView(
            digest="sha256:1",
            received_at=datetime(2026, 6, 30, tzinfo=UTC),
            problems=[],
            known={"type": "deposit", "student_ref": "stu_secret"},
            unknown_fields=["payer"],
        )
        await app.state.db["refused"].insert_one(
            {"_id": "alpha/1", "bank": "alpha", **row.model_dump()}
        )

        async with client_of(app) as client:
            answer = await client.get(
                "/v1/banks/alpha/refused", headers=bearer(token, **CALLERS[caller])
            )

        [shown] = answer.json()["refused"]
        assert shown.get("known") == known
        assert shown["unknown_fields"] == ["payer"]
        assert int(answer.headers["content-length"]) == len(answer.content)
        if caller != "own bank":
            assert "stu_secret" not in answer.text

    def test_are_a_page_of_views(self):
        assert {place.path[0] for place in places_in(RefusedPage)} == {"refused"}


class TestInstitutions:
    @pytest.mark.parametrize(
        ("caller", "sees"),
        [("education", True), ("admin", True), ("own", True), ("pboc", False), ("town", False)],
    )
    async def test_show_why_a_licence_was_revoked_to_whom_it_is_for(
        self, apps, token, caller, sees
    ):
        education = bearer(token, **CALLERS["education"])
        async with client_of(apps["registry"]) as client:
            known = await client.post("/v1/institutions", json=a_filing(), headers=education)
            url = f"/v1/institutions/{known.json()['institution_id']}"
            filing = {"revoked_on": "2026-03-31", "reason": "举办者张三失联"}
            await client.post(f"{url}/revoke", json=filing, headers=education)
            own = {"role": "institution", "institution": known.json()["institution_id"]}

            answer = await client.get(url, headers=bearer(token, **CALLERS.get(caller, own)))

        assert answer.json()["status"] == "revoked"
        assert answer.json().get("revocation_reason") == ("举办者张三失联" if sees else None)
        assert ("revocation_reason" in answer.json()) == sees


def test_an_alert_alone_and_in_a_page_hide_the_same_fields():
    alone = {(one.restricted.model, one.restricted.field) for one in places_in(AlertView)}
    in_page = {(one.restricted.model, one.restricted.field) for one in places_in(AlertPage)}

    assert alone == in_page
