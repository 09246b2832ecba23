"""Everybody who may stand at a door: tokens of every role, and those that are none."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count, cycle
from typing import Any, Final

from deploy.local.issuer import Issuer
from fuzzing.example import ADMIN, Claims, Known, staff

_SUBJECTS: Final = 16
"""Names under which tokens are held: what one did is not always the other's to repeat."""
_OFFICES: Final = (
    *("education", "pboc", "cbirc", "finance_office", "market_regulation"),
    *("culture_tourism_sports", "publicity", "economy_it", "data_bureau", "media_center"),
)
_TOWNS: Final = ("xiashi", "jianshan")


def everybody(known: Known) -> tuple[Claims, ...]:
    """Return the claims of one of each kind, known to the services or not."""
    return (
        ADMIN,
        *(staff(department) for department in _OFFICES),
        *({"role": "staff", "town": town} for town in _TOWNS),
        {"role": "staff", "department": "nowhere"},
        {"role": "staff"},
        own_institution(known),
        {"role": "institution", "institution": "somebody-else"},
        {"role": "bank", "bank": "alpha"},
        {"role": "bank", "bank": "unknown"},
        {"role": "bank_admin"},
        {"role": "platform", "platform": "cloud"},
        {**ADMIN, "scope": "duties:read"},
        {"role": "king"},
    )


def own_institution(known: Known) -> Claims:
    """Return the claims of the institution that is in the register."""
    return {"role": "institution", "institution": known["institution_id"]}


@dataclass(slots=True)
class Callers:
    """Gives out tokens in turn: every other one to somebody whom the operation admits."""

    issuer: Issuer
    known: Known
    _turn: "count[int]" = field(default_factory=count)
    _tokens: dict[str, str] = field(default_factory=dict)

    def token(self, claims: Claims) -> str:
        """Return a token with these claims, under one of several names."""
        named = {**claims, "sub": f"fuzz:{next(self._turn) % _SUBJECTS}"}
        key = repr(sorted(named.items()))
        if key not in self._tokens:
            role = named.pop("role")
            self._tokens[key] = self.issuer.token(role=role, hours=24, **named)
        return self._tokens[key]

    def refused(self) -> dict[str, str | None]:
        """Return what stands in ``Authorization`` of those who are nobody, by what is wrong."""
        late = self.issuer.token(role="admin", hours=-1)
        good = self.token(ADMIN)
        return {
            "no token": None,
            "expired": f"Bearer {late}",
            "garbage": "Bearer garbage",
            "cut": f"Bearer {good[:-8]}",
            "another scheme": "Basic YTpi",
            "unknown role": f"Bearer {self.token({'role': 'king'})}",
            "not ASCII": "Bearer \u00ff\u00fe",
            "enormous": "Bearer " + "a" * 8_000,
        }

    def turns(self, operation: Mapping[str, Any]) -> "cycle[str | None]":
        """Return ``Authorization`` for one request after the other, by the document's own table."""
        let_in = admitted(operation.get("x-roles", ()), self.known) or [ADMIN]
        anybody = list(everybody(self.known))
        nobody = list(self.refused().values())
        mixed: list[str | None] = []
        for index in range(len(anybody)):
            mixed.append(f"Bearer {self.token(let_in[index % len(let_in)])}")
            mixed.append(f"Bearer {self.token(anybody[index])}")
        return cycle([*mixed, *nobody])


def admitted(grants: Sequence[object], known: Known) -> list[Claims]:
    """Return claims that the document's table admits, as far as it depends on the caller alone."""
    found: list[Claims] = []
    for grant in grants:
        if isinstance(grant, Mapping):
            found += _of_grant(grant, known)
    return found


def _of_grant(grant: Mapping[str, Any], known: Known) -> list[Claims]:
    role = grant["role"]
    if role == "staff":
        departments = grant.get("departments") or _OFFICES
        return [staff(department) for department in departments]
    if role == "institution":
        return [own_institution(known)]
    bound = {"bank": known.get("bank", "alpha"), "platform": known.get("platform", "cloud")}
    return [{"role": role, role: bound[role]}] if role in bound else [{"role": role}]
