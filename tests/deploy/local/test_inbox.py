from io import StringIO

import pytest
from rich.console import Console

from deploy.local.inbox import table
from shared.alerts.views import view_of
from tests.shared.alerts.builders import RECKONING, an_alert, ended, in_city, ordered, passed


def shown(alert):
    view = view_of(alert, service="fund_monitor", reckoning=RECKONING, in_list=True)
    console = Console(file=StringIO(), width=400)
    console.print(table([view.model_dump(mode="json")], department="pboc"))
    return console.file.getvalue()


class TestTable:
    @pytest.mark.parametrize(
        ("alert", "words"),
        [
            pytest.param(
                an_alert(),
                ("待签收", "签收 2026-04-04 00:00", "处置 2026-04-30 00:00"),
                id="raised",
            ),
            pytest.param(
                ordered(an_alert()).after, ("整改中", "复查 2026-04-16 00:00"), id="rectifying"
            ),
            pytest.param(
                passed(an_alert(), in_city(2026, 4, 4)).after,
                ("逾期未签收 2026-04-04 00:00", "已上报（第1级）"),
                id="late",
            ),
            pytest.param(
                an_alert(now=in_city(2026, 12, 30, 9)),
                ("签收 2027-01-05 00:00（日历未公布，暂估）",),
                id="by an estimated calendar",
            ),
        ],
    )
    def test_shows_the_state_and_the_clocks_in_city_time(self, alert, words):
        text = shown(alert)

        assert [word for word in words if word not in text] == []

    def test_shows_no_clock_of_what_has_ended(self):
        text = shown(ended(an_alert()))

        assert "已处置" in text
        assert "2026-04-30" not in text
