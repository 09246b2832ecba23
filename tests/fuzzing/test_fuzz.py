"""The four running services, asked everything for as long as there is time for in every run."""

import asyncio
import sys

import pytest
from rich.console import Console

from deploy.local.layout import Layout
from deploy.local.options import Options
from deploy.local.stack import local_stack
from fuzzing.__main__ import table
from fuzzing.fuzz import SETTINGS, Plan, Report, fuzz
from tests.deploy.demo.test_journey import free_port_base

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]

# Always the same requests. What all services have is used well in each, and broken in one.
PLAN = Plan(seed=20210724, examples=1, edges=15, shared_at=("ads_watch",))


@pytest.fixture(scope="module")
def report(tmp_path_factory) -> Report:
    layout = Layout(tmp_path_factory.mktemp("fuzz") / "stack")
    options = Options(port_base=free_port_base(), settings=SETTINGS)

    async def asked() -> Report:
        async with local_stack(options, say=print, layout=layout) as stack:
            return await fuzz(stack, PLAN, say=print)

    found = asyncio.run(asked())
    Console(file=sys.stdout, width=160).print(table(found))
    return found


class TestFuzz:
    def test_reaches_each_operation_with_2xx(self, report):
        assert report.unreached == []

    def test_finds_only_documented_answers_and_each_refusal_a_problem_document(self, report):
        assert [finding.text() for finding in report.findings] == []

    def test_asks_every_operation_of_every_service(self, report):
        assert set(report.records) == {"registry", "schedule_monitor", "fund_monitor", "ads_watch"}
        assert all(
            record.statuses[operation]
            for service, record in report.records.items()
            for operation in report.operations[service]
        )
