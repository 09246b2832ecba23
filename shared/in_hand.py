"""How much a process has in hand at once: more is refused at once, where it would only wait.

Whoever is refused here is told in milliseconds that nothing was kept and when to come again; those
who are let in are answered in good time, and every other route goes on.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import ClassVar, Final

from shared.errors import Unavailable

_MIB: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one process takes at once: signed requests, the bytes of their bodies, and uploads.

    A request of one event takes about a millisecond of work, one of 500 events some 50: what is in
    hand by these is answered within three seconds.
    """

    requests: int = 512
    request_bytes: int = 8 * _MIB
    uploads: int = 4


class Busy(Unavailable):
    """As much is in hand as this process can do in good time."""

    code: ClassVar[str] = "busy"
    title: ClassVar[str] = "请求过多，本次未接收，请稍后重发"

    def __init__(self, said: str, *, retry_after_seconds: int = 2) -> None:
        super().__init__(said)
        self.retry_after_seconds = retry_after_seconds


class InHand:
    """Counts what is in hand, and says no to what is more; nobody waits in it.

    ``said`` is what whoever is refused reads.
    """

    def __init__(
        self, *, most: int, said: str, most_bytes: int | None = None, retry_after_seconds: int = 2
    ) -> None:
        self._most = most
        self._most_bytes = most_bytes
        self._said = said
        self._retry_after_seconds = retry_after_seconds
        self.count = 0
        self.bytes = 0

    @contextmanager
    def take(self, size: int = 0) -> Iterator["Held"]:
        """Have one thing of so many bytes in hand until the block ends, or raise ``Busy``."""
        if self.count >= self._most:
            raise self._busy()
        held = Held(self)
        self.count += 1
        try:
            held.grow(size)
            yield held
        finally:
            self.count -= 1
            self.bytes -= held.size

    def grown(self, size: int) -> None:
        """Count more bytes. What is alone in hand may always grow: else it would never be taken."""
        full = self._most_bytes is not None and self.bytes + size > self._most_bytes
        if full and self.count > 1:
            raise self._busy()
        self.bytes += size

    def _busy(self) -> Busy:
        return Busy(self._said, retry_after_seconds=self._retry_after_seconds)


class Held:
    """One thing in hand; it may grow while it arrives."""

    def __init__(self, hand: InHand) -> None:
        self._hand = hand
        self.size = 0

    def grow(self, size: int) -> None:
        """Count so many bytes more, or raise ``Busy``."""
        self._hand.grown(size)
        self.size += size
