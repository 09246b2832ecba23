"""Threads for what takes the processor: judging, searching slots, putting long answers together."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Final, TypeVar, TypeVarTuple, Unpack

_THREADS: Final = 2
_T = TypeVar("_T")
_Args = TypeVarTuple("_Args")


class Computing:
    """A few threads beside the event loop, which answers whatever is small meanwhile.

    Who comes while all threads are taken waits for a turn. There are as few as that because they
    share one interpreter: more of them would make everybody late, and hold as many answers at once.
    """

    def __init__(self, threads: int = _THREADS) -> None:
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="computing")

    async def run(self, work: Callable[[Unpack[_Args]], _T], *args: *_Args) -> _T:
        """Return what a function comes to that touches neither the store nor the loop."""
        context = copy_context()
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, lambda: context.run(work, *args))
