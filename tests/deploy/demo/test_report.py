"""Figures and tables at the end of the demo."""

import io

from rich.console import Console

from deploy.demo.figures import figures
from deploy.demo.report import show

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
ALERTS = {"pboc": {"yellow": 2, "red": 1}}


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


def shown(**case) -> str:
    console = Console(file=io.StringIO(), width=140)
    show(console, figures(SUMMARY, ALERTS, sent=20_000), **case)
    return console.file.getvalue()


class TestFigures:
    def test_count_as_duplicate_what_the_record_shows_nowhere(self):
        found = figures(SUMMARY, ALERTS, sent=20_000)

        assert found.events["duplicate"] == 20_000 - 18_539 - 150 - 60

    def test_are_written_with_the_names_of_the_contract(self):
        written = figures(SUMMARY, ALERTS, sent=20_000).as_json()

        assert list(written) == ["events", "alerts", "ledger"]
        assert set(written["events"]) == {*SUMMARY["events"], "duplicate"}


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

    def test_says_when_a_second_run_brought_nothing_new(self):
        assert "没有新事件" in shown(alerts=[], names={}, nothing_new=True)
