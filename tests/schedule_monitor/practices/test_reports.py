"""Reports of practice over HTTP: entered, corrected, listed; what becomes of the alert."""

import asyncio

import pytest

from tests.schedule_monitor.practices.reports import REPORTS, a_report, a_tip

pytestmark = pytest.mark.integration


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
        assert sorted(it.status_code for it in answers) == [200, 200, 200, 200, 201]
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
