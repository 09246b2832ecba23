"""What a route of the register may ask for, and for whom somebody asks."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Annotated, Final

from fastapi import Depends, Path, Query, Request
from pydantic import AfterValidator, AwareDatetime, BeforeValidator

from services.registry.domain.institution import Institution
from services.registry.domain.stops import Stop
from services.registry.store.institutions import InstitutionStore
from shared.access.scopes import TOWN_CODES
from shared.access.tokens import Caller
from shared.city_time import CITY_TIME, city_date
from shared.contracts.registry import InstitutionId
from shared.errors import Forbidden, Malformed

InstitutionPath = Annotated[InstitutionId, Path()]

_WRITTEN: Final = "须写作YYYY-MM-DD，或带时区的时刻，如2026-03-31T12:00:00%2B08:00"
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
# What lies before had no register, and some calendars' edges break computers.
_EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
_LAST_MOMENT: Final = time(23, 59, 59, 999_000, CITY_TIME)


def _moment(value: object) -> object:
    """Read a day as its last moment in the city: what the register said that evening."""
    text = value if isinstance(value, str) else ""
    try:
        if _DAY.fullmatch(text):
            return datetime.combine(date.fromisoformat(text), _LAST_MOMENT)
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(_WRITTEN) from error
    if moment.tzinfo is None:
        raise ValueError(_WRITTEN)
    return moment


def _in_bounds(moment: datetime) -> datetime:
    if moment < _EARLIEST:
        raise ValueError("不得早于2000-01-01")
    return moment


AsOf = Annotated[
    AwareDatetime | None,
    BeforeValidator(_moment),
    AfterValidator(_in_bounds),
    Query(
        description="The register as it was known then: a moment with its offset (RFC 3339; `+` is "
        "`%2B` in an address), or a day YYYY-MM-DD, which means its last millisecond in the city.",
        examples=["2026-03-31"],
    ),
]


@dataclass(frozen=True, slots=True)
class Rooms:
    """What is handed to the routes."""

    institutions: InstitutionStore
    stops: tuple[Stop, ...]
    now: Callable[[], datetime]
    committed: Callable[[], None]


async def rooms(request: Request) -> Rooms:
    """Return what was put on the application."""
    found: Rooms = request.app.state.rooms
    return found


RoomsDep = Annotated[Rooms, Depends(rooms)]


def check_past(as_of: datetime | None, now: datetime) -> None:
    """Refuse a day that is still to come: nobody knows what the register will say."""
    if as_of is not None and city_date(as_of) > city_date(now):
        raise Malformed("as_of 不得晚于今天")


def check_town(caller: Caller, institution: Institution) -> None:
    """Refuse a town an institution that is neither registered there nor teaches there."""
    if caller.office in TOWN_CODES and caller.office not in institution.towns:
        raise Forbidden("镇（街道）只能查询本辖区的培训机构")
