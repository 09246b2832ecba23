"""Where something was planned, held or visited: the places a patrol can go to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from services.schedule_monitor.domain.premises import Site, site_at
from services.schedule_monitor.domain.session import Mode, Registered

PlaceKind = Literal["site", "unregistered", "unplaced", "online"]
PLACE_NAMES: Final[dict[PlaceKind, str]] = {
    "site": "登记的教学点",
    "unregistered": "未登记的地点",
    "unplaced": "未报教学点",
    "online": "线上",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One place of an institution, and on whose ground it lies.

    A site that is not registered has the id that was told, or the address.
    """

    kind: PlaceKind
    town: str
    site_id: str | None = None
    address: str | None = None

    @property
    def key(self) -> str:
        """What tells two places of an institution apart, whatever a site's address becomes."""
        return f"{self.kind}:{self.site_id or self.address or ''}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """An institution with all sites it has or had."""

    registered: Registered
    sites: tuple[Site, ...]

    def place(self, day: date, mode: Mode, site: str | None, address: str | None) -> Place:
        """Return the place that was told on a day; untold, it is the only site there was."""
        if mode == "online":
            return Place(kind="online", town=self.registered.town)
        standing = [one for one in self.sites if one.was_open_on(day)]
        found = _site(standing, site, address)
        if found is not None:
            return self._of_site(found)
        if site is None and address is None:
            return Place(kind="unplaced", town=self.registered.town)
        return Place(kind="unregistered", town=self.registered.town, site_id=site, address=address)

    def _of_site(self, site: Site) -> Place:
        return Place(
            kind="site",
            town=site.town,
            site_id=site.site_id,
            address=site.address,
        )


def _site(sites: Sequence[Site], site_id: str | None, address: str | None) -> Site | None:
    if site_id is not None:
        return next((one for one in sites if one.site_id == site_id), None)
    if address is not None:
        return site_at(address, sites)
    return sites[0] if len(sites) == 1 else None
