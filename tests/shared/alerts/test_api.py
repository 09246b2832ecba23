import pytest

from shared.ids import new_id
from tests.shared.alerts.builders import a_finding, a_verdict, an_institution, in_city
from tests.shared.alerts.conftest import ALERTS, bearer, refusal

pytestmark = pytest.mark.integration


class TestListAlerts:
    async def test_shows_ones_own_department_by_default(self, client, staff, alert_id):
        answer = await client.get(ALERTS, headers=staff("pboc"))

        assert answer.status_code == 200
        [alert] = answer.json()["alerts"]
        assert alert["id"] == alert_id
        assert alert["service"] == "fund_monitor"
        assert answer.json()["next_cursor"] is None

    @pytest.mark.usefixtures("alert_id")
    async def test_is_empty_for_a_department_without_a_part(self, client, staff):
        answer = await client.get(ALERTS, headers=staff("tax"), params={"department": "tax"})

        assert answer.json() == {"alerts": [], "next_cursor": None}

    async def test_refuses_another_departments_inbox(self, client, staff):
        answer = await client.get(ALERTS, headers=staff("tax"), params={"department": "pboc"})

        assert refusal(answer) == (403, "forbidden")

    async def test_shows_an_administrator_everything_or_one_department(
        self, client, token, alert_id
    ):
        admin = bearer(token(role="admin"))

        everything = await client.get(ALERTS, headers=admin)
        of_tax = await client.get(ALERTS, headers=admin, params={"department": "tax"})

        assert [alert["id"] for alert in everything.json()["alerts"]] == [alert_id]
        assert of_tax.json()["alerts"] == []

    async def test_shows_a_town_its_own(self, client, token):
        answer = await client.get(ALERTS, headers=bearer(token(role="staff", town="xucun")))

        assert answer.json()["alerts"] == []

    @pytest.mark.parametrize("role", ["bank", "bank_admin", "institution", "platform"])
    async def test_is_for_staff_only(self, client, token, role):
        answer = await client.get(ALERTS, headers=bearer(token(role=role, department="pboc")))

        assert refusal(answer) == (403, "forbidden")

    async def test_is_not_for_staff_of_nowhere(self, client, token):
        answer = await client.get(ALERTS, headers=bearer(token(role="staff")))

        assert refusal(answer) == (403, "forbidden")

    async def test_needs_a_token(self, client):
        assert refusal(await client.get(ALERTS)) == (401, "unauthenticated")

    async def test_goes_through_pages_by_cursor(self, client, staff, raised):
        ids = await raised(
            *(a_verdict(a_finding(), about=an_institution(f"i-{n}")) for n in range(5))
        )

        found, params = [], {"limit": 2}
        while True:
            page = (await client.get(ALERTS, headers=staff("cbirc"), params=params)).json()
            found.extend(alert["id"] for alert in page["alerts"])
            if page["next_cursor"] is None:
                break
            params = {"limit": 2, "cursor": page["next_cursor"]}

        assert found == sorted(ids, reverse=True)

    async def test_filters_by_state_and_level(self, client, staff, raised):
        red, _ = await raised(
            a_verdict(a_finding(level="red"), about=an_institution("i-1")),
            a_verdict(a_finding(), about=an_institution("i-2")),
        )

        answer = await client.get(
            ALERTS, headers=staff("pboc"), params={"level": "red", "state": "raised"}
        )

        assert [alert["id"] for alert in answer.json()["alerts"]] == [red]

    async def test_shows_the_first_events_of_a_finding_only(self, client, staff, raised):
        [alert_id] = await raised(a_verdict(a_finding(*(f"e-{n:03}" for n in range(100)))))

        listed = (await client.get(ALERTS, headers=staff("pboc"))).json()["alerts"][0]
        whole = (await client.get(f"{ALERTS}/{alert_id}", headers=staff("pboc"))).json()

        assert len(listed["findings"][0]["events"]) == 20
        assert listed["findings"][0]["events_count"] == 100
        assert len(whole["findings"][0]["events"]) == 100

    async def test_filters_by_what_is_overdue(self, client, staff, timers, clock, alert_id):
        headers = staff("pboc")
        clock.moment = in_city(2026, 4, 4)
        await timers.run_one()

        late = await client.get(ALERTS, headers=headers, params={"overdue": True})
        early = await client.get(ALERTS, headers=headers, params={"overdue": False})

        assert [alert["id"] for alert in late.json()["alerts"]] == [alert_id]
        assert early.json()["alerts"] == []

    async def test_filters_by_what_the_department_snoozed(self, client, staff, clock, alert_id):
        async def listed(department, *, snoozed):
            params = {"snoozed": snoozed}
            answer = await client.get(ALERTS, headers=staff(department), params=params)
            return [alert["id"] for alert in answer.json()["alerts"]]

        said = {"until": "2026-04-03", "reason": "等待对账"}
        await client.post(f"{ALERTS}/{alert_id}/snooze", headers=staff("pboc"), json=said)

        assert await listed("pboc", snoozed=True) == [alert_id]
        assert await listed("pboc", snoozed=False) == []
        assert await listed("cbirc", snoozed=True) == []
        clock.moment = in_city(2026, 4, 3)
        assert await listed("pboc", snoozed=True) == []

    @pytest.mark.parametrize(
        "params",
        [
            {"overdue": "perhaps"},
            {"cursor": "!"},
            {"cursor": "abc"},
            {"cursor": "游标"},
            {"level": "orange"},
            {"state": "open"},
            {"limit": 0},
            {"limit": 201},
            {"department": "magic"},
        ],
    )
    async def test_refuses_what_it_cannot_read(self, client, staff, params):
        answer = await client.get(ALERTS, headers=staff("pboc"), params=params)

        assert refusal(answer) == (422, "invalid-request")


class TestSummarizeAlerts:
    @pytest.mark.usefixtures("alert_id")
    async def test_counts_per_department_and_level(self, client, staff):
        answer = await client.get(f"{ALERTS}/summary", headers=staff("tax"))

        one = {"yellow": 1, "red": 0}
        assert answer.json() == {
            "alerts": {
                "cbirc": one,
                "culture_tourism_sports": one,
                "finance_office": one,
                "pboc": one,
            }
        }

    async def test_is_for_staff_only(self, client, token):
        answer = await client.get(f"{ALERTS}/summary", headers=bearer(token(role="bank")))

        assert refusal(answer) == (403, "forbidden")


class TestReadAlert:
    async def test_shows_everything(self, client, staff, alert_id):
        answer = await client.get(f"{ALERTS}/{alert_id}", headers=staff("pboc"))

        alert = answer.json()
        assert alert["rule"] == "fund.coverage"
        assert alert["title"] == "专户余额应覆盖未消课金额"
        assert alert["origin"] == "S"
        assert alert["about"] == {"kind": "institution", "id": "inst-1", "name": "启明艺术培训"}
        assert (alert["level"], alert["state"], alert["window"]) == ("yellow", "raised", "2026-03")
        assert alert["lead"] == "culture_tourism_sports"
        assert alert["findings"][0]["figures"] == {"balance_fen": 90_000}
        assert alert["findings"][0]["events"] == ["e-1", "e-2"]
        assert [it["role"] for it in alert["deliveries"]] == ["lead", "inform", "inform", "inform"]
        assert alert["deliveries"][1]["name"] == "市人民银行"
        assert (alert["version"], alert["disposal"]) == (1, None)

    async def test_does_not_exist_for_others(self, client, staff, alert_id):
        hidden = await client.get(f"{ALERTS}/{alert_id}", headers=staff("tax"))
        absent = await client.get(f"{ALERTS}/{new_id()}", headers=staff("tax"))

        assert refusal(hidden) == refusal(absent) == (404, "alert-not-found")
        assert hidden.json()["detail"] == absent.json()["detail"]

    async def test_refuses_a_bank(self, client, token, alert_id):
        answer = await client.get(
            f"{ALERTS}/{alert_id}", headers=bearer(token(role="bank", bank="bank-a"))
        )

        assert refusal(answer) == (403, "forbidden")

    async def test_refuses_what_is_no_id(self, client, staff):
        answer = await client.get(f"{ALERTS}/7", headers=staff("pboc"))

        assert refusal(answer) == (422, "invalid-request")


class TestAcknowledgeAlert:
    async def test_is_the_departments_own(self, client, staff, alert_id):
        answer = await client.post(f"{ALERTS}/{alert_id}/acknowledge", headers=staff("pboc"))

        assert answer.status_code == 200
        lead, pboc, *_ = answer.json()["deliveries"]
        assert lead["acknowledged_at"] is None
        assert pboc["acknowledged_at"] is not None
        assert answer.json()["state"] == "raised"

    async def test_twice_returns_the_same(self, client, staff, alert_id):
        url, headers = f"{ALERTS}/{alert_id}/acknowledge", staff("culture_tourism_sports")
        first = await client.post(url, headers=headers, json={"note": "已派员核查"})

        again = await client.post(url, headers=headers)

        assert first.json()["state"] == "acknowledged"
        assert again.json() == first.json()

    async def test_does_not_exist_for_others(self, client, staff, alert_id):
        answer = await client.post(f"{ALERTS}/{alert_id}/acknowledge", headers=staff("tax"))

        assert refusal(answer) == (404, "alert-not-found")

    async def test_by_an_administrator_is_the_leads(self, client, token, alert_id):
        answer = await client.post(
            f"{ALERTS}/{alert_id}/acknowledge", headers=bearer(token(role="admin"))
        )

        assert answer.json()["state"] == "acknowledged"

    async def test_of_a_superseded_alert_is_refused(self, client, staff, raised, alert_id):
        await raised(a_verdict())

        answer = await client.post(f"{ALERTS}/{alert_id}/acknowledge", headers=staff("pboc"))

        assert refusal(answer) == (409, "alert-superseded")

    @pytest.mark.parametrize("body", [{"note": "长" * 501}, {"remark": "?"}, {"version": 0}])
    async def test_refuses_what_it_cannot_read(self, client, staff, alert_id, body):
        answer = await client.post(
            f"{ALERTS}/{alert_id}/acknowledge", headers=staff("pboc"), json=body
        )

        assert refusal(answer) == (422, "invalid-request")


class TestDisposeAlert:
    @pytest.fixture
    def dispose(self, client, staff, alert_id):
        async def post(department="culture_tourism_sports", **said):
            return await client.post(
                f"{ALERTS}/{alert_id}/dispose",
                headers=staff(department),
                json={"outcome": "corrected", "reason": "已补足差额", **said},
            )

        return post

    async def test_ends_the_alert(self, dispose):
        answer = await dispose()

        assert answer.json()["state"] == "disposed"
        assert answer.json()["disposal"]["outcome"] == "corrected"
        assert answer.json()["disposal"]["disposed_by"]

    async def test_is_repeatable_in_the_same_words_only(self, dispose):
        first = await dispose()

        assert (await dispose()).json() == first.json()
        assert (await dispose(reason=" 已补足差额 ")).json() == first.json()
        assert refusal(await dispose(outcome="upheld")) == (409, "alert-already-disposed")

    async def test_is_the_leads_alone(self, dispose):
        assert refusal(await dispose("pboc")) == (403, "not-the-lead")

    async def test_does_not_exist_for_others(self, dispose):
        assert refusal(await dispose("tax")) == (404, "alert-not-found")

    async def test_of_a_superseded_alert_is_refused(self, dispose, raised):
        await raised(a_verdict())

        assert refusal(await dispose()) == (409, "alert-superseded")

    async def test_of_a_version_that_has_passed_is_refused(self, dispose, raised):
        await raised(a_verdict(a_finding("e-3", level="red")))

        assert refusal(await dispose(version=1)) == (409, "alert-changed")
        assert (await dispose(version=2)).json()["state"] == "disposed"

    @pytest.mark.parametrize(
        "said", [{"reason": " "}, {"reason": "长" * 501}, {"outcome": "closed"}, {"by": "me"}]
    )
    async def test_refuses_what_it_cannot_read(self, dispose, said):
        assert refusal(await dispose(**said)) == (422, "invalid-request")


class TestOpenApi:
    @pytest.mark.parametrize(
        ("method", "path", "refusals"),
        [
            ("get", "", {"401", "403", "422", "503"}),
            ("get", "/summary", {"401", "403", "422", "503"}),
            ("get", "/{alert_id}", {"401", "403", "404", "422", "503"}),
            ("post", "/{alert_id}/acknowledge", {"401", "403", "404", "409", "422", "503"}),
            ("get", "/export.xlsx", {"401", "403", "422", "503"}),
            *(
                ("post", f"/{{alert_id}}/{act}", {"401", "403", "404", "409", "422", "503"})
                for act in (
                    "rectify",
                    "recheck",
                    "dispose",
                    "feedback",
                    "transfer",
                    "snooze",
                    "statements",
                    "statements/{statement_id}/answer",
                )
            ),
        ],
    )
    def test_declares_every_refusal_as_a_problem(self, app, method, path, refusals):
        answers = app.openapi()["paths"][f"{ALERTS}{path}"][method]["responses"]

        assert set(answers) == {"200", *refusals}
        for status in refusals:
            assert set(answers[status]["content"]) == {"application/problem+json"}
            [body] = answers[status]["content"].values()
            assert body["schema"] == {"$ref": "#/components/schemas/Problem"}
