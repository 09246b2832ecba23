import json

import pytest

from shared.alerts.handling import Ending, dispose
from shared.alerts.judgement import judge_change
from shared.alerts.notices import outgoing
from shared.contracts.alerts import ALERT_CHANNELS, AlertNotice
from shared.messaging.topology import ALERTS
from tests.shared.alerts.builders import LATER, LEAD, NOW, RECKONING, a_finding, a_verdict, an_alert

SERVICES = ["registry", "schedule_monitor", "fund_monitor", "ads_watch"]


class TestAlertChannels:
    def test_are_one_for_each_service(self):
        assert list(ALERT_CHANNELS) == SERVICES

    @pytest.mark.parametrize("service", SERVICES)
    def test_lie_in_the_stream_of_alerts(self, service):
        channel = ALERT_CHANNELS[service]

        subject = channel.subject_for(department="pboc", level="red")
        assert subject == f"alerts.v1.pboc.red.{service}"
        assert channel.stream == ALERTS.name
        [pattern] = ALERTS.subjects
        assert len(subject.split(".")) == len(pattern.split("."))


class TestOutgoing:
    def test_keeps_the_order_of_each_department_of_an_alert(self):
        change = judge_change(None, a_verdict(a_finding()), now=NOW, new_id="alert-1")

        events = outgoing([change], ALERT_CHANNELS["fund_monitor"])

        assert [(event.key, event.version) for event in events] == [
            ("alert:alert-1:culture_tourism_sports", 1),
            ("alert:alert-1:pboc", 1),
            ("alert:alert-1:cbirc", 1),
            ("alert:alert-1:finance_office", 1),
        ]

    def test_can_be_read_back_by_the_contract(self):
        ending = Ending(outcome="upheld", reason="属实")
        change = dispose(an_alert(), ending, by=LEAD, now=LATER, reckoning=RECKONING)

        event = outgoing([change], ALERT_CHANNELS["fund_monitor"])[1]

        notice = AlertNotice.model_validate_json(event.data.model_dump_json(exclude_none=True))
        assert notice == event.data
        assert (notice.change, notice.state, notice.version) == ("disposed", "disposed", 2)
        assert (notice.department, notice.role) == ("pboc", "inform")

    def test_reads_notices_with_fields_of_a_newer_sender(self):
        change = judge_change(None, a_verdict(a_finding()), now=NOW, new_id="alert-1")
        event = outgoing([change], ALERT_CHANNELS["fund_monitor"])[0]

        newer = {**json.loads(event.data.model_dump_json()), "colour": "orange"}

        assert AlertNotice.model_validate(newer) == event.data
