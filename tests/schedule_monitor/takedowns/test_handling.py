"""A request from hand to hand: the platform by its signature, offices by token, a second person."""

import pytest

from tests.schedule_monitor.takedowns.conftest import FILE, OWN, URL

pytestmark = [pytest.mark.integration, pytest.mark.timeout(60)]


class TestThePlatform:
    async def test_reads_what_it_is_asked_and_no_draft(self, city):
        await city.draft()
        takedown_id = await city.sent()

        said = (await city.sign("GET", OWN)).json()

        [one] = said["takedowns"]
        assert one["takedown_id"] == takedown_id
        assert one["rounds"][0]["due_at"] == "2026-03-09T16:00:00Z"
        assert "parties" not in one
        assert "staff:" not in str(said)

    async def test_receives_and_answers(self, city):
        takedown_id = await city.sent()
        place = f"{OWN}/{takedown_id}/acknowledge"

        first = await city.sign("POST", place, {"takedown_id": takedown_id})
        again = await city.sign("POST", place, {"takedown_id": takedown_id})
        assert first.json() == again.json()
        assert first.json()["state"] == "acknowledged"

        answered = await city.answer(takedown_id)
        assert (answered.status_code, answered.json()["state"]) == (200, "done")
        assert (await city.answer(takedown_id)).json() == answered.json()
        otherwise = await city.answer(takedown_id, text="另一说法")
        assert otherwise.json()["type"] == "urn:haining:problem:takedown-answered-otherwise"

    async def test_refuses_with_a_reason_and_may_still_do_it(self, city):
        takedown_id = await city.sent()

        refused = await city.answer(takedown_id, "refused", text="非本平台课程", proofs=[])
        assert refused.json()["state"] == "refused"
        assert (await city.answer(takedown_id)).json()["state"] == "done"

    async def test_shows_what_it_says_is_done(self, city):
        takedown_id = await city.sent()

        answer = await city.answer(takedown_id, proofs=[])

        assert answer.status_code == 422
        assert answer.json()["type"] == "urn:haining:problem:proof-missing"

    async def test_is_told_apart_by_its_signature(self, city):
        takedown_id = await city.sent()
        other = (await city.ask("POST", "/v1/platforms", {"code": "other"})).json()["secret"]

        assert (await city.sign("GET", OWN, key=other)).status_code == 401
        elsewhere = f"/v1/platforms/other/takedowns/{takedown_id}/acknowledge"
        body = {"takedown_id": takedown_id}
        assert (await city.sign("POST", elsewhere, body, key=other)).status_code == 404
        async with city.client() as client:
            assert (await client.get(OWN)).status_code == 401

    async def test_signs_for_one_request_and_no_other(self, city):
        first, second = await city.sent(), await city.sent()

        answer = await city.sign("POST", f"{OWN}/{second}/acknowledge", {"takedown_id": first})

        assert answer.status_code == 422
        assert answer.json()["errors"][0]["pointer"] == "/takedown_id"

    @pytest.mark.parametrize(
        "body", [None, [], {}, {"takedown_id": 1}, {"takedown_id": "x", "more": 1}]
    )
    async def test_sends_what_can_be_read(self, city, body):
        takedown_id = await city.sent()

        answer = await city.sign("POST", f"{OWN}/{takedown_id}/acknowledge", body)

        assert answer.status_code == 422
        assert answer.headers["content-type"] == "application/problem+json"


class TestOffices:
    async def test_enter_what_came_on_paper_and_another_looks(self, city):
        takedown_id = await city.sent(
            recipient={"operator": "某科技公司", "contact": "李经理 0573-0000000"}
        )
        paper = {"outcome": "done", "text": "已停课", "proofs": [FILE]}
        place = f"{URL}/{takedown_id}"
        await city.ask("POST", f"{place}/acknowledge")
        answered = await city.ask("POST", f"{place}/answer", paper)
        assert answered.json()["state"] == "done"

        check = {"passed": True, "note": "课程页已打不开"}
        own = await city.ask("POST", f"{place}/recheck", check)
        assert own.status_code == 403
        assert own.json()["type"] == "urn:haining:problem:second-person-needed"
        other = await city.ask("POST", f"{place}/recheck", check, person="li")
        assert other.json()["state"] == "closed"
        again = await city.ask("POST", f"{place}/recheck", check, person="li")
        assert again.json() == other.json()

    async def test_of_the_competent_department_may_look_too(self, city):
        takedown_id = await city.sent()
        await city.answer(takedown_id)

        check = {"passed": True, "note": "已看"}
        looked = await city.ask("POST", f"{URL}/{takedown_id}/recheck", check, by="education")

        assert looked.json()["state"] == "closed"

    async def test_ask_again_where_it_is_still_there(self, city):
        takedown_id = await city.sent()
        await city.answer(takedown_id)

        check = {"passed": False, "note": "换名后仍在招生", "proofs": [FILE]}
        for _ in range(2):
            looked = await city.ask("POST", f"{URL}/{takedown_id}/recheck", check)
        said = looked.json()

        assert (said["state"], said["found_again"], len(said["rounds"])) == ("reopened", True, 2)
        [alert] = await city.alerts()
        assert alert["level"] == "red"
        assert "换名后仍在招生" in alert["message"]
        assert {it["department"]: it["role"] for it in alert["deliveries"]} == {
            "economy_it": "lead",
            "education": "inform",
        }
        # It ends when a later look passes.
        await city.answer(takedown_id, text="现已停课")
        await city.ask("POST", f"{URL}/{takedown_id}/recheck", {"passed": True, "note": "已停"})
        assert await city.alerts() == []

    async def test_do_not_judge_before_the_time_is_up(self, city):
        takedown_id = await city.sent()
        place = f"{URL}/{takedown_id}/recheck"

        early = await city.ask("POST", place, {"passed": False, "note": "还在"})
        assert early.json()["type"] == "urn:haining:problem:takedown-not-in-state"
        unseen = await city.ask("POST", place, {"passed": True, "note": "没了"})
        assert unseen.json()["type"] == "urn:haining:problem:proof-missing"
        seen = await city.ask("POST", place, {"passed": True, "note": "没了", "proofs": [FILE]})
        assert seen.json()["state"] == "closed"

    async def test_take_a_request_back(self, city):
        takedown_id = await city.sent()

        gone = await city.ask("POST", f"{URL}/{takedown_id}/withdraw", {"reason": "对象有误"})

        assert gone.json()["state"] == "withdrawn"
        assert (await city.answer(takedown_id)).status_code == 409
        assert await city.kernel.db["timers"].count_documents({"kind": "takedown"}) == 0

    async def test_say_when_a_paper_came(self, city):
        takedown_id = await city.sent(recipient={"operator": "某公司", "contact": "李"})
        paper = {"outcome": "refused", "text": "不认", "said_at": "2026-03-01T09:00:00+08:00"}

        early = await city.ask("POST", f"{URL}/{takedown_id}/answer", paper)

        assert early.status_code == 422
        assert early.json()["errors"][0]["pointer"] == "/said_at"

    async def test_find_what_waits(self, city):
        draft, sent = await city.draft(), await city.sent()

        async def listed(query):
            found = (await city.ask("GET", f"{URL}?{query}")).json()["takedowns"]
            return [one["takedown_id"] for one in found]

        assert await listed("") == [sent, draft]
        assert await listed("state=drafted") == [draft]
        assert await listed("overdue=true") == []
        assert await listed("overdue=false&recipient=cloud") == [sent, draft]
        assert await listed("recipient=other") == []

    async def test_leave_a_trace_of_every_step(self, city):
        takedown_id = await city.sent()
        await city.answer(takedown_id)

        rows = await city.kernel.db["audit"].find({"about.kind": "takedown"}).to_list()

        assert [(row["action"], row["who"]["role"]) for row in rows] == [
            ("takedown.drafted", "staff"),
            ("takedown.sent", "staff"),
            ("takedown.done", "recipient"),
        ]
        steps = (await city.read(takedown_id))["steps"]
        assert [one["kind"] for one in steps] == ["drafted", "sent", "done"]
