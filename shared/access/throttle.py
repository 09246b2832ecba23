"""How much one sender or one bearer may ask for, so that nobody takes the others' part.

Counted in memory, each process for itself: two processes behind one address let through twice as
much. That is enough against a runaway client, and costs no round trip.
"""

from dataclasses import dataclass

from limits import RateLimitItemPerSecond
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from shared.errors import TooManyRequests


@dataclass(frozen=True, slots=True)
class Rates:
    """Requests a second for one sender, and for one bearer of tokens."""

    per_sender: int = 200
    per_subject: int = 50


class Throttle:
    """Counts requests in a moving window of one second."""

    def __init__(self, rates: Rates) -> None:
        self._window = MovingWindowRateLimiter(MemoryStorage())
        self._per_sender = RateLimitItemPerSecond(rates.per_sender)
        self._per_subject = RateLimitItemPerSecond(rates.per_subject)

    def sender(self, code: str) -> None:
        """Count a request of a sender whose signature was good."""
        self._count(self._per_sender, "sender", code)

    def subject(self, subject: str) -> None:
        """Count a request of a bearer whose token was good."""
        self._count(self._per_subject, "subject", subject)

    def _count(self, most: RateLimitItemPerSecond, kind: str, name: str) -> None:
        if not self._window.hit(most, kind, name):
            raise TooManyRequests(f"每秒最多 {most.amount} 次请求")
