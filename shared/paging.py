"""Pages of a list: an opaque cursor says where the page before ended."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Annotated, Final
from uuid import UUID

from fastapi import Query

from shared.errors import Malformed

MOST_PER_PAGE: Final = 200
USUAL_LIMIT: Final = 50
Cursor = Annotated[
    str | None, Query(max_length=64, description="`next_cursor` of the page before.")
]
Limit = Annotated[int, Query(ge=1, le=MOST_PER_PAGE)]

_VERSION_BYTES: Final = 7
"""As many as MongoDB and JSON readers count without loss."""


def cursor_to(identifier: str) -> str:
    """Return the cursor that stands for an id."""
    return _written(UUID(identifier).bytes)


def id_of(cursor: str) -> str:
    """Return the id that a cursor stands for."""
    try:
        return str(UUID(bytes=_read(cursor)))
    except ValueError as error:
        raise Malformed("翻页游标无效") from error


def before_of(cursor: str | None) -> str | None:
    """Return the id that the page before ended with."""
    return None if cursor is None else id_of(cursor)


def cursor_after(ids: list[str], *, limit: int) -> str | None:
    """Return the cursor after a full page; a page that is not full is the last."""
    return None if len(ids) < limit else cursor_to(ids[-1])


def cursor_to_version(version: int) -> str:
    """Return the cursor that stands for one of the versions of a thing."""
    return _written(version.to_bytes(_VERSION_BYTES))


def version_of(cursor: str) -> int:
    """Return the version that a cursor stands for."""
    try:
        found = _read(cursor)
    except ValueError as error:
        raise Malformed("翻页游标无效") from error
    if len(found) != _VERSION_BYTES:
        raise Malformed("翻页游标无效")
    return int.from_bytes(found)


def _written(found: bytes) -> str:
    return urlsafe_b64encode(found).decode().rstrip("=")


def _read(cursor: str) -> bytes:
    return urlsafe_b64decode(cursor + "==")
