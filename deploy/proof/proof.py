"""The proof that nothing of a day was lost: every comparison, on a system that goes on working."""

from dataclasses import dataclass
from datetime import datetime

from deploy.proof.check import Check
from deploy.proof.day import CityDay
from deploy.proof.intake import check_intake
from deploy.proof.outboxes import check_outbox, check_streams
from deploy.proof.places import Places, moment_of
from deploy.proof.sequences import check_sequences
from deploy.proof.states import check_states
from shared.clock import machine_now


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What was compared for one day, and when it began."""

    day: CityDay
    began_at: datetime
    checks: tuple[Check, ...]

    @property
    def gaps(self) -> int:
        return sum(check.gaps.count for check in self.checks)

    @property
    def pending(self) -> int:
        return sum(check.pending.count for check in self.checks)

    @property
    def day_is_over(self) -> bool:
        """Whether the day can still grow."""
        return self.began_at >= self.day.end

    def as_json(self) -> dict[str, object]:
        """Return what scripts read."""
        return {
            "day": self.day.day.isoformat(),
            "from": self.day.start.isoformat(),
            "until": self.day.end.isoformat(),
            "began_at": self.began_at.isoformat(),
            "day_is_over": self.day_is_over,
            "gaps": self.gaps,
            "pending": self.pending,
            "checks": [check.as_json() for check in self.checks],
        }


async def prove(places: Places, day: CityDay) -> Proof:
    """Compare streams and stores of one day; what disagrees is counted and named."""
    began_at = machine_now()
    moment = await moment_of(day, places)
    checks = await check_intake(places, moment)
    checks += [await check_outbox(service, places, moment) for service in places.databases]
    checks += await check_streams(places, moment)
    checks += await check_states(places, moment)
    checks.append(check_sequences(moment))
    return Proof(day=day, began_at=began_at, checks=tuple(checks))
