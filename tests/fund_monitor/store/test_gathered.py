"""Look-ups made together: who asks, what of it reaches the store, and what comes back to whom."""

import asyncio

import pytest

from services.fund_monitor.store import gathered
from services.fund_monitor.store.gathered import Gathered


class Known:
    """A look-up that is held until it may go on, and tells what it was asked."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []
        self.go_on = asyncio.Event()
        self.error: Exception | None = None

    async def look_up(self, keys):
        self.asked.append(list(keys))
        await self.go_on.wait()
        if self.error is not None:
            raise self.error
        return {key: key.upper() for key in keys if key != "unknown"}


@pytest.fixture
async def known():
    return Known()


async def asking(gathered, *keys):
    task = asyncio.create_task(gathered.ask(keys))
    await asyncio.sleep(0)
    return task


async def test_whoever_comes_while_a_look_up_runs_is_served_by_the_next(known):
    together = Gathered(known.look_up)
    first = await asking(together, "a")
    await asyncio.sleep(0)
    others = [await asking(together, name, "b", "unknown") for name in ("c", "d")]

    known.go_on.set()

    assert await first == {"a": "A"}
    assert [await other for other in others] == [{"c": "C", "b": "B"}, {"d": "D", "b": "B"}]
    assert known.asked == [["a"], ["c", "b", "unknown", "d"]]


async def test_nothing_is_kept_for_the_next_question(known):
    together = Gathered(known.look_up)
    known.go_on.set()

    await together.ask(["a"])
    await together.ask(["a"])

    assert known.asked == [["a"], ["a"]]


async def test_an_error_reaches_all_who_waited_and_nobody_after_them(known):
    together = Gathered(known.look_up)
    known.error = ConnectionError("away")
    first = await asking(together, "a")
    known.go_on.set()
    with pytest.raises(ConnectionError):
        await first

    known.error = None
    assert await together.ask(["a"]) == {"a": "A"}


async def test_one_who_gives_up_takes_nobody_along(known):
    together = Gathered(known.look_up)
    gone, stays = await asking(together, "a"), await asking(together, "b")

    gone.cancel()
    known.go_on.set()

    assert await stays == {"b": "B"}
    with pytest.raises(asyncio.CancelledError):
        await gone


async def test_one_look_up_is_bounded(known, monkeypatch):
    monkeypatch.setattr(gathered, "MOST_KEYS", 3)
    together = Gathered(known.look_up)
    known.go_on.set()

    await asyncio.gather(*(together.ask([f"{name}1", f"{name}2"]) for name in "abc"))
    await together.ask([f"key{number}" for number in range(5)])

    assert [len(keys) for keys in known.asked] == [2, 2, 2, 5]
