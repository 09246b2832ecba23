"""A bank that sends fund events."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bank:
    """A bank as the door knows it. Secrets are sealed; the newest comes first."""

    code: str
    name: str
    identity_fields: tuple[str, ...]
    sealed_secrets: tuple[str, ...]
    has_sent: bool
