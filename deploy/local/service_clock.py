"""The service clock of a stack: how far it stands from the machine's, kept with the data."""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from deploy.local.files import write_json
from deploy.local.layout import Layout
from deploy.local.problem import StackProblem

_CITY_TIME = ZoneInfo("Asia/Shanghai")
_HOUR_OF_DAY = time(18)


@dataclass(frozen=True, slots=True)
class ServiceClock:
    """Service clock minus machine clock, and the day it was asked for."""

    as_of: date | None
    offset_seconds: int


def settle(layout: Layout, *, as_of: date | None) -> ServiceClock:
    """Return the clock of this stack's data, or a new one where there is none yet."""
    if layout.clock.exists():
        kept = _read(layout)
        if as_of not in {None, kept.as_of}:
            shown = f"--as-of {kept.as_of}" if kept.as_of else "没有 --as-of"
            raise StackProblem(
                f"现有数据的日期是“{shown}”，不能改为 {as_of}：去掉 --as-of，或加 --fresh 清空数据"
            )
        return kept
    return ServiceClock(as_of=as_of, offset_seconds=_offset(as_of))


def keep(layout: Layout, clock: ServiceClock) -> None:
    """Tie the clock to the data, for every later start."""
    as_of = clock.as_of.isoformat() if clock.as_of else None
    write_json(layout.clock, {"as_of": as_of, "offset_seconds": clock.offset_seconds})


def _read(layout: Layout) -> ServiceClock:
    content = json.loads(layout.clock.read_text())
    as_of = content["as_of"]
    return ServiceClock(
        as_of=date.fromisoformat(as_of) if as_of else None,
        offset_seconds=content["offset_seconds"],
    )


def _offset(as_of: date | None) -> int:
    if as_of is None:
        return 0
    evening = datetime.combine(as_of, _HOUR_OF_DAY, tzinfo=_CITY_TIME)
    return round((evening - datetime.now(UTC)).total_seconds())
