"""What a person may ask of the local stack."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date

from deploy.local.ports import DEFAULT_BASE
from shared.messaging.permissions import SERVICES


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The options of ``./run up``."""

    fresh: bool = False
    port_base: int = DEFAULT_BASE
    as_of: date | None = None
    nats_url: str | None = None
    mongo_url: str | None = None
    docker: bool = False
    services: tuple[str, ...] = SERVICES
    settings: Mapping[str, str] = field(default_factory=dict)
    """More settings of every service, by their names without a service's prefix."""

    def as_json(self) -> str:
        """Return the options as text for another process."""
        return json.dumps(asdict(self), default=str)

    @classmethod
    def from_json(cls, text: str) -> "Options":
        """Read what ``as_json`` wrote."""
        content = json.loads(text)
        as_of = content.pop("as_of")
        services = tuple(content.pop("services"))
        day = date.fromisoformat(as_of) if as_of else None
        return cls(as_of=day, services=services, **content)
