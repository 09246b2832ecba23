import pytest

from tests.shared.alerts.builders import TELLING, a_finding, a_verdict, in_city
from tests.shared.alerts.conftest import ALERTS, bearer, refusal

pytestmark = pytest.mark.integration

ORDER = {"requirement": "补足差额", "until": "2026-04-10"}
SNOOZE = {"until": "2026-04-03", "reason": "等待对账"}
TRANSFER = {"to": "science_tech", "reason": "属科技类机构"}


class TestActs:
    async def test_take_an_alert_from_receipt_to_its_end(self, post, alert_id):
        seen = await post(alert_id, "acknowledge", assignee="li", deputy="chen")
        rectifying = await post(alert_id, "rectify", **ORDER)
        again = await post(alert_id, "recheck", passed=False, note="未补足", until="2026-04-20")
        rechecked = await post(alert_id, "recheck", passed=True, note="已补足")
        disposed = await post(alert_id, "dispose", outcome="corrected", reason="已整改到位")

        answers = (seen, rectifying, again, rechecked, disposed)
        assert [answer.json()["state"] for answer in answers] == [
            "acknowledged",
            "rectifying",
            "rectifying",
            "rechecked",
            "disposed",
        ]
        assert seen.json()["deliveries"][0]["assignee"] == "li"
        assert again.json()["history"]["rectification"]["until"] == "2026-04-20"
        [failed] = disposed.json()["history"]["past_rectifications"]
        assert failed["recheck"]["note"] == "未补足"

    @pytest.mark.parametrize(
        ("name", "said"),
        [
            ("acknowledge", {"assignee": "li"}),
            ("rectify", ORDER),
            ("feedback", {"text": "账户已冻结"}),
            ("transfer", TRANSFER),
            ("snooze", SNOOZE),
        ],
    )
    async def test_repeated_change_nothing(self, post, alert_id, database, name, said):
        first = await post(alert_id, name, **said)

        again = await post(alert_id, name, **said)

        assert first.status_code == 200
        assert again.json() == first.json()
        assert again.json()["version"] == 2
        assert await database["audit"].count_documents({}) == 1

    @pytest.mark.parametrize(
        ("name", "said", "code"),
        [
            ("rectify", {**ORDER, "until": "2026-03-31"}, "rectification-date-refused"),
            ("transfer", {**TRANSFER, "to": "culture_tourism_sports"}, "transfer-refused"),
            ("snooze", {**SNOOZE, "until": "2026-05-30"}, "snooze-refused"),
            ("statements", {"text": "误报"}, "institution-not-told"),
        ],
    )
    async def test_that_the_rules_forbid_are_refused_by_name(
        self, post, alert_id, name, said, code
    ):
        answer = await post(alert_id, name, **said)

        assert refusal(answer) == (422, code)
        assert answer.json()["title"]
        assert answer.json()["detail"]

    async def test_without_a_rectification_that_runs_are_in_conflict(self, post, alert_id):
        answer = await post(alert_id, "recheck", passed=True, note="已补足")

        assert refusal(answer) == (409, "not-rectifying")

    async def test_as_corrected_wait_for_the_recheck(self, post, alert_id):
        await post(alert_id, "rectify", **ORDER)

        answer = await post(alert_id, "dispose", outcome="corrected", reason="已整改")

        assert refusal(answer) == (409, "recheck-missing")

    @pytest.mark.parametrize(
        ("name", "said"),
        [
            ("rectify", ORDER),
            ("recheck", {"passed": True, "note": "已补足"}),
            ("transfer", TRANSFER),
        ],
    )
    async def test_of_the_lead_are_the_leads_alone(self, post, alert_id, name, said):
        assert refusal(await post(alert_id, name, "pboc", **said)) == (403, "not-the-lead")
        assert refusal(await post(alert_id, name, "tax", **said)) == (404, "alert-not-found")

    async def test_on_a_version_that_has_passed_are_refused(self, post, alert_id):
        await post(alert_id, "feedback", "pboc", text="账户已冻结")

        assert refusal(await post(alert_id, "rectify", version=1, **ORDER)) == (
            409,
            "alert-changed",
        )
        assert (await post(alert_id, "rectify", version=2, **ORDER)).status_code == 200

    @pytest.mark.parametrize(
        ("name", "said"),
        [
            ("acknowledge", {"assignee": "长" * 129}),
            ("rectify", {"requirement": " ", "until": "2026-04-10"}),
            ("rectify", {"requirement": "补足", "until": "soon"}),
            ("recheck", {"passed": True}),
            ("feedback", {"text": "长" * 2_001}),
            ("transfer", {"to": "science_tech", "reason": ""}),
            ("snooze", {"until": "2026-04-03", "reason": "x", "forever": True}),
            ("statements", {"text": ""}),
        ],
    )
    async def test_that_cannot_be_read_are_refused(self, post, alert_id, name, said):
        assert refusal(await post(alert_id, name, **said)) == (422, "invalid-request")

    async def test_are_told_on_the_bus(self, post, alert_id, notices):
        await post(alert_id, "feedback", "pboc", text="账户已冻结")
        await post(alert_id, "transfer", **TRANSFER)

        told = [(subject.split(".")[2], change) for subject, _, change in (await notices())[4:]]
        assert told == [
            ("culture_tourism_sports", "feedback"),
            ("cbirc", "feedback"),
            ("finance_office", "feedback"),
            ("science_tech", "rerouted"),
            ("culture_tourism_sports", "rerouted"),
            ("pboc", "rerouted"),
            ("cbirc", "rerouted"),
            ("finance_office", "rerouted"),
        ]

    async def test_leave_an_audit_row_without_the_words(self, post, alert_id, database):
        await post(alert_id, "dispose", outcome="unfounded", reason="王某已说明")

        [entry] = await database["audit"].find().to_list()
        assert entry["action"] == "alert.dispose"
        assert entry["about"] == {"kind": "alert", "id": alert_id}
        assert entry["who"]["office"] == "culture_tourism_sports"
        assert entry["details"] == {"outcome": "unfounded", "unheard": False, "version": 2}
        assert "王某" not in str(entry)

    async def test_that_are_refused_leave_no_audit_row(self, post, alert_id, database):
        await post(alert_id, "dispose", "pboc", outcome="upheld", reason="属实")

        assert await database["audit"].count_documents({}) == 0


class TestStatements:
    @pytest.fixture
    async def told(self, raised):
        [alert_id] = await raised(a_verdict(a_finding(), rule=TELLING))
        return alert_id

    @pytest.fixture
    def plead(self, client, institution, told):
        async def post(text="差额系在途资金", code="inst-1", **said):
            url = f"{ALERTS}/{told}/statements"
            body = {"text": text, **said}
            return await client.post(url, headers=institution(code), json=body)

        return post

    async def test_are_answered_before_the_finding_is_upheld(
        self, plead, post, told, client, institution
    ):
        filed = await plead()
        early = await post(told, "dispose", outcome="upheld", reason="属实")
        answered = await post(told, f"statements/{filed.json()['id']}/answer", text="不予采纳")
        upheld = await post(
            told, "dispose", outcome="upheld", reason="属实", unanswered_reason="机构已撤场"
        )
        own = await client.get(f"/v1/own-alerts/{told}", headers=institution())

        assert refusal(early) == (422, "statement-unanswered")
        assert answered.json()["history"]["statements"][0]["answer"]["text"] == "不予采纳"
        assert upheld.json()["disposal"]["unanswered_reason"] == "机构已撤场"
        [statement] = own.json()["statements"]
        assert (statement["text"], statement["answer"]["text"]) == ("差额系在途资金", "不予采纳")

    async def test_are_filed_once_for_the_same_words(self, plead, database):
        first = await plead()

        assert (await plead()).json() == first.json()
        assert await database["audit"].count_documents({"action": "alert.state_case"}) == 1

    async def test_of_another_institution_find_no_alert(self, plead):
        assert refusal(await plead(code="inst-2")) == (404, "alert-not-found")

    async def test_too_late_are_refused(self, plead, clock):
        clock.moment = in_city(2026, 4, 9)

        assert refusal(await plead()) == (422, "statement-too-late")

    async def test_on_paper_are_filed_by_a_department(self, post, told):
        answer = await post(told, "statements", "pboc", text="书面说明", received_on="2026-03-31")

        assert answer.json()["on_paper_at"] == "pboc"

    async def test_of_an_institution_come_in_when_they_are_sent(self, plead):
        assert refusal(await plead(received_on="2026-03-31")) == (403, "forbidden")

    async def test_are_not_for_banks(self, client, token, told):
        headers = bearer(token(role="bank", bank="alpha"))

        answer = await client.post(
            f"{ALERTS}/{told}/statements", headers=headers, json={"text": "误报"}
        )

        assert refusal(answer) == (403, "forbidden")


class TestOwnAlerts:
    async def test_are_those_the_institution_was_told_of(self, client, institution, raised):
        [told, _] = await raised(
            a_verdict(a_finding(), rule=TELLING), a_verdict(a_finding(), window="2026-02")
        )

        own = (await client.get("/v1/own-alerts", headers=institution())).json()["alerts"]
        others = (await client.get("/v1/own-alerts", headers=institution("i-2"))).json()["alerts"]

        assert [alert["id"] for alert in own] == [told]
        assert own[0]["statement_due_at"] == "2026-04-08T16:00:00Z"
        assert others == []

    async def test_hide_what_departments_say_among_themselves(
        self, client, institution, raised, post
    ):
        [told] = await raised(a_verdict(a_finding("e-1"), rule=TELLING))
        await post(told, "feedback", text="拟联合检查")

        own = await client.get(f"/v1/own-alerts/{told}", headers=institution())

        assert own.status_code == 200
        for word in ("拟联合检查", 'e-1"', "deliveries", "findings", "feedback"):
            assert word not in own.text

    async def test_go_through_pages_by_cursor(self, client, institution, raised):
        ids = await raised(
            *(a_verdict(a_finding(), rule=TELLING, window=f"2026-0{n}") for n in range(1, 6))
        )
        found, params = [], {"limit": 2}
        while True:
            answer = await client.get("/v1/own-alerts", headers=institution(), params=params)
            found.extend(alert["id"] for alert in answer.json()["alerts"])
            if answer.json()["next_cursor"] is None:
                break
            params = {"limit": 2, "cursor": answer.json()["next_cursor"]}

        assert found == sorted(ids, reverse=True)

    @pytest.mark.parametrize("role", ["staff", "admin", "bank", "platform"])
    async def test_are_for_institutions_only(self, client, token, role):
        answer = await client.get("/v1/own-alerts", headers=bearer(token(role=role)))

        assert refusal(answer) == (403, "forbidden")

    async def test_that_were_not_told_do_not_exist(self, client, institution, alert_id):
        answer = await client.get(f"/v1/own-alerts/{alert_id}", headers=institution())

        assert refusal(answer) == (404, "alert-not-found")
