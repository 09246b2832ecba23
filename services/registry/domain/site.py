"""A 教学点: where an institution teaches."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from shared.errors import Conflict, NotFound

MOST_SITES: Final = 100
"""Of one institution, the closed ones among them: a bound, not a rule."""


class SiteNotFound(NotFound):
    """The institution has no such site."""

    code = "site-not-found"
    title = "没有该教学点"


class SiteEnteredOtherwise(Conflict):
    """A site at this address is open already, with other particulars."""

    code = "site-entered-otherwise"
    title = "该地址的教学点已以不同内容登记"


class SiteClosedOtherwise(Conflict):
    """The site was closed on another day."""

    code = "site-closed-otherwise"
    title = "该教学点已于另一日期关闭"


class TooManySites(Conflict):
    """One institution has as many sites as the register takes."""

    code = "too-many-sites"
    title = "教学点数量已达上限"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What is filed of a site; one address is one site."""

    address: str
    town: str
    area_m2: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A place with an id of its own; from ``closed_on`` nobody teaches there any more."""

    site_id: str
    place: Place
    closed_on: date | None = None

    @property
    def open(self) -> bool:
        return self.closed_on is None
