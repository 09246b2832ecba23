"""What an institution has filed beside its timetable: courses and rooms that classes name."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from services.schedule_monitor.domain.session import Delivery, Kind, Mode, Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class FiledCourse:
    """A course as it was filed; ``class_size`` is the most students of a class of it."""

    code: str
    name: str
    kind: Kind
    stage: Stage
    mode: Mode
    delivery: Delivery = "live"
    class_size: int | None = None
    subject_matter: str = ""
    materials: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """Everything that is said of what is taught."""
        return "\n".join((self.name, self.subject_matter, *self.materials))


@dataclass(frozen=True, slots=True, kw_only=True)
class FiledRoom:
    """A room of a registered site; its area in square metres is for teaching alone."""

    site: str
    room: str
    area_m2: Decimal


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Filed courses by code, filed rooms by site and room; what is not filed is not known.

    ``sites_m2`` has the areas of whole sites by their ids, where the register tells them.
    """

    courses: Mapping[str, FiledCourse] = field(default_factory=dict)
    rooms: Mapping[tuple[str, str], FiledRoom] = field(default_factory=dict)
    sites_m2: Mapping[str, Decimal] = field(default_factory=dict)


NOTHING_FILED: Final = Surroundings()
