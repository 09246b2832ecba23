"""A valid request of one operation; told in order they are a story that reaches each with 2xx."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal
from urllib.parse import quote

Known = dict[str, Any]
"""What is known by name when an example is told: ids, codes and secrets made before it."""
Claims = Mapping[str, str]
Body = Callable[[Known], object]
Query = Callable[[Known], Mapping[str, Any]]

ADMIN: Final[Claims] = {"role": "admin"}
_PARAMETER: Final = re.compile(r"\{(\w+)\}")


def staff(department: str) -> Claims:
    """Return the claims of a department's staff."""
    return {"role": "staff", "department": department}


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """How one operation is used as it is meant to be.

    Path parameters are taken from what is known by their own names, unless ``names`` gives
    another name or ``values`` gives the value itself. ``keeps`` maps fields of the answer,
    with dots and indexes, to the names under which they are known from then on.
    """

    operation: str
    by: Claims | Literal["signed", "own institution"] | None = field(default_factory=lambda: ADMIN)
    names: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)
    query: Query | None = None
    body: Body | None = None
    keeps: Mapping[str, str] = field(default_factory=dict)
    patient: bool = False
    """Asked again until it is answered: what it needs comes over the bus."""

    @property
    def method(self) -> str:
        return self.operation.partition(" ")[0]

    @property
    def template(self) -> str:
        return self.operation.partition(" ")[2]

    def parameters(self, known: Known) -> dict[str, str]:
        """Return the values of the path's parameters."""
        return {
            name: self.values.get(name) or str(known[self.names.get(name, name)])
            for name in _PARAMETER.findall(self.template)
        }

    def path(self, known: Known) -> str:
        """Return the path with its parameters filled in."""
        return filled(self.template, self.parameters(known))


def filled(template: str, parameters: Mapping[str, str]) -> str:
    """Return a path's template with its parameters, quoted."""
    return _PARAMETER.sub(lambda found: quote(parameters[found[1]], safe=""), template)


def picked(answer: Any, place: str) -> object:  # noqa: ANN401 - any JSON
    """Return a field of an answer by its place, such as ``leads.0.lead_id``."""
    found = answer
    for part in place.split("."):
        found = found[int(part)] if part.isdigit() else found[part]
    return found
