"""Every example by service: what all services have first, then its own, in the order of telling."""

from collections.abc import Iterable
from typing import Final

from fuzzing.example import Example
from fuzzing.examples import ads_watch, everywhere, fund_monitor, registry, schedule_monitor

EXAMPLES: Final[dict[str, tuple[Example, ...]]] = {
    "registry": (*registry.EXAMPLES, *everywhere.EXAMPLES),
    "schedule_monitor": (*everywhere.EXAMPLES, *schedule_monitor.EXAMPLES),
    "fund_monitor": (*everywhere.EXAMPLES, *fund_monitor.EXAMPLES),
    "ads_watch": (*everywhere.EXAMPLES, *ads_watch.EXAMPLES),
}
SHARED: Final = frozenset(example.operation for example in everywhere.EXAMPLES)
"""Operations that are the same code in every service."""


def without_example(service: str, operations: Iterable[str]) -> list[str]:
    """Return the operations of a service that no example uses as it is meant to be."""
    told = {example.operation for example in EXAMPLES[service]}
    return sorted(set(operations) - told)
