"""What one run of the kit is about: whose door, whose secret, which run and which business day."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Final

KIT_INSTITUTION: Final = "52330481MJ000001XJ"
_RUN_BYTES: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One run; serial numbers and accounts carry its id, so that a bank may be tried again."""

    url: str
    bank: str
    secret: str
    reader: str
    """A token with which the bank reads what became of its events."""
    day: date
    """The city day on which most events happen; the day after it must have passed as well."""
    identity_fields: tuple[str, ...] = ()
    feed_declared: bool = False
    """Whether the door knows that this bank numbers its events and chains its balances."""
    administrator: str | None = None
    """A token that may rotate this bank's secret; without one rotation is not tried."""
    keep_secret: Callable[[str], None] = lambda _: None
    """Takes the secret to which the bank changed over during a run."""
    institution_code: str = KIT_INSTITUTION
    run: str = field(default_factory=lambda: secrets.token_hex(_RUN_BYTES))
