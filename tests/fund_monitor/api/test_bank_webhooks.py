"""A bank is told its outcomes at its own address: signed, in order, again from a cursor."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx
import pytest

from services.fund_monitor.store.banks.told import OUTCOME_STREAM
from shared.notify.addresses import AddressRules
from shared.notify.model import DELAYS
from tests.support.fund import FundMonitor, money, opened
from tests.support.receiver import LOOPBACK, Receiver, receiver
from tests.support.telling import due, tell_once, telling, webhooks_of
from tests.support.waiting import until

pytestmark = [pytest.mark.integration, pytest.mark.timeout(90)]

ALPHA = {"role": "bank", "bank": "alpha"}
URL = "/v1/banks/alpha/webhook"


@pytest.fixture
async def hook() -> AsyncIterator[Receiver]:
    async with receiver() as taking:
        yield taking


@pytest.fixture
def open_fund(fund: FundMonitor) -> FundMonitor:
    """The service, allowed to reach receivers on loopback."""
    fund.app.state.rooms = replace(fund.app.state.rooms, webhook_addresses=LOOPBACK)
    return fund


async def put(fund: FundMonitor, url: str, **more: Any) -> httpx.Response:
    return await fund.client.put(URL, json={"url": url, **more}, headers=fund.bearer(**ALPHA))


async def standing(fund: FundMonitor) -> dict[str, Any]:
    return dict((await fund.read(URL, **ALPHA)).json())


async def all_told(fund: FundMonitor) -> None:
    async def told() -> bool:
        now = await standing(fund)
        return now["behind"] == 0 and now["delivered_at"] is not None

    await until(told)


async def read_all(fund: FundMonitor) -> list[dict[str, Any]]:
    page = (await fund.read("/v1/banks/alpha/outcomes?limit=1000", **ALPHA)).json()
    return list(page["outcomes"])


def given(outcome: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in outcome.items() if value not in (None, [])}


async def send(fund: FundMonitor, *numbers: int) -> None:
    await fund.accepted([money("deposit", f"d{number}") for number in numbers])


async def has_outcomes(fund: FundMonitor, expected: int) -> None:
    async def there() -> bool:
        return len(await read_all(fund)) >= expected

    await until(there)


class TestOutcomes:
    async def test_are_told_as_they_are_read_by_two_workers_each_once(self, open_fund, hook):
        secret = (await put(open_fund, hook.url())).json()["secret"]
        async with telling(open_fund, workers=2):
            await open_fund.accepted([opened()])
            for start in range(0, 400, 100):
                await send(open_fund, *range(start, start + 100))
            await has_outcomes(open_fund, 401)
            await all_told(open_fund)

        bodies = hook.read(secret)
        told = [outcome for body in bodies for outcome in body["data"]["outcomes"]]
        assert told == [given(one) for one in await read_all(open_fund)]
        assert len(hook.ids()) == len(set(hook.ids()))
        assert {body["type"] for body in bodies} == {"cn.haining.fund_monitor.bank-outcomes.v1"}

    async def test_come_from_now_on_or_from_a_cursor(self, open_fund, hook):
        await open_fund.accepted([opened()])
        await has_outcomes(open_fund, 1)
        assert (await put(open_fund, hook.url())).json()["behind"] == 0
        page = (await open_fund.read("/v1/banks/alpha/outcomes?limit=1", **ALPHA)).json()
        await send(open_fund, 1)
        await has_outcomes(open_fund, 2)
        await open_fund.client.delete(URL, headers=open_fund.bearer(**ALPHA))

        answer = await put(open_fund, hook.url(), after=page["next_cursor"])

        assert answer.json()["behind"] == 1


class TestAFailure:
    async def test_is_tried_again_with_the_same_page_and_nothing_is_skipped(self, open_fund, hook):
        hook.answers["hook"] = [500]
        secret = (await put(open_fund, hook.url())).json()["secret"]
        await open_fund.accepted([opened()])
        await has_outcomes(open_fund, 1)

        await tell_once(open_fund)
        failed = await standing(open_fund)
        await send(open_fund, 1)
        await has_outcomes(open_fund, 2)
        await due(open_fund)
        await tell_once(open_fund)
        await tell_once(open_fund)

        assert (failed["attempts"], failed["behind"]) == (1, 1)
        assert "500" in failed["last_failure"]
        first, again, rest = hook.read(secret)
        assert first == again
        assert hook.ids()[0] == hook.ids()[1] != hook.ids()[2]
        assert [o["serial_no"] for o in rest["data"]["outcomes"]] == ["d1"]

    async def test_that_goes_on_disables_the_address_until_it_is_set_again(self, open_fund, hook):
        hook.answers["hook"] = [503] * len(DELAYS)
        await put(open_fund, hook.url())
        await open_fund.accepted([opened()])
        await has_outcomes(open_fund, 1)
        for _ in DELAYS:
            await due(open_fund)
            await tell_once(open_fund)

        stopped = await standing(open_fund)
        await due(open_fund)
        assert await webhooks_of(open_fund).lease(OUTCOME_STREAM) is None
        assert stopped["disabled_because"]
        told = open_fund.db["notifications"].find({"kind": "delivery_failed"})
        departments = {row["department"] for row in await told.to_list()}
        assert departments == {"data_bureau", "finance_office"}

        assert (await put(open_fund, hook.url())).json()["behind"] == 1
        await tell_once(open_fund)
        assert (await standing(open_fund))["behind"] == 0

    async def test_410_ends_it_at_once(self, open_fund, hook):
        hook.answers["hook"] = [410]
        await put(open_fund, hook.url())
        await open_fund.accepted([opened()])
        await has_outcomes(open_fund, 1)

        await tell_once(open_fund)

        assert "410" in (await standing(open_fund))["disabled_because"]


class TestReplay:
    async def test_tells_everything_after_a_cursor_again_under_the_same_ids(self, open_fund, hook):
        secret = (await put(open_fund, hook.url())).json()["secret"]
        await open_fund.accepted([opened()])
        await has_outcomes(open_fund, 1)
        await tell_once(open_fund)

        answer = await open_fund.client.post(
            f"{URL}/replay", json={}, headers=open_fund.bearer(**ALPHA)
        )
        await tell_once(open_fund)

        assert answer.json()["behind"] == 1
        first, again = hook.read(secret)
        assert first == again
        assert len(set(hook.ids())) == 1


async def test_a_cursor_that_nobody_was_given_skips_nothing(open_fund, hook):
    await open_fund.accepted([opened()])
    await has_outcomes(open_fund, 1)
    beyond = {"after": "9999-12-31"}

    answer = await put(open_fund, hook.url(), **beyond)
    again = await open_fund.client.post(
        f"{URL}/replay", json=beyond, headers=open_fund.bearer(**ALPHA)
    )

    assert (answer.json()["behind"], again.status_code, again.json()["behind"]) == (0, 200, 0)


class TestAnAddress:
    @pytest.mark.parametrize(
        "url", ["http://bank.example/x", "https://127.0.0.1/x", "https://10.0.0.1/x", "ftp://x/"]
    )
    async def test_inside_or_in_plain_text_is_refused(self, fund, url):
        assert (await put(fund, url)).status_code == 422

    async def test_that_leads_inside_by_its_name_is_not_reached(self, open_fund, hook):
        await put(open_fund, hook.url(host="localhost"))
        await open_fund.accepted([opened()])
        await has_outcomes(open_fund, 1)

        await tell_once(open_fund, rules=AddressRules(plain_http=True))

        assert hook.posts == []
        assert "内部" in (await standing(open_fund))["last_failure"]

    async def test_is_the_banks_own(self, open_fund, hook):
        await put(open_fund, hook.url())
        others = open_fund.bearer(role="bank", bank="beta")

        assert (await open_fund.client.get(URL, headers=others)).status_code == 403
        shown = await standing(open_fund)
        assert "secret" not in str(shown)
        entry = await open_fund.db["audit"].find_one({"action": "bank.webhook_set"})
        assert entry["who"]["office"] == "alpha"

    async def test_of_a_bank_without_one_is_not_found(self, fund):
        assert (await fund.read(URL, **ALPHA)).status_code == 404
