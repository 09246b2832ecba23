"""Where an institution may teach and whether it is licensed, as the register says it."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from services.schedule_monitor.domain.held.held import HeldSession
from services.schedule_monitor.domain.session import Mode, Registered, Session

Doubt = Literal["revoked", "no_licence", "licence_expired", "site_unknown", "address_unknown"]

NOWHERE: Final = ""
DOUBT_NAMES: Final[dict[Doubt, str]] = {
    "revoked": "机构已被吊销",
    "no_licence": "登记中没有办学许可证",
    "licence_expired": "办学许可证不在有效期内",
    "site_unknown": "教学点不在登记的教学点之内",
    "address_unknown": "地址与登记的教学点都不相符",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A registered site; ``closed_on`` is the day on which the register first told without it."""

    site_id: str
    address: str
    town: str
    closed_on: date | None = None

    def was_open_on(self, day: date) -> bool:
        """Tell whether it was; when it was opened is not told, so any earlier day counts."""
        return self.closed_on is None or day <= self.closed_on


@dataclass(frozen=True, slots=True, kw_only=True)
class Premises:
    """The licence and sites of an institution, as far as its state has come."""

    sites: tuple[Site, ...] = ()
    licensed_from: date | None = None
    licensed_until: date | None = None
    revoked_on: date | None = None

    def towns(self, sites: Iterable[str], registered: Registered) -> tuple[str, ...]:
        """Return the towns in which some sites lie, that of the registration for any other."""
        known = {site.site_id: site.town for site in self.sites}
        return tuple(sorted({known.get(site, registered.town) for site in sites or (NOWHERE,)}))


def site_of(session: Session) -> str:
    """Return where a class is held; online it is held nowhere."""
    return NOWHERE if session.mode == "online" else session.setting.site or NOWHERE


def doubt_of(held: HeldSession, mode: Mode, premises: Premises) -> Doubt | None:
    """Return why a session should not have been held where it was; online it is held nowhere.

    A session without a site or an address is doubted for the licence alone.
    """
    if mode == "online":
        return None
    return _of_licence(held.on, premises) or _of_place(held, premises)


def _of_licence(day: date, premises: Premises) -> Doubt | None:
    if premises.revoked_on is not None and day >= premises.revoked_on:
        return "revoked"
    if premises.licensed_from is None or premises.licensed_until is None:
        return "no_licence"
    if not premises.licensed_from <= day <= premises.licensed_until:
        return "licence_expired"
    return None


def _of_place(held: HeldSession, premises: Premises) -> Doubt | None:
    open_then = [site for site in premises.sites if site.was_open_on(held.on)]
    if held.site is not None:
        known = any(site.site_id == held.site for site in open_then)
        return None if known else "site_unknown"
    if held.address is None:
        return None
    return None if site_at(held.address, open_then) else "address_unknown"


def site_at(address: str, sites: Iterable[Site]) -> Site | None:
    """Return the first of some sites whose address is like the one told."""
    told = _plain(address)
    # Who stands at a door writes a floor and a room more than the licence does, or less.
    alike = (one for one in sites if _plain(one.address) in told or told in _plain(one.address))
    return next(alike, None)


def _plain(address: str) -> str:
    """Return an address without what people write differently: width, blanks and punctuation."""
    folded = unicodedata.normalize("NFKC", address).casefold()
    return "".join(char for char in folded if char.isalnum())
