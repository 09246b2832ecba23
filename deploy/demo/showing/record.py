"""What the services show of the sample city to whoever may see all of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from deploy.demo.acting.doors import Call, Doors, expect, patiently
from deploy.demo.showing.figures import Counts, standing_alerts
from shared.messaging.permissions import SERVICES

_OK = 200
_PAGE = 100

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """The four services' own words, as read one after the other."""

    funds: Json
    timetables: Json
    sightings: Sequence[Json]
    leads: Sequence[Json]
    alerts: Mapping[str, Sequence[Json]]
    alert_counts: Mapping[str, Mapping[str, Counts]]

    @property
    def settled(self) -> bool:
        """Whether all that came in is judged and sent on, where that takes a moment."""
        return bool(self.funds["settled"] and self.timetables["settled"])

    @property
    def waiting(self) -> str:
        return f"资金监管 {self.funds['waiting']}，课程监测 {self.timetables['waiting']}"


async def read_record(doors: Doors) -> Record:
    """Read the whole record; what waits is read before what it turns into."""
    funds = await _get(doors, "fund_monitor", "/v1/summary")
    timetables = await _get(doors, "schedule_monitor", "/v1/timetables/summary")
    return Record(
        funds=funds,
        timetables=timetables,
        sightings=await _pages(doors, "ads_watch", "/v1/sightings", of="sightings"),
        leads=await leads_in(doors),
        alerts={service: await standing_alerts(doors, service) for service in SERVICES},
        alert_counts={
            service: (await _get(doors, service, "/v1/alerts/summary"))["alerts"]
            for service in SERVICES
        },
    )


async def leads_in(doors: Doors) -> list[Json]:
    """Return every lead with its steps."""
    return await _pages(doors, "ads_watch", "/v1/leads", of="leads")


async def _pages(doors: Doors, service: str, path: str, *, of: str) -> list[Json]:
    found: list[Json] = []
    where: dict[str, str | int] = {"limit": _PAGE}
    while True:
        page = await _get(doors, service, path, where)
        found += page[of]
        if page["next_cursor"] is None:
            return found
        where["cursor"] = page["next_cursor"]


async def _get(
    doors: Doors, service: str, path: str, where: Mapping[str, str | int] | None = None
) -> Json:
    call = Call(
        method="GET",
        url=doors.url(service, path),
        headers=lambda: doors.bearer(role="admin"),
        params=where,
    )
    return expect(await patiently(doors, call), _OK)
