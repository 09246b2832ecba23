"""Whoever guesses at a sender's signature is kept out for a while, and nobody else is.

Counted by sender and source address, in memory, each process for itself. The true sender, who
comes from elsewhere, is not touched by what others try in its name.
"""

import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ClassVar, Final

from shared.errors import TooManyRequests

MOST_BAD: Final = 20
WITHIN_SECONDS: Final = 300.0
LOCKED_SECONDS: Final = 900.0
_MOST_REMEMBERED = 10_000
_LONGEST_NAME = 64


class LockedOut(TooManyRequests):
    """Too many bad signatures came from this address for this sender."""

    code: ClassVar[str] = "sender-locked-out"
    title: ClassVar[str] = "签名多次无效，暂不接受此来源"

    def __init__(self, seconds: int) -> None:
        super().__init__(f"此来源多次以无效签名报送，请在 {seconds} 秒后核对密钥再试")
        self.retry_after_seconds = seconds


@dataclass(slots=True)
class _Record:
    bad: deque[float] = field(default_factory=lambda: deque(maxlen=MOST_BAD))
    locked_until: float = 0.0


class Lockout:
    """Bad signatures by sender and address; the oldest are forgotten when there are too many."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._records: OrderedDict[tuple[str, str], _Record] = OrderedDict()

    def refuse(self, code: str, address: str) -> None:
        """Refuse an address that is locked out for this sender."""
        record = self._records.get(_name(code, address))
        left = 0.0 if record is None else record.locked_until - self._now()
        if left > 0:
            raise LockedOut(int(left) + 1)

    def count(self, code: str, address: str) -> None:
        """Count a bad signature; the twentieth within five minutes locks out for fifteen."""
        name, now = _name(code, address), self._now()
        record = self._records.setdefault(name, _Record())
        self._records.move_to_end(name)
        record.bad.append(now)
        if len(record.bad) == MOST_BAD and now - record.bad[0] <= WITHIN_SECONDS:
            record.locked_until = now + LOCKED_SECONDS
            record.bad.clear()
        while len(self._records) > _MOST_REMEMBERED:
            self._records.popitem(last=False)


def _name(code: str, address: str) -> tuple[str, str]:
    return code[:_LONGEST_NAME], address[:_LONGEST_NAME]
