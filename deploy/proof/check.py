"""One thing that a proof looks at: how much was compared, and what did not agree."""

from dataclasses import dataclass, field

MOST_LISTED = 100


@dataclass(slots=True)
class Named:
    """What was found of one kind: all of it counted, the first of it named."""

    count: int = 0
    first: list[str] = field(default_factory=list)

    def add(self, line: str) -> None:
        """Count one, and name it while there is room."""
        self.count += 1
        if len(self.first) < MOST_LISTED:
            self.first.append(line)

    def as_json(self) -> dict[str, object]:
        """Return what scripts read."""
        return {"count": self.count, "first": self.first}


@dataclass(slots=True)
class Check:
    """The outcome of one comparison. Only gaps speak against it.

    ``pending`` is on its way; a ``repeat`` was sent again after its stream had forgotten it.
    """

    name: str
    title: str
    checked: int = 0
    pending: Named = field(default_factory=Named)
    repeats: Named = field(default_factory=Named)
    gaps: Named = field(default_factory=Named)

    def as_json(self) -> dict[str, object]:
        """Return what scripts read."""
        return {
            "name": self.name,
            "title": self.title,
            "checked": self.checked,
            "pending": self.pending.as_json(),
            "repeats": self.repeats.as_json(),
            "gaps": self.gaps.as_json(),
        }
