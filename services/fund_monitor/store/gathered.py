"""Look-ups that many requests make at once, made together: one round trip for all who wait."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Final, Generic, TypeVar

V = TypeVar("V")
MOST_KEYS: Final = 2_000


class Gathered(Generic[V]):
    """Asks for keys one look-up at a time, each for everybody who came before it began.

    Nobody gets an answer that is older than their question: nothing is kept. However many ask, one
    connection is used.
    """

    def __init__(self, look_up: Callable[[Sequence[str]], Awaitable[Mapping[str, V]]]) -> None:
        self._look_up = look_up
        self._waiting: list[tuple[Sequence[str], asyncio.Future[Mapping[str, V]]]] = []
        self._working: asyncio.Task[None] | None = None

    async def ask(self, keys: Iterable[str]) -> dict[str, V]:
        """Return what is known of some keys; raises what the look-up raises."""
        wanted = list(keys)
        if not wanted:
            return {}
        answer: asyncio.Future[Mapping[str, V]] = asyncio.get_running_loop().create_future()
        self._waiting.append((wanted, answer))
        if self._working is None or self._working.done():
            self._working = asyncio.create_task(self._work())
        found = await answer
        return {key: found[key] for key in wanted if key in found}

    async def _work(self) -> None:
        while self._waiting:
            some = self._taken()
            answers = [answer for _, answer in some]
            keys = list(dict.fromkeys(key for wanted, _ in some for key in wanted))
            try:
                found = await self._look_up(keys)
            except BaseException as error:
                for answer in answers:
                    if not answer.done():
                        answer.set_exception(_told(error))
                if not isinstance(error, Exception):
                    raise
                continue
            for answer in answers:
                # Whoever has gone meanwhile asks no more.
                if not answer.done():
                    answer.set_result(found)

    def _taken(self) -> list[tuple[Sequence[str], asyncio.Future[Mapping[str, V]]]]:
        """Take those who wait longest, as many as one look-up may hold; at least one."""
        keys, some = 0, 0
        for wanted, _ in self._waiting:
            if some and keys + len(wanted) > MOST_KEYS:
                break
            keys, some = keys + len(wanted), some + 1
        taken, self._waiting = self._waiting[:some], self._waiting[some:]
        return taken


def _told(error: BaseException) -> BaseException:
    """Return what those who wait are told: a look-up that was cancelled has not cancelled them."""
    return error if isinstance(error, Exception) else TimeoutError("the look-up was ended")
