"""The two clocks of a service: its business day may be set apart, the machine's never is."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


def machine_now() -> datetime:
    """Return the machine's time: for signatures, tokens, leases, ids and logs."""
    return datetime.now(UTC)


def milliseconds(moment: datetime) -> datetime:
    """Return a moment as precise as the store keeps it."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


@dataclass(frozen=True, slots=True)
class Clock:
    """The service clock: machine time plus the offset of ``--as-of``, for windows and deadlines."""

    offset: timedelta = timedelta(0)

    def now(self) -> datetime:
        return machine_now() + self.offset
