"""The cards of all rules, gathered from every module of every service."""

import importlib
import pkgutil
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import chain

import services
from shared.rules import Level, RuleCard


@dataclass(frozen=True, slots=True)
class Grading:
    """The one level of a rule, and whether it is only a clue for a person."""

    level: Level
    review: bool


def cards() -> tuple[RuleCard, ...]:
    """Return every rule card that any module of a service holds, each once."""
    return tuple({id(one): one for one in _held() if isinstance(one, RuleCard)}.values())


@cache
def gradings() -> dict[str, Grading]:
    """Return by its code how a rule is graded, of each that has its level beside its card."""
    collections = (one for one in _held() if isinstance(one, tuple))
    rules = chain(_held(), chain.from_iterable(collections))
    return {
        one.card.code: Grading(one.level, getattr(one, "review", False))
        for one in rules
        if isinstance(getattr(one, "card", None), RuleCard) and hasattr(one, "level")
    }


def _held() -> Iterator[object]:
    """Return what the modules of all services hold under any name."""
    for found in pkgutil.walk_packages(services.__path__, "services."):
        yield from vars(importlib.import_module(found.name)).values()
