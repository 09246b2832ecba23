"""One message on its way to one department by one channel, and the port that carries it."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal, Protocol, TypeAlias

from shared.notify.jobs import Kind

ChannelName: TypeAlias = Literal["log", "mail", "webhook"]
DeliveryState: TypeAlias = Literal["waiting", "sent", "failed", "held"]
"""``held``: its channel is disabled or gone, so that it is sent only when somebody replays it."""

DELAYS: Final = (
    timedelta(0),
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""How long each attempt waits after the one before it; after the last one nobody tries again."""

_JITTER = 0.1
_random = secrets.SystemRandom()


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One delivery as its carrier sees it; a repeat carries the same id."""

    id: str
    department: str
    channel: ChannelName
    kind: Kind
    title: str
    text: str
    data: Mapping[str, str | int]
    made_at: datetime
    target: str = ""
    """Where it goes: an address of the web or of mail; a log has none."""
    sealed_secrets: Sequence[str] = ()
    attempts: int = 0
    lease: str = ""


class Undelivered(Exception):
    """An attempt failed; the message says why, in Chinese and without what was sent."""


class EndpointGone(Undelivered):
    """The receiver says that it wants no more, ever."""


class Carrier(Protocol):
    """Takes one message to where it goes; raises ``Undelivered`` when it does not arrive."""

    async def carry(self, job: Job) -> None: ...


def delay_after(attempts: int) -> timedelta | None:
    """Return how long to wait after so many attempts, give or take a tenth; then nothing."""
    if attempts >= len(DELAYS):
        return None
    return DELAYS[attempts] * _random.uniform(1 - _JITTER, 1 + _JITTER)
