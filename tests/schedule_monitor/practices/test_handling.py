"""Reports of practice over HTTP: experts and decisions, and who may do and see what."""

import pytest

from tests.schedule_monitor.builders import a_state
from tests.schedule_monitor.practices.reports import (
    A_QUESTION,
    DIGEST,
    REPORTS,
    a_report,
    a_tip,
)

pytestmark = pytest.mark.integration


class TestExperts:
    async def test_who_support_make_a_finding_of_a_clue(self, report, heard, alerts, db):
        made = await report(a_report(practice="ahead_of_standard"))
        assert made["state"] == "received"
        assert await alerts() == {"ahead_of_standard": ("2026-02", "yellow", "raised")}

        view = await heard(made, "supports")

        assert view["state"] == "upheld"
        [opinion] = view["opinions"]
        assert (opinion["expert"], opinion["of_version"]) == ("沈一", 1)
        assert await alerts() == {"ahead_of_standard": ("2026-02", "red", "raised")}
        [alert] = await db["alerts"].find().to_list()
        [finding] = alert["findings"]
        assert finding["figures"] == {
            "reports": 1,
            "upheld": 1,
            "clues": 0,
            "opinions": 1,
            "online": 0,
        }

    async def test_who_do_not_support_end_it(self, report, heard, alerts):
        made = await report(a_report(practice="ahead_of_standard"))
        await alerts()

        view = await heard(made, "does_not_support")

        assert view["state"] == "unfounded"
        assert await alerts() == {"ahead_of_standard": ("2026-02", "yellow", "superseded")}

    async def test_who_differ_leave_it_to_the_department(self, report, heard, act, alerts):
        made = await report(a_report(practice="ahead_of_standard"))
        await heard(made, "supports")
        view = await heard(made, "does_not_support", expert="姚二")
        assert (view["state"], view["due_at"]) == ("undecided", "2026-03-10T00:00:00+08:00")
        assert await alerts() == {"ahead_of_standard": ("2026-02", "yellow", "raised")}

        decision = {"outcome": "upheld", "reason": "教材页码可核对"}
        view = await act(made, "decision", decision)

        assert view["decisions"][0]["by"] == "education"
        assert await alerts() == {"ahead_of_standard": ("2026-02", "red", "raised")}
        # The same decision again is the same decision.
        assert len((await act(made, "decision", decision))["decisions"]) == 1

    async def test_are_heard_before_anything_is_held_against_anyone(self, report, act, heard):
        made = await report(a_report(practice="overseas_curriculum"))
        upheld = {"outcome": "upheld", "reason": "像是"}
        refused = await act(made, "decision", upheld, status=409)
        assert refused["type"].endswith("opinion-needed")
        await act(made, "opinions", A_QUESTION)
        await act(made, "decision", upheld, status=409)

        await heard(made, "does_not_support", expert="姚二")

        refused = await act(made, "decision", upheld, status=409)
        assert refused["type"].endswith("opinion-stands")

    async def test_are_not_of_the_institution(self, report, act):
        made = await report(a_report(practice="ahead_of_standard"))

        question = {**A_QUESTION, "office": "青禾培训中心教研部"}
        refused = await act(made, "opinions", question, status=422)

        assert refused["type"].endswith("expert-of-institution")

    async def test_say_a_thing_once(self, report, heard, act):
        made = await report(a_report(practice="ahead_of_standard"))
        await heard(made, "supports")

        same = {"says": "supports", "reasons": "对照课程标准逐条比对", "paper": DIGEST}
        await act(made, "opinions/1", same, method="PUT")
        refused = await act(
            made, "opinions/1", {**same, "says": "unclear"}, method="PUT", status=409
        )

        assert refused["type"].endswith("opinion-given-otherwise")
        await act(made, "opinions/2", same, method="PUT", status=404)
        # A question that waits for its answer is not put twice.
        await act(made, "opinions", {**A_QUESTION, "expert": "姚二"})
        again = await act(made, "opinions", {**A_QUESTION, "expert": "姚二"})
        assert [it["number"] for it in again["opinions"]] == [1, 2]

    async def test_speak_again_after_a_disposal_and_open_it(
        self, report, heard, client, alerts, education, db
    ):
        made = await report(a_report(practice="ahead_of_standard"))
        await alerts()
        [alert] = await db["alerts"].find().to_list()
        path = f"/v1/alerts/{alert['_id']}"
        await client.post(f"{path}/acknowledge", json={}, headers=education)
        done = {"outcome": "unfounded", "reason": "未见超标"}
        answer = await client.post(f"{path}/dispose", json=done, headers=education)
        assert answer.status_code == 200, answer.text

        await heard(made, "supports")

        assert await alerts() == {"ahead_of_standard": ("2026-02", "red", "raised")}


class TestWho:
    async def test_gave_a_tip_is_told_to_who_handles_it_only(  # noqa: PLR0917 - fixtures
        self, client, report, town, education, culture, economy, bearer, db
    ):
        made = await report(a_tip(contact="13800000000"), headers=town)
        assert made["anonymous"] is False
        path = f"{REPORTS}/{made['report_id']}"

        async def contact(headers):
            answer = await client.get(path, headers=headers)
            assert answer.status_code == 200
            return answer.json().get("contact", "absent")

        assert await contact(education) == "13800000000"
        assert await contact(culture) is None
        assert await contact(economy) is None
        assert await contact(town) == "absent"
        assert await contact(bearer(role="admin")) == "absent"
        [row] = await db["practice_reports"].find().to_list()
        assert "13800000000" not in str(row)

    async def test_sent_the_same_tip_with_another_contact_is_asked_to_correct_it(
        self, report, act, town
    ):
        made = await report(a_tip(), headers=town)
        await report(a_tip(contact="13800000000"), headers=town, status=409)

        told = {
            "first_on": "2026-02-26",
            "seen": "家长称每天打卡",
            "source_reference": "12345-0001",
            "contact": "13800000000",
            "version": 2,
        }
        await act(made, "corrections", told, headers=town)
        # Left out, it stays; told again, nothing changes.
        assert (await act(made, "corrections", told, headers=town))["version"] == 2
        later = {**told, "seen": "补充", "version": 3}
        del later["contact"]
        view = await act(made, "corrections", later)
        assert (view["version"], view["contact"]) == (3, "13800000000")

    async def test_is_a_town_reports_of_its_own_ground(self, report, bearer, client, town):
        other = bearer(role="staff", town="xucun")
        await report(a_report(), headers=other, status=403)
        made = await report(a_report(), headers=town)

        path = f"{REPORTS}/{made['report_id']}"
        assert (await client.get(path, headers=other)).status_code == 404
        assert (await client.get(REPORTS, headers=other)).json()["reports"] == []
        assert len((await client.get(REPORTS, headers=town)).json()["reports"]) == 1

    async def test_is_an_institution_reports_its_own_filing(self, report, client, own, bearer):
        other = bearer(role="institution", institution="another")
        await report(a_report(), headers=own, status=403)
        await report(a_report(source="filing"), headers=other, status=403)
        theirs = await report(a_report())

        made = await report(a_report(source="filing"), headers=own)

        assert made["state"] == "upheld"
        seen = await client.get(f"{REPORTS}/{made['report_id']}", headers=own)
        hidden = await client.get(f"{REPORTS}/{theirs['report_id']}", headers=own)
        assert (seen.status_code, hidden.status_code) == (200, 404)

    async def test_is_an_institution_lists_corrects_and_withdraws_its_own(
        self, report, act, client, own, alerts
    ):
        made = await report(a_report(source="filing"), headers=own)
        await report(a_tip(practice="contest"))
        told = {"version": 2, "first_on": "2026-02-27", "seen": "备案材料写错了日期"}
        assert (await alerts())["homework"] == ("2026-02", "yellow", "raised")

        corrected = await act(made, "corrections", told, headers=own)

        listed = (await client.get(REPORTS, headers=own)).json()["reports"]
        assert [one["report_id"] for one in listed] == [made["report_id"]]
        assert (corrected["version"], corrected["first_on"]) == (2, "2026-02-27")
        assert corrected["former"][0]["first_on"] != "2026-02-27"
        withdrawn = await act(made, "withdraw", {"reason": "备案材料有误"}, headers=own)
        assert withdrawn["state"] == "withdrawn"
        assert (await alerts())["homework"] == ("2026-02", "yellow", "superseded")

    @pytest.mark.parametrize(
        ("action", "body"),
        [
            ("opinions", A_QUESTION),
            ("decision", {"outcome": "upheld", "reason": "核实"}),
        ],
    )
    async def test_is_an_institution_leaves_alone_what_is_in_hand(
        self, report, act, own, action, body
    ):
        made = await report(a_report(source="filing"), headers=own)
        await act(made, action, body)
        told = {"version": 2, "first_on": "2026-02-27", "seen": "写错了"}

        for its, what in (("corrections", told), ("withdraw", {"reason": "有误"})):
            refused = await act(made, its, what, headers=own, status=409)
            assert refused["type"] == "urn:haining:problem:practice-report-in-hand"
        await act(made, "withdraw", {"reason": "备案材料有误"})

    async def test_is_not_in_charge_only_reads(self, report, act, culture, town, economy):
        made = await report(a_tip(), headers=town)
        decision = {"outcome": "upheld", "reason": "核实"}

        await act(made, "decision", decision, headers=culture, status=403)
        await act(made, "opinions", A_QUESTION, headers=economy, status=403)
        await act(made, "withdraw", {"reason": "误报"}, headers=culture, status=403)
        await act(made, "withdraw", {"reason": "误报"}, headers=town)

    async def test_is_in_charge_follows_the_register(
        self, report, act, culture, institutions, judged
    ):
        made = await report(a_tip())
        await institutions.take(
            a_state(2, kind="sports", competent_department="culture_tourism_sports")
        )
        await judged()

        decision = {"outcome": "upheld", "reason": "核实"}
        await act(made, "decision", decision, status=403)
        view = await act(made, "decision", decision, headers=culture)
        assert view["responsible"] == ["culture_tourism_sports"]


class TestPlatforms:
    async def test_are_led_by_their_keeper(self, report, act, alerts, economy, db):
        body = a_report(practice="photo_search", platform="某搜题", kind="subject", source="tip")
        del body["institution_id"]
        made = await report(body)
        assert await alerts() == {"photo_search": ("2026-02", "yellow", "raised")}
        [alert] = await db["alerts"].find().to_list()
        assert alert["about"]["kind"] == "platform"
        parties = [(it["department"], it["role"]) for it in alert["deliveries"]]
        assert parties == [("economy_it", "lead"), ("education", "assist")]

        await act(made, "decision", {"outcome": "upheld", "reason": "已核"}, headers=economy)

        assert await alerts() == {"photo_search": ("2026-02", "red", "raised")}

    async def test_of_an_institution_online_have_the_keeper_assist(self, report, alerts, db):
        await report(a_report(practice="photo_search", mode="online"))

        assert await alerts() == {"photo_search": ("2026-02", "red", "raised")}
        [alert] = await db["alerts"].find().to_list()
        parties = [(it["department"], it["role"]) for it in alert["deliveries"]]
        assert parties == [("education", "lead"), ("xiashi", "inform"), ("economy_it", "assist")]
