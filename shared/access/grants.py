"""What a row of the table of access is made of, and the callers that several services name."""

from dataclasses import dataclass
from typing import Final, Literal

from shared.access.scopes import COMPETENT

Role = Literal["staff", "institution", "platform", "bank", "bank_admin", "admin"]
Bound = Literal["any", "own institution", "own bank", "own platform", "own office", "named office"]
"""An office is a department or town; a named one stands in the path."""
Door = Literal["token", "signature", "public"]


@dataclass(frozen=True, slots=True)
class Grant:
    """One role that may use a route, and for whom: ``departments`` lists those it is left to."""

    role: Role
    bound: Bound = "any"
    departments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One route with those who may use it; ``service`` is ``*`` where every service has it."""

    service: str
    method: str
    path: str
    grants: tuple[Grant, ...] = ()
    scope: str | None = None
    door: Door = "token"


def signed(service: str, method: str, path: str) -> Row:
    """Return the row of a route that is open to signatures."""
    return Row(service, method, path, door="signature")


ADMIN: Final = Grant("admin")
BANK_ADMIN: Final = Grant("bank_admin")
STAFF: Final = Grant("staff", "own office")
INSTITUTION: Final = Grant("institution", "own institution")
PLATFORM: Final = Grant("platform", "own platform")
OF_INSTITUTIONS: Final = Grant("staff", "own office", COMPETENT)

INBOX: Final = (STAFF, INSTITUTION, ADMIN)
DEPARTMENTS: Final = (STAFF, ADMIN)
IN_CHARGE: Final = (OF_INSTITUTIONS, ADMIN)
FILERS: Final = (OF_INSTITUTIONS, INSTITUTION, ADMIN)
ADMIN_ALONE: Final = (ADMIN,)

INSTITUTION_PATH: Final = "/v1/institutions/{institution_id}"
