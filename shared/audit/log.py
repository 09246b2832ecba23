"""Who did what to what, and why: one row per write, in the transaction that writes.

Rows lie unsealed until the sealer chains them, so that no write waits for another. They name no
person: a person, and a reason that may name one, appear as digests under the service's own key,
and without that key they say nothing. The reason itself stands where it was given.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeAlias

from pymongo import ASCENDING, DESCENDING, IndexModel

from shared.access.tokens import Caller
from shared.clock import machine_now
from shared.ids import new_id
from shared.mongo import Database, Row, Session

Detail: TypeAlias = str | int | bool | None

_MOST_DETAILS: Final = 32
_LONGEST_TEXT: Final = 512
_LARGEST: Final = 2**53 - 1
_FEW: Final = 8
_SEALED: Final = {"sequence": {"$exists": True}}

AUDIT_INDEXES: Final = {
    "audit": [
        # Whatever the type: a small number is not a ``long`` in the store.
        IndexModel(
            [("sequence", ASCENDING)],
            name="one_row_per_place",
            unique=True,
            partialFilterExpression=_SEALED,
        ),
        # Only what waits: it stays as small as that, however long the chain.
        IndexModel(
            [("sealed", ASCENDING), ("_id", ASCENDING)],
            name="waiting",
            partialFilterExpression={"sealed": False},
        ),
        # What readers need is indexed when a row is sealed, so that no writer waits for it.
        IndexModel(
            [("about.kind", ASCENDING), ("about.id", ASCENDING), ("sequence", DESCENDING)],
            name="of_one_thing",
            partialFilterExpression=_SEALED,
        ),
        IndexModel(
            [("who.office", ASCENDING), ("sequence", DESCENDING)],
            name="of_one_office",
            partialFilterExpression=_SEALED,
        ),
    ]
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """Who writes: a person by the token's subject, or the service itself."""

    role: str
    person: str | None = None
    office: str | None = None

    @classmethod
    def of(cls, caller: Caller) -> "Who":
        """Return the bearer of a token, with the body they act for."""
        office = caller.department or caller.town or caller.institution or caller.bank
        return cls(role=caller.role, person=caller.subject, office=office)


SERVICE: Final = Who(role="service")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One write: the action, the thing it changed, who did it, and the reason they gave.

    ``details`` hold codes and numbers, never free text: they are kept for ever. An entry of what
    may come twice names it by ``identity``, so that the store takes it once.
    """

    action: str
    about_kind: str
    about_id: str
    who: Who = SERVICE
    why: str | None = None
    details: Mapping[str, Detail] = field(default_factory=dict)
    identity: str | None = None

    def __post_init__(self) -> None:
        """Refuse what no chain should carry for ever."""
        told = (self.action, self.about_kind, self.about_id, *self.details, *self.details.values())
        if len(self.details) > _MOST_DETAILS or not all(_bounded(value) for value in told):
            raise ValueError("An audit entry holds few and short details.")


class DigestKey:
    """The key of digests of persons and reasons; a digest names it beside the algorithm."""

    def __init__(self, name: str, secret: bytes) -> None:
        self._name = name
        self._secret = secret

    @classmethod
    def from_file(cls, key_file: Path) -> "DigestKey":
        """Read a key: a JSON file with ``name`` and ``secret`` in hexadecimal."""
        content = json.loads(key_file.read_text())
        return cls(content["name"], bytes.fromhex(content["secret"]))

    def digest(self, text: str) -> str:
        """Return the keyed digest of a text, with its algorithm and the key's name."""
        value = hmac.new(self._secret, text.encode(), hashlib.sha256).hexdigest()
        return f"hmac-sha256:{self._name}:{value}"


class AuditLog:
    """The audit rows of one service."""

    def __init__(self, db: Database, key: DigestKey) -> None:
        self._rows = db["audit"]
        self._key = key

    async def record(self, *entries: Entry, session: Session) -> None:
        """Add entries in the caller's transaction."""
        # Nearly always there is one, and for few the driver's way for many costs more.
        if len(entries) > _FEW:
            await self._rows.insert_many([self._row(one) for one in entries], session=session)
            return
        for entry in entries:
            await self._rows.insert_one(self._row(entry), session=session)

    def _row(self, entry: Entry) -> Row:
        return {
            "_id": entry.identity or new_id(),
            "at": machine_now(),
            "action": entry.action,
            "about": {"kind": entry.about_kind, "id": entry.about_id},
            "who": {
                "role": entry.who.role,
                "office": entry.who.office,
                "person": self._digest(entry.who.person),
            },
            "why": self._digest(entry.why),
            "details": dict(entry.details),
            "sealed": False,
        }

    def _digest(self, text: str | None) -> str | None:
        return None if text is None else self._key.digest(text)


def _bounded(value: Detail) -> bool:
    if isinstance(value, str):
        return len(value) <= _LONGEST_TEXT
    return value is None or abs(value) <= _LARGEST
