"""What fund_monitor's figures say of its work, on real servers."""

import pytest
from prometheus_client import CollectorRegistry

from shared.errors import Unavailable
from shared.telemetry.sight import Sight
from tests.support.fund import fund_monitor, money, opened

pytestmark = [pytest.mark.integration, pytest.mark.timeout(60)]


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture
async def fund(database, bus, access, token, registry):
    sight = Sight(registry=registry)
    async with fund_monitor(database, bus, access, token, sight=sight) as running:
        await running.add_bank("alpha")
        yield running


def count(registry, name: str, **labels) -> float:
    return registry.get_sample_value(f"haining_fund_{name}", labels) or 0


async def test_events_and_requests_are_counted_at_the_door_by_their_outcome(fund, registry):
    wrong = {**money("deposit", "d2"), "amount_fen": "much"}

    await fund.accepted([opened(), money("deposit", "d1"), money("deposit", "d1"), wrong])
    await fund.send(b"[]")

    outcomes = ("accepted", "duplicate", "refused")
    events = [count(registry, "intake_events_total", outcome=one) for one in outcomes]
    requests = [count(registry, "intake_seconds_count", outcome=one) for one in ("done", "refused")]
    assert events == [2, 1, 1]
    assert requests == [1, 1]


async def test_a_request_that_cannot_be_stored_is_told_from_one_that_is_refused(
    fund, registry, monkeypatch
):
    async def away(*_args, **_kwargs) -> None:
        raise Unavailable("away")

    # The refusal alone matters here; that a dead bus leads to it is tested at the door.
    monkeypatch.setattr("services.fund_monitor.api.banks.door.take_in", away)
    await fund.send([opened()])

    assert count(registry, "intake_seconds_count", outcome="unavailable") == 1


async def test_batches_events_and_judgings_are_counted_and_timed(fund, registry):
    await fund.accepted([opened(), money("deposit", "d1")])
    await fund.settled()

    judged = {"kind": "institution", "outcome": "done"}
    assert count(registry, "posting_events_total") == 2
    assert count(registry, "posting_seconds_count", outcome="done") == 1
    assert count(registry, "judging_seconds_count", **judged) == 1
    assert count(registry, "judging_seconds_sum", **judged) > 0


async def test_a_message_that_is_no_batch_is_counted_as_failed(fund, registry, monkeypatch):
    monkeypatch.setattr("shared.messaging.intake.CONTENT_FAILURES_ALLOWED", 1)
    await fund.bus.jetstream().publish("bank.intake.v1.0", b"no batch", stream="BANK_INTAKE")
    await fund.settled()

    assert count(registry, "posting_seconds_count", outcome="failed") == 1
    assert count(registry, "posting_events_total") == 0


async def test_the_page_shows_them_to_whoever_scrapes(fund):
    await fund.accepted([opened()])
    await fund.settled()

    answer = await fund.client.get("/metrics")

    assert answer.status_code == 200
    assert 'haining_fund_intake_events_total{outcome="accepted"} 1.0' in answer.text
    assert opened()["account_no"] not in answer.text.replace("haining", "")
