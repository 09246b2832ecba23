"""Identifiers of the suite's own making."""

import uuid_utils


def new_id() -> str:
    """Return a new UUIDv7 as text; later ids sort after earlier ones."""
    return str(uuid_utils.uuid7())
