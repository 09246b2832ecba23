"""A city day as requests write it: only in the one form that people and other systems read."""

import re
from datetime import date
from typing import Annotated

from pydantic import BeforeValidator, Field

_FORM = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _written(value: object) -> object:
    if not isinstance(value, str) or not _FORM.fullmatch(value):
        raise ValueError("日期须写作YYYY-MM-DD")
    return value


# pydantic alone also takes numbers, as seconds since 1970.
IsoDate = Annotated[
    date,
    BeforeValidator(_written),
    Field(examples=["2026-03-31"], description="A city day, YYYY-MM-DD."),
]
