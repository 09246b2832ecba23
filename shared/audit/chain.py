"""How audit rows hang together: their canonical form, their digests, and what comes before what.

A sealed row carries its place in the chain (``sequence``), the hash of the row before it
(``previous``) and its own ``hash``, taken over all its other fields in canonical form. So each row
can be judged by itself, and a changed one does not hide behind a broken tail.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import bson

from shared.mongo import Row

ROWS: Final = "audit"
HEADS: Final = "audit_head"
HEAD: Final = "head"

# Another algorithm stands beside this one by a line here: a digest names the one it was made by.
ALGORITHM: Final = "sha-256"
_ALGORITHMS: Final = {ALGORITHM: hashlib.sha256}
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)


def canonical(row: Mapping[str, Any]) -> bytes:
    """Return the one form of a row: JSON in ASCII, keys in order of code points, no blanks.

    Times are whole UTC milliseconds, as the store keeps them. Two rows that differ have two forms,
    whatever their types: what JSON has no word for stands as its BSON.
    """
    return json.dumps(_plain(row), sort_keys=True, separators=(",", ":")).encode("ascii")


def _plain(value: object) -> object:
    # Exact types: the driver has subclasses of str that are something else in the store.
    if value is None or type(value) in (bool, str):
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, datetime):
        return {"$date": (value - _EPOCH) // _MILLISECOND}
    if isinstance(value, Mapping):
        return {_name(name): _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return {"$bson": bson.encode({"": value}).hex()}


def _name(name: str) -> str:
    # One more dollar than our own two words have, or a field could pass for one of them.
    return f"${name}" if name.startswith("$") else name


def digest(content: bytes, *, algorithm: str = ALGORITHM) -> str:
    """Return a digest with its algorithm's name before it."""
    return f"{algorithm}:{_ALGORITHMS[algorithm](content).hexdigest()}"


def beginning(service: str) -> str:
    """Return what stands as ``previous`` in a service's first row: no chain fits another."""
    return digest(canonical({"chain": service}))


def sealed(row: Row, *, sequence: int, previous: str, at: datetime) -> Row:
    """Return a row with its place in the chain."""
    body = {name: value for name, value in row.items() if name != "sealed"}
    body |= {"sequence": sequence, "previous": previous, "sealed_at": at}
    return {**body, "hash": digest(canonical(body))}


def hash_of(row: Row) -> str | None:
    """Return the hash a sealed row should carry; none when its algorithm is unknown."""
    algorithm = str(row.get("hash")).partition(":")[0]
    if algorithm not in _ALGORITHMS:
        return None
    body = {name: value for name, value in row.items() if name != "hash"}
    return digest(canonical(body), algorithm=algorithm)
