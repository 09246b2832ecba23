"""The cards of all rules, gathered from every module of every service."""

import importlib
import pkgutil
from itertools import chain

import services
from shared.rules import RuleCard


def cards() -> tuple[RuleCard, ...]:
    """Return every rule card that any module of a service holds, each once."""
    names = [found.name for found in pkgutil.walk_packages(services.__path__, "services.")]
    values = chain.from_iterable(vars(importlib.import_module(name)).values() for name in names)
    return tuple({id(value): value for value in values if isinstance(value, RuleCard)}.values())
