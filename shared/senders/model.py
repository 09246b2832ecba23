"""What senders of signed requests have in common: their signing secrets, two of them at most."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """A signing secret, sealed; without an end it holds until another takes its place."""

    id: str
    sealed: str
    created_at: datetime
    expires_at: datetime | None = None

    def is_live(self, now: datetime) -> bool:
        """Tell whether a signature by this secret is good at a moment."""
        return self.expires_at is None or now < self.expires_at
