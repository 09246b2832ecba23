"""How much one sender or one bearer may ask for, so that nobody takes the others' part.

Counted in memory, each process for itself: two processes behind one address let through twice as
much. That is enough against a runaway client, and costs no round trip.
"""

import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from shared.errors import TooManyRequests

_WINDOW_SECONDS: Final = 1.0
# Whoever asked longest ago is forgotten first: nobody of these asked within the last second.
_MOST_REMEMBERED: Final = 10_000


@dataclass(frozen=True, slots=True)
class Rates:
    """Requests a second for one sender, and for one bearer of tokens."""

    per_sender: int = 200
    per_subject: int = 50


class Throttle:
    """Counts requests in a moving window of one second."""

    def __init__(self, rates: Rates, now: Callable[[], float] = time.monotonic) -> None:
        self._rates = rates
        self._now = now
        self._let_in: OrderedDict[tuple[str, str], deque[float]] = OrderedDict()

    def sender(self, code: str) -> None:
        """Count a request of a sender whose signature was good."""
        self._count(self._rates.per_sender, ("sender", code))

    def subject(self, subject: str) -> None:
        """Count a request of a bearer whose token was good."""
        self._count(self._rates.per_subject, ("subject", subject))

    def _count(self, most: int, who: tuple[str, str]) -> None:
        now = self._now()
        moments = self._let_in.setdefault(who, deque(maxlen=most))
        if len(moments) == most and now - moments[0] < _WINDOW_SECONDS:
            raise TooManyRequests(f"每秒最多 {most} 次请求")
        moments.append(now)
        self._let_in.move_to_end(who)
        while len(self._let_in) > _MOST_REMEMBERED:
            self._let_in.popitem(last=False)
