"""A door that has more to do than it can: who is told so, how fast, and what goes on meanwhile."""

import asyncio
import time
from collections.abc import AsyncIterator

import httpx
import pytest

from shared.in_hand import InHand
from shared.senders import requests
from tests.support.fund import FundMonitor, money, opened
from tests.support.servers import NatsServer
from tests.support.waiting import until

pytestmark = [pytest.mark.integration, pytest.mark.timeout(60)]

MOST = 3


@pytest.fixture
def hand(fund: FundMonitor) -> InHand:
    """A small hand in place of the door's own."""
    small = InHand(most=MOST, most_bytes=10_000, said="请整批重发")
    fund.app.state.rooms.door.in_hand = small
    return small


def assert_busy(answer: httpx.Response) -> None:
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == "urn:haining:problem:busy"
    assert answer.json()["title"] == "请求过多，本次未接收，请稍后重发"


class TestMoreThanCanBeDone:
    async def test_is_refused_at_once_while_what_is_in_hand_is_stored_and_the_rest_goes_on(
        self, fund: FundMonitor, hand: InHand, bus: NatsServer
    ):
        await fund.accepted([opened()])
        await fund.settled()

        async def full() -> bool:
            return hand.count == MOST

        bus.pause()
        try:
            held = [
                asyncio.create_task(fund.send([money("deposit", f"d{number}")]))
                for number in range(MOST)
            ]
            await until(full)

            more = await asyncio.gather(
                *(fund.send([money("deposit", f"m{number}")]) for number in range(20))
            )
            alive = await fund.client.get("/health/live")
            read = await fund.read("/v1/banks/alpha/accounts/A1")
            still = [task.done() for task in held]
        finally:
            bus.resume()

        for answer in more:
            assert_busy(answer)
        assert (alive.status_code, read.status_code) == (200, 200)
        # Nobody is told that a thing is stored while the bus stands still.
        assert still == [False] * MOST
        assert [(await task).status_code for task in held] == [202] * MOST
        await fund.settled()
        assert await fund.balance("A1") == MOST * 1_000
        assert (await fund.summary())["events"]["accepted"] == MOST + 1

    async def test_is_taken_when_it_comes_again(self, fund: FundMonitor, hand: InHand):
        with hand.take(10_000):
            assert_busy(await fund.send([opened()], webhook_id="m1"))

        assert await fund.accepted([opened()], webhook_id="m1") == ["accepted"]
        assert (hand.count, hand.bytes) == (0, 0)

    async def test_is_counted_among_the_requests(self, fund: FundMonitor, hand: InHand):
        with hand.take(10_000):
            await fund.send([opened()])

        page = (await fund.client.get("/metrics")).text
        assert 'haining_fund_intake_seconds_count{outcome="busy"} 1.0' in page

    async def test_is_let_go_of_whatever_comes_of_it(self, fund: FundMonitor, hand: InHand):
        for body in (b"{", b'{"events": []}', b"x" * 9_000):
            assert (await fund.send(body)).status_code == 422
        await fund.client.post("/v1/banks/alpha/events", content=b"{}")

        assert (hand.count, hand.bytes) == (0, 0)


class TestABodyThatDoesNotCome:
    async def test_holds_nothing_of_what_others_are_worked_for_and_is_ended(
        self, fund: FundMonitor, hand: InHand, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr(requests, "BODY_SECONDS", 0.5)
        beginning = asyncio.Event()

        async def halves() -> AsyncIterator[bytes]:
            yield b'{"events": ['
            beginning.set()
            await asyncio.Event().wait()

        began = time.monotonic()
        slow = [
            asyncio.create_task(fund.client.post("/v1/banks/alpha/events", content=halves()))
            for _ in range(2 * MOST)
        ]
        await beginning.wait()

        assert (hand.count, fund.app.state.rooms.door.arriving.count) == (0, 2 * MOST)
        assert await fund.accepted([opened()]) == ["accepted"]
        answers = await asyncio.gather(*slow)
        assert [answer.status_code for answer in answers] == [408] * len(answers)
        assert answers[0].json()["type"] == "urn:haining:problem:body-too-slow"
        assert time.monotonic() - began >= 0.5
        assert fund.app.state.rooms.door.arriving.count == 0
