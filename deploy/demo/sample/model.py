"""What the sample city is made of: institutions, banks, accounts, their bookings, what is sent."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import TypeAlias

Body: TypeAlias = Mapping[str, str | int]
"""One fund event as a bank sends it."""


class Outcome(StrEnum):
    """What must become of an event that is sent."""

    POSTED = "posted"
    PARKED = "parked"
    SET_ASIDE = "set_aside"
    REFUSED = "refused"
    CONFLICT = "conflict"
    DUPLICATE = "duplicate"


class Trouble(StrEnum):
    """How an institution of the sample goes bad."""

    LONG_ORDERS = "long_orders"
    LONG_PERIODS = "long_periods"
    MANY_PUPILS = "many_pupils"
    SPLIT_ORDERS = "split_orders"
    SHORT_FOR_DAYS = "short_for_days"
    FLED = "fled"
    LARGE_GAP = "large_gap"
    REVOKED = "revoked"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Licence:
    """The licence of an institution."""

    number: str
    issued_on: date
    valid_until: date
    first_issued_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A place where an institution teaches."""

    address: str
    town: str
    area_m2: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Institution:
    """A training institution as it is reported to the register."""

    name: str
    uscc: str
    kind: str
    stages: tuple[str, ...]
    mode: str
    town: str
    licence: Licence
    sites: tuple[Site, ...]
    trouble: Trouble | None = None

    @property
    def registered(self) -> bool:
        return self.trouble is not Trouble.UNKNOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class Bank:
    """A custody bank and the fields that belong to the identity of its events."""

    code: str
    name: str
    identity_fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An account of an institution at a bank."""

    bank: Bank
    account_no: str
    account_name: str
    institution: Institution
    kind: str = "custody"


@dataclass(frozen=True, slots=True, kw_only=True)
class City:
    """The institutions, the banks and the accounts that join them."""

    institutions: tuple[Institution, ...]
    banks: tuple[Bank, ...]
    accounts: tuple[Account, ...]


@dataclass(eq=False, slots=True, kw_only=True)
class Booking:
    """One entry in a bank's own books, before it has a serial number."""

    account: Account
    type: str
    at: datetime
    fields: dict[str, str | int] = field(default_factory=dict)
    reverses: "Booking | None" = None
    outcome: Outcome = Outcome.POSTED

    @property
    def amount_fen(self) -> int:
        return int(self.fields.get("amount_fen", 0))


@dataclass(eq=False, slots=True, kw_only=True)
class Sending:
    """One event on its way: what is sent, when it is due, and what must become of it."""

    bank: Bank
    body: Body
    due: datetime
    outcome: Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One signed request of a bank."""

    bank: Bank
    webhook_id: str
    sendings: tuple[Sending, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """The whole sample; a wave is sent only when the wave before it has been judged."""

    seed: int
    city: City
    revoked_on: date
    waves: tuple[tuple[Request, ...], ...]

    @property
    def sendings(self) -> tuple[Sending, ...]:
        return tuple(s for wave in self.waves for request in wave for s in request.sendings)
