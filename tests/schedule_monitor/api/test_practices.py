"""Reports of practice over HTTP: entered, judged with experts, and what becomes of the alert."""

import asyncio

import pytest

from tests.schedule_monitor.builders import INSTITUTION, a_state

pytestmark = pytest.mark.integration

REPORTS = "/v1/practice-reports"
DIGEST = f"sha256:{'ab' * 32}"


def a_report(**more):
    return {
        "practice": "homework",
        "source": "visit",
        "institution_id": INSTITUTION,
        "first_on": "2026-02-26",
        "seen": "白板上写有当晚的作业清单",
        "evidence": [{"digest": DIGEST, "shows": "白板照片"}],
        **more,
    }


def a_tip(**more):
    return a_report(
        source="tip", source_reference="12345-0001", seen="家长称每天打卡", evidence=[], **more
    )


A_QUESTION = {
    "expert": "沈一",
    "office": "市中小学课程教材审查专家委员会",
    "question": "内容是否超出三年级课程标准",
}


@pytest.fixture(autouse=True)
async def told_of(registered):
    return registered


@pytest.fixture
def town(bearer):
    return bearer(role="staff", town="xiashi")


@pytest.fixture
def culture(bearer):
    return bearer(role="staff", department="culture_tourism_sports")


@pytest.fixture
def economy(bearer):
    return bearer(role="staff", department="economy_it")


@pytest.fixture
def report(client, education):
    async def work(body, headers=None, status=201):
        answer = await client.post(REPORTS, json=body, headers=headers or education)
        assert answer.status_code == status, answer.text
        return answer.json()

    return work


@pytest.fixture
def act(client, education):
    async def work(report, action, body, *, headers=None, status=200, method="POST"):
        path = f"{REPORTS}/{report['report_id']}/{action}"
        answer = await client.request(method, path, json=body, headers=headers or education)
        assert answer.status_code == status, answer.text
        return answer.json()

    return work


@pytest.fixture
def heard(act):
    """Ask an expert and keep what they say."""

    async def work(report, says, *, expert="沈一"):
        asked = await act(report, "opinions", {**A_QUESTION, "expert": expert})
        number = asked["opinions"][-1]["number"]
        body = {"says": says, "reasons": "对照课程标准逐条比对", "paper": DIGEST}
        return await act(report, f"opinions/{number}", body, method="PUT")

    return work


@pytest.fixture
def alerts(db, judged):
    """Judge what is marked, and return alerts by rule: month, level and state."""

    async def work():
        await judged()
        return {
            it["rule"]["code"].removeprefix("schedule."): (it["window"], it["level"], it["state"])
            async for it in db["alerts"].find().sort("_id", 1)
        }

    return work


class TestAReport:
    async def test_of_what_was_seen_is_a_finding(self, report, alerts, client, education, db):
        made = await report(a_report())

        assert await alerts() == {"homework": ("2026-02", "yellow", "raised")}
        answer = await client.get(f"{REPORTS}/{made['report_id']}", headers=education)
        view = answer.json()
        assert (view["state"], view["due_at"], view["note"]) == ("upheld", None, None)
        [hit] = view["findings"]
        assert hit["article"].startswith("海宁市“双减”实施方案 任务21")
        assert (hit["origin"], hit["clue"]) == ("Seed", False)
        [alert] = await db["alerts"].find().to_list()
        parties = [(it["department"], it["role"]) for it in alert["deliveries"]]
        assert parties == [("education", "lead"), ("xiashi", "inform")]
        # What was seen stays with the report.
        assert "白板" not in alert["message"]

    async def test_from_a_tip_is_a_clue_until_the_department_decides(self, report, act, alerts):
        made = await report(a_tip(practice="contest"))
        assert made["state"] == "received"
        assert made["due_at"] == "2026-03-12T00:00:00+08:00"
        assert await alerts() == {"contest": ("2026-02", "yellow", "raised")}

        decision = {"outcome": "upheld", "reason": "现场核实有竞赛通知"}
        view = await act(made, "decision", decision)

        assert (view["state"], view["due_at"]) == ("upheld", None)
        assert await alerts() == {"contest": ("2026-02", "red", "raised")}
        decision = {"outcome": "unfounded", "reason": "经复核为校内活动"}
        await act(made, "decision", decision)
        assert await alerts() == {"contest": ("2026-02", "red", "superseded")}

    async def test_comes_once_however_often_it_is_sent(self, report, client, education, db):
        first = await report(a_report())

        again = await report(a_report(), status=200)

        assert again["report_id"] == first["report_id"]
        answers = await asyncio.gather(
            *(client.post(REPORTS, json=a_tip(), headers=education) for _ in range(5))
        )
        assert {it.status_code for it in answers} <= {200, 201, 409}
        assert await db["practice_reports"].count_documents({}) == 2

    async def test_under_one_key_is_answered_alike(self, client, education):
        headers = {**education, "Idempotency-Key": "k1"}
        first = await client.post(REPORTS, json=a_report(), headers=headers)
        again = await client.post(REPORTS, json=a_report(), headers=headers)
        other = await client.post(REPORTS, json=a_tip(), headers=headers)

        assert first.json() == again.json()
        assert (first.status_code, other.status_code) == (201, 422)

    @pytest.mark.parametrize(
        ("changed", "field"),
        [
            ({"seen": "看不见的\u200b字"}, "/seen"),
            ({"seen": "反\u202e向"}, "/seen"),
            ({"seen": "响铃\x07"}, "/seen"),
            ({"seen": " "}, "/seen"),
            ({"seen": "长" * 2001}, "/seen"),
            ({"practice": "dancing"}, "/practice"),
            ({"first_on": "2026-03-03"}, "/first_on"),
            ({"last_on": "2026-02-25"}, "/last_on"),
            ({"first_on": "2024-01-01", "last_on": "2026-01-01"}, "/last_on"),
            ({"evidence": [{"digest": "md5:00", "shows": "照片"}]}, "/evidence/0/digest"),
            ({"platform": "某搜题"}, "/platform"),
            ({"institution_id": None}, "/platform"),
            ({"institution_id": None, "platform": "某搜题"}, "/kind"),
            ({"institution_id": None, "platform": "某搜题", "mode": "offline"}, "/mode"),
            ({"contact": "13800000000"}, "/contact"),
            ({"surprise": 1}, "/surprise"),
        ],
    )
    async def test_that_cannot_be_read_is_refused_by_field(
        self, changed, field, client, education, db
    ):
        answer = await client.post(REPORTS, json=a_report(**changed), headers=education)

        assert answer.status_code == 422
        assert field in {it["pointer"].removeprefix("#") for it in answer.json()["errors"]}
        assert await db["practice_reports"].count_documents({}) == 0

    async def test_of_an_institution_the_register_has_not_told_of_waits(self, report):
        refused = await report(a_report(institution_id="other"), status=409)

        assert refused["type"].endswith("institution-unknown")

    async def test_is_judged_by_the_law_of_its_days(self, report, judged, client, education, db):
        await report(a_report(first_on="2021-07-20", last_on="2021-07-30"))
        await report(a_report(first_on="2021-05-01"))
        await report(a_report(practice="photo_search", mode="online", first_on="2021-07-23"))
        early = await report(a_report(first_on="2017-05-01"))

        await judged()
        assert {(it["rule"]["code"], it["window"]) async for it in db["alerts"].find()} == {
            ("schedule.homework_2021", "2021-05"),
            ("schedule.homework_2021", "2021-07"),
            ("schedule.homework", "2021-07"),
        }
        view = (await client.get(f"{REPORTS}/{early['report_id']}", headers=education)).json()
        assert view["findings"] == []
        assert "尚无现行规定" in view["note"]

    async def test_through_two_months_is_found_in_each(self, report, db, judged):
        await report(a_report(first_on="2026-01-30", last_on="2026-02-02"))
        await judged()

        windows = [it["window"] async for it in db["alerts"].find().sort("window", 1)]
        assert windows == ["2026-01", "2026-02"]


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


class TestCorrections:
    async def test_are_versions_and_judged_again(self, report, act, alerts):
        made = await report(a_report())
        await alerts()
        told = {"first_on": "2026-01-15", "seen": "作业清单写于一月", "version": 2}

        view = await act(made, "corrections", told)

        assert (view["version"], view["former"][0]["first_on"]) == (2, "2026-02-26")
        again = await act(made, "corrections", told)
        assert len(again["former"]) == 1
        await act(made, "corrections", {**told, "seen": "别的"}, status=409)
        await act(made, "corrections", {**told, "version": 3}, status=409)
        found = await alerts()
        assert found["homework"] == ("2026-01", "yellow", "raised")

    async def test_end_with_a_withdrawal(self, report, act, alerts):
        made = await report(a_report())
        await alerts()

        view = await act(made, "withdraw", {"reason": "看错了机构"})

        assert view["state"] == "withdrawn"
        assert await alerts() == {"homework": ("2026-02", "yellow", "superseded")}
        await act(made, "withdraw", {"reason": "看错了机构"})
        told = {"first_on": "2026-01-15", "seen": "再看", "version": 2}
        await act(made, "corrections", told, status=409)
        await act(made, "decision", {"outcome": "upheld", "reason": "仍是"}, status=409)


class TestWho:
    async def test_gave_a_tip_is_told_to_who_handles_it_only(
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

    async def test_is_not_in_charge_only_reads(self, report, act, culture, town, economy):
        made = await report(a_tip(), headers=town)
        decision = {"outcome": "upheld", "reason": "核实"}

        await act(made, "decision", decision, headers=culture, status=403)
        await act(made, "opinions", A_QUESTION, headers=economy, status=403)
        await act(made, "withdraw", {"reason": "误报"}, headers=culture, status=403)
        await act(made, "withdraw", {"reason": "误报"}, headers=town)

    async def test_is_in_charge_follows_the_register(
        self, report, act, culture, institutions, judged, client, education
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


async def test_what_waits_is_listed_page_by_page(report, client, education):
    waiting = [await report(a_tip(practice=it)) for it in ("contest", "ranking", "homework")]
    await report(a_report())

    query = {"waiting": True, "responsible": "education", "limit": 2}
    first = (await client.get(REPORTS, params=query, headers=education)).json()
    query["cursor"] = first["next_cursor"]
    second = (await client.get(REPORTS, params=query, headers=education)).json()

    listed = [it["report_id"] for it in (*first["reports"], *second["reports"])]
    assert listed == [it["report_id"] for it in reversed(waiting)]
    assert all(it["due_at"] for it in first["reports"])
    nothing = {"waiting": True, "overdue": True}
    assert (await client.get(REPORTS, params=nothing, headers=education)).json()["reports"] == []


async def test_every_step_stands_in_the_audit(report, heard, db):
    await heard(await report(a_report(practice="ahead_of_standard")), "supports")

    rows = await db["audit"].find({"about.kind": "practice-report"}).sort("_id", 1).to_list()
    actions = [row["action"].removeprefix("practice-report.") for row in rows]
    assert actions == ["reported", "opinion-asked", "opinion-given"]
    assert "沈一" not in str(rows)
