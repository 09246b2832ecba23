"""Differences that nobody has explained in time are told to their banks when they are late."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Final

from services.fund_monitor.store.statements.differences import DifferenceStore

_PAUSE_SECONDS: Final = 5.0


class OverdueTeller:
    """Looks at the clocks of differences; several may run beside each other."""

    def __init__(self, differences: DifferenceStore, *, now: Callable[[], datetime]) -> None:
        self._differences = differences
        self._now = now

    async def run(self) -> None:
        """Look for as long as the service runs."""
        while True:
            while await self._differences.tell_overdue(now=self._now()):
                pass
            await asyncio.sleep(_PAUSE_SECONDS)
