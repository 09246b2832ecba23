"""Identifiers of the suite's own making."""

from datetime import datetime
from typing import Final
from uuid import NAMESPACE_OID, uuid5

import uuid_utils

_MILLISECONDS_DIGITS: Final = 12


def new_id() -> str:
    """Return a new UUIDv7 as text; later ids sort after earlier ones."""
    return str(uuid_utils.uuid7())


def id_from(text: str) -> str:
    """Return the id of what a text names: the same for the same text, whoever asks."""
    return str(uuid5(NAMESPACE_OID, text))


def first_id_at(moment: datetime) -> str:
    """Return a text that sorts behind every id made before a moment and before all later ones."""
    digits = f"{int(moment.timestamp() * 1_000):0{_MILLISECONDS_DIGITS}x}"
    return f"{digits[:8]}-{digits[8:]}"
