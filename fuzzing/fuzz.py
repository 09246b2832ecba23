"""The whole of it: tell each service's story, then break it, then let schemathesis at it."""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from threading import Event
from typing import Final

from deploy.local.stack import Stack
from fuzzing.broken import Breaker
from fuzzing.callers import Callers
from fuzzing.door import Door
from fuzzing.example import Known
from fuzzing.examples.table import EXAMPLES, SHARED, without_example
from fuzzing.generated import Generator, Operation, operations_of, schema_of
from fuzzing.record import Finding, Record
from fuzzing.seeds import plant
from fuzzing.story import Teller, Valid
from shared.messaging.permissions import SERVICES

SETTINGS: Final = {
    "MAIL_HOST": "mail.invalid",
    "MAIL_SENDER": "suite@mail.invalid",
    "REQUESTS_PER_SECOND_OF_SENDER": "10000",
    "REQUESTS_PER_SECOND_OF_SUBJECT": "10000",
}
"""What services are told besides: they offer mail, and do not slow us down."""

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How much is asked."""

    seed: int
    examples: int
    """Random cases of each operation and kind, in each round."""
    services: tuple[str, ...] = SERVICES
    shared_at: tuple[str, ...] = SERVICES
    """Where operations that all services have are fuzzed; they are used well everywhere."""
    edges: int | None = None
    """Cases at the edges of each operation, at most."""
    until: float | None = None
    """On the monotonic clock: rounds with further seeds follow until then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What was asked of every service and what was wrong."""

    records: dict[str, Record]
    operations: dict[str, tuple[str, ...]]

    @property
    def findings(self) -> list[Finding]:
        """Everything that should not be."""
        return [one for record in self.records.values() for one in record.findings.values()]

    @property
    def unreached(self) -> list[str]:
        """Operations that never answered that it went well, or have no example."""
        return [
            f"{service} {operation}"
            for service, record in self.records.items()
            for operation in self.operations[service]
            if not record.good(operation) or without_example(service, [operation])
        ]


# What of the register's story the others' stories are about, too.
_HEARD_OF = ("institution_id", "site")


async def fuzz(stack: Stack, plan: Plan, *, say: Say) -> Report:
    """Ask the four services of a stack everything, one after the other.

    In a thread of its own, because the stack is kept running meanwhile; in one only, because
    what generates requests is not made for several.
    """
    register = _Target.of(stack, "registry", {})
    # The others hear of its institutions over the bus.
    await asyncio.to_thread(register.register)
    targets = [register] + [
        _Target.of(stack, service, {name: register.known[name] for name in _HEARD_OF})
        for service in SERVICES
        if service != register.service
    ]
    for target in targets:
        await plant(stack, target.service, target.known)
    chosen = [target for target in targets if target.service in plan.services]
    ending = Event()
    try:
        await asyncio.to_thread(_run, chosen, plan, ending, say)
    finally:
        ending.set()
    return Report(
        records={target.service: target.door.record for target in chosen},
        operations={target.service: tuple(target.operations) for target in chosen},
    )


def _run(targets: Sequence["_Target"], plan: Plan, ending: Event, say: Say) -> None:
    """Tell, break and cover each service, then explore all of them until the time is over."""
    for target in targets:
        target.door.ending = ending
        target.begin(plan, say)
    for seed in _seeds(plan):
        for target in targets:
            target.explore(plan, seed)
            say(f"{target.service}：种子 {seed}，共 {target.door.record.sent:,} 个请求")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Target:
    """One service that is fuzzed, and what was told of it."""

    service: str
    door: Door
    callers: Callers
    known: Known
    operations: dict[str, Operation]
    chosen: dict[str, Valid] = field(default_factory=dict)

    @classmethod
    def of(cls, stack: Stack, service: str, known: Known) -> "_Target":
        url = stack.urls[service]
        return cls(
            service=service,
            door=Door(service, url, Record(service)),
            callers=Callers(stack.issuer, known),
            known=known,
            operations=operations_of(schema_of(url)),
        )

    def register(self) -> None:
        """Enter in the register the institutions that the stories are about."""
        examples = [one for one in EXAMPLES[self.service] if one.operation not in SHARED]
        Teller(door=self.door, callers=self.callers, known=self.known).tell(examples)

    def begin(self, plan: Plan, say: Say) -> None:
        """Tell the story of the service, break it, and go to the edges of each operation."""
        teller = Teller(door=self.door, callers=self.callers, known=self.known)
        told = teller.tell(EXAMPLES[self.service])
        say(f"{self.service}：{len(told)}/{len(self.operations)} 个操作已正常应答")
        for name, valid in told.items():
            if name in self.operations and (name not in SHARED or self.service in plan.shared_at):
                self.chosen[name] = valid
        self._break()
        say(f"{self.service}：已逐处破坏，共 {self.door.record.sent:,} 个请求")
        for name, valid in self.chosen.items():
            self._generator.cover(self.operations[name], valid, most=plan.edges)
        say(f"{self.service}：已测边界，共 {self.door.record.sent:,} 个请求")

    def explore(self, plan: Plan, seed: int) -> None:
        """Send random cases of each operation."""
        for name, valid in self.chosen.items():
            self._generator.explore(self.operations[name], valid, seed=seed, examples=plan.examples)

    @property
    def _generator(self) -> Generator:
        return Generator(door=self.door, callers=self.callers)

    def _break(self) -> None:
        breaker = Breaker(self.door, self.callers)
        for name, valid in self.chosen.items():
            breaker.break_operation(valid, self.operations[name].definition.raw)
        for valid in list(self.chosen.values())[-1:]:
            breaker.break_headers(valid)
        methods: dict[str, set[str]] = {}
        for name in self.operations:
            method, _, template = name.partition(" ")
            methods.setdefault(template, set()).add(method)
        breaker.break_paths(methods)


def _seeds(plan: Plan) -> Iterator[int]:
    """Return the plan's seed, and further ones while there is time."""
    seed = plan.seed
    yield seed
    while plan.until is not None and time.monotonic() < plan.until:
        seed += 1
        yield seed
