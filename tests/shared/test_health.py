"""Readiness: every round trip is made; an unanswered one is neither repeated nor cut short."""

import asyncio

from shared.health import RoundTrips


class Check:
    """A round trip that answers when it is told to, and counts how it was treated."""

    def __init__(self):
        self.answer = asyncio.Event()
        self.asked = 0
        self.cancelled = 0

    async def __call__(self):
        self.asked += 1
        try:
            await self.answer.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise


async def fails():
    raise ConnectionError("nobody there")


async def answers():
    return None


class TestLook:
    async def test_is_ready_when_every_round_trip_succeeds(self):
        health = await RoundTrips({"a": answers, "b": answers}).look()

        assert health.ready
        assert health.checks == {"a": "ok", "b": "ok"}

    async def test_says_which_round_trip_fails(self):
        health = await RoundTrips({"a": answers, "b": fails}).look()

        assert not health.ready
        assert health.checks == {"a": "ok", "b": "ConnectionError: nobody there"}

    async def test_asks_a_silent_one_once_and_lets_it_answer_late(self, monkeypatch):
        monkeypatch.setattr("shared.health._CHECK_SECONDS", 0.01)
        slow = Check()
        trips = RoundTrips({"slow": slow})

        silent = [await trips.look(), await trips.look()]
        slow.answer.set()
        late = await trips.look()
        again = await trips.look()

        assert [health.ready for health in silent] == [False, False]
        assert late.ready
        assert again.ready
        assert (slow.asked, slow.cancelled) == (2, 0)
