"""Figures and tables at the end of the demo."""

import io

from rich.console import Console

from deploy.demo.showing.city_figures import Sent, city_figures
from deploy.demo.showing.figures import figures
from deploy.demo.showing.record import Record
from deploy.demo.showing.report import show

SUMMARY = {
    "events": {
        "accepted": 18_539,
        "posted": 18_365,
        "parked": 144,
        "set_aside": 30,
        "refused": 150,
        "conflict": 60,
    },
    "ledger": {"accounts": 73, "entries": 36_000, "balanced": True},
    "settled": True,
    "waiting": {"intake": 0, "judging": 0, "outbox": 0},
}
HELD = {
    "held": 15,
    "lawful": 12,
    "unlawful": 2,
    "calendar_incomplete": 1,
    "held_unlawful": 3,
    "held_unfiled": 4,
    "held_cancelled": 5,
    "held_moved": 6,
    "held_overran": 7,
    "unapproved_site": 8,
    "refused": 2,
}
ALERTS = {"pboc": {"yellow": 2, "red": 1}}
SENT = Sent(events=20_000, sessions=20, sightings=5, refused_sightings=1)


def an_alert(*, name="海宁市某某学校", level="red", window="2026-05"):
    return {
        "about": {"kind": "institution", "id": "1", "name": name},
        "rule": "fund-coverage",
        "title": "托管余额不足",
        "message": "余额低于未消课金额的九成",
        "article": "某办法第三条",
        "origin": "P",
        "level": level,
        "window": window,
        "state": "raised",
    }


def a_class_alert(*, sessions=2, title="休息日举办学科类培训"):
    return an_alert() | {
        "rule": "schedule.rest_day",
        "title": title,
        "findings": [{"figures": {"sessions": sessions, "online": 1}}],
    }


def a_sighting(*labels, placement="lawful", no_advertisement=None):
    content = {"labels": [{"label": each} for each in labels], "no_advertisement": no_advertisement}
    return {
        "unlawful": bool(labels) or placement == "banned",
        "checked": {"content": content, "placement": {"verdict": placement}},
    }


def a_lead(*steps, department="publicity", state="sent"):
    given = [{"kind": kind, "outcome": outcome} for kind, outcome in steps]
    kind = "ads.placement_media"
    return {"kind": kind, "department": department, "state": state, "steps": given}


def counted(**others) -> dict[str, object]:
    services = ("registry", "schedule_monitor", "fund_monitor", "ads_watch")
    return {**{service: {} for service in services}, "fund_monitor": ALERTS, **others}


def a_record(**parts) -> Record:
    empty = {"registry": [], "schedule_monitor": [], "fund_monitor": [], "ads_watch": []}
    verdicts = {"lawful": 40, "unlawful": 3, "calendar_incomplete": 1}
    defaults = {
        "funds": SUMMARY,
        "timetables": {
            "timetables": 2,
            "sessions": verdicts,
            "held": HELD,
            "settled": True,
            "waiting": {},
        },
        "sightings": [],
        "leads": [],
        "alerts": empty | {"schedule_monitor": [a_class_alert(), a_class_alert(sessions=1)]},
        "alert_counts": counted(),
    }
    return Record(**defaults | parts)


def shown(record: Record | None = None, **case) -> str:
    console = Console(file=io.StringIO(), width=140)
    show(console, city_figures(record or a_record(), SENT), **case)
    return console.file.getvalue()


class TestFigures:
    def test_count_as_duplicate_what_the_record_shows_nowhere(self):
        found = figures(SUMMARY, ALERTS, sent=20_000)

        assert found.events["duplicate"] == 20_000 - 18_539 - 150 - 60


class TestCityFigures:
    def test_are_written_with_the_names_of_the_contract(self):
        written = city_figures(a_record(), SENT).as_json()

        assert list(written) == [
            "events", "alerts", "ledger",
            "sessions", "held", "sightings", "leads", "alerts_by_service",
        ]  # fmt: skip
        assert set(written["events"]) == {*SUMMARY["events"], "duplicate"}

    def test_leave_the_alerts_of_the_money_as_they_were(self):
        counts = {"education": {"yellow": 4, "red": 0}}
        record = a_record(alert_counts=counted(schedule_monitor=counts))

        written = city_figures(record, SENT).as_json()

        assert written["alerts"] == ALERTS
        assert written["alerts_by_service"]["schedule_monitor"] == counts

    def test_count_classes_by_verdict_and_by_rule(self):
        sessions = city_figures(a_record(), SENT).sessions

        assert (sessions["filed"], sessions["breaching"]) == (44, 3)
        assert sessions["by_rule"] == {"schedule.rest_day": 3}

    def test_count_held_sessions_beside_what_was_told_again_and_refused(self):
        held = city_figures(a_record(), SENT).held

        assert (held["sent"], held["held"], held["told_again"], held["refused"]) == (20, 15, 3, 2)
        assert (held["held_moved"], held["unapproved_site"]) == (6, 8)

    def test_count_findings_of_planned_and_of_held_classes_apart(self):
        both = a_class_alert() | {
            "findings": [{"figures": {"sessions": 2}}, {"figures": {"held": 3}}]
        }
        moved = a_class_alert() | {
            "rule": "schedule.held_moved",
            "findings": [{"figures": {"held": 4}}],
        }
        record = a_record(alerts=a_record().alerts | {"schedule_monitor": [both, moved]})

        found = city_figures(record, SENT)

        assert found.sessions["by_rule"] == {"schedule.rest_day": 2}
        assert found.held["by_rule"] == {"schedule.held_moved": 4, "schedule.rest_day": 3}

    def test_count_as_duplicate_what_was_neither_kept_nor_refused(self):
        kept = [
            a_sighting("subject_training_ad", "guarantee", placement="banned"),
            a_sighting(no_advertisement="公文"),
        ]

        sightings = city_figures(a_record(sightings=kept), SENT).sightings

        assert (sightings["recorded"], sightings["refused"], sightings["duplicate"]) == (2, 1, 2)
        assert sightings["unlawful"] == 1
        assert sightings["by_content"]["guarantee_and_subject_training_ad"] == 1
        assert sightings["by_content"]["no_advertisement"] == 1
        assert sightings["by_placement"] == {"lawful": 1, "banned": 1, "unknown": 0}

    def test_count_leads_with_the_department_that_has_them_now(self):
        returned = a_lead(("returned", None), department="market_regulation")
        ended = a_lead(("accepted", None), ("feedback", "corrected"), state="answered")

        leads = city_figures(a_record(leads=[returned, ended, a_lead()]), SENT).leads

        assert (leads["sent"], leads["returned"]) == (3, 1)
        assert leads["by_department"]["publicity"] == {"sent": 1, "accepted": 0, "answered": 1}
        assert leads["by_department"]["market_regulation"]["sent"] == 1
        assert leads["by_outcome"]["corrected"] == 1


class TestShow:
    def test_tells_outcomes_departments_reasons_and_articles_in_chinese(self):
        text = shown(alerts=[an_alert()], names={"pboc": "市人民银行"}, nothing_new=False)

        for words in ("已入账", "18,365", "市人民银行", "托管余额不足", "某办法第三条", "分毫不差"):
            assert words in text
        assert "非法律规定" in text
        assert "nothing new" not in text

    def test_puts_the_worst_first(self):
        mild = an_alert(name="轻", level="yellow")
        grave = an_alert(name="重")

        text = shown(alerts=[mild, grave], names={}, nothing_new=False)

        assert text.index("重") < text.index("轻")

    def test_tells_whose_an_account_is_and_leaves_banks_out(self):
        account = an_alert() | {"about": {"kind": "account", "id": "b/1", "name": "b 1"}}
        bank = an_alert() | {"about": {"kind": "bank", "id": "b", "name": "某银行"}}

        text = shown(alerts=[account, bank], names={"b/1": "户主"}, nothing_new=False)

        assert "户主" in text
        assert "某银行" not in text

    def test_names_what_was_found_in_classes_and_advertisements(self):
        record = a_record(
            sightings=[a_sighting("guarantee")],
            leads=[a_lead(("accepted", None), state="accepted")],
        )

        text = shown(
            record,
            alerts=[a_class_alert()],
            names={"publicity": "市委宣传部"},
            nothing_new=False,
        )

        for words in ("休息日举办学科类培训 schedule.rest_day", "承诺效果", "市委宣传部", "办理中"):
            assert words in text

    def test_tells_what_was_held_beside_what_was_filed(self):
        text = shown(alerts=[], names={}, nothing_new=False)

        for words in ("实际上课结果", "未备案 held_unfiled", "拖堂 held_overran", "无许可地点"):
            assert words in text

    def test_counts_alerts_service_by_service_and_together(self):
        counts = {"pboc": {"yellow": 40, "red": 0}}
        record = a_record(alert_counts=counted(ads_watch=counts))

        text = shown(record, alerts=[], names={}, nothing_new=False)

        [row] = [line for line in text.splitlines() if "pboc" in line]
        cells = [each.strip() for each in row.split("│")]
        assert cells[2:7] == ["–", "–", "1 / 2", "0 / 40", "1 / 42"]

    def test_shows_the_gravest_reasons_of_the_worst_and_how_many_more_there_are(self):
        alerts = [an_alert(level="yellow") | {"rule": f"r{n}", "title": f"轻{n}"} for n in range(5)]
        grave = an_alert() | {"rule": "grave", "title": "最重"}

        text = shown(alerts=[*alerts, grave], names={}, nothing_new=False)

        assert "最重" in text
        assert "另有 2 项" in text

    def test_says_when_a_second_run_brought_nothing_new(self):
        assert "没有新事件" in shown(alerts=[], names={}, nothing_new=True)
