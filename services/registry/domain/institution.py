"""An institution of the register and what can happen to it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from services.registry.domain.competence import Kind, competent_department
from services.registry.domain.licence import Licence
from services.registry.domain.site import (
    MOST_SITES,
    Place,
    Site,
    SiteClosedOtherwise,
    SiteEnteredOtherwise,
    SiteNotFound,
    TooManySites,
)
from shared.errors import Conflict, Forbidden, NotFound

Stage = Literal["preschool", "compulsory", "senior_secondary"]
Mode = Literal["offline", "online"]
Status = Literal["active", "revoked"]


class InstitutionNotFound(NotFound):
    """The register has no institution with this id."""

    code = "institution-not-found"
    title = "没有该培训机构"


class InstitutionRegisteredOtherwise(Conflict):
    """The register already knows this 统一社会信用代码, with other particulars."""

    code = "institution-registered-otherwise"
    title = "该统一社会信用代码已以不同内容登记"


class InstitutionRevokedOtherwise(Conflict):
    """The institution is already revoked, on another date or for another reason."""

    code = "institution-revoked-otherwise"
    title = "该培训机构已以不同日期或原因注销"


class InstitutionIsRevoked(Conflict):
    """An institution without a licence gets no other one and no further site."""

    code = "institution-is-revoked"
    title = "该培训机构已注销"


class NotInCharge(Forbidden):
    """Another department is in charge of institutions of this kind."""

    code = "not-in-charge"
    title = "不是该培训机构的主管部门"


@dataclass(frozen=True, slots=True, kw_only=True)
class Particulars:
    """What a department files about an institution."""

    name: str
    uscc: str
    kind: Kind
    stages: tuple[Stage, ...]
    mode: Mode
    town: str
    licence: Licence | None = None
    places: tuple[Place, ...] = ()

    def same_as(self, other: "Particulars") -> bool:
        """Tell whether both say the same; the order of stages and of places says nothing."""
        in_one_order = replace(other, stages=self.stages, places=self.places)
        return (
            self == in_one_order
            and set(self.stages) == set(other.stages)
            and set(self.places) == set(other.places)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Revocation:
    """From which day an institution has no licence any more, and why."""

    revoked_on: date
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Institution:
    """An institution as the register knows it; ``version`` counts its changes from 1.

    ``particulars`` stay as they were filed, so that the same filing is known again; ``licence`` and
    ``sites`` are those of this version.
    """

    institution_id: str
    version: int
    particulars: Particulars
    licence: Licence | None = None
    sites: tuple[Site, ...] = ()
    revocation: Revocation | None = None

    @property
    def status(self) -> Status:
        """Whether the institution is licensed."""
        return "active" if self.revocation is None else "revoked"

    @property
    def competent_department(self) -> str:
        """The department in charge of this institution."""
        return competent_department(self.particulars.kind)

    @property
    def towns(self) -> frozenset[str]:
        """Every town whose matter it is: where it is registered, and where it teaches."""
        return frozenset({self.particulars.town, *(s.place.town for s in self.sites if s.open)})

    def check_in_charge(self, office: str | None) -> None:
        """Refuse an office that is not in charge; without one it is an administrator."""
        if office not in (None, self.competent_department):
            raise NotInCharge("许可证和教学点由该机构的主管部门办理。")

    def revoked(self, revocation: Revocation) -> "Institution":
        """Return the institution without its licence; the same revocation again changes nothing."""
        if self.revocation == revocation:
            return self
        if self.revocation is not None:
            raise InstitutionRevokedOtherwise(
                f"该机构已于{self.revocation.revoked_on.isoformat()}注销，日期或原因与本次不同。"
            )
        return replace(self, version=self.version + 1, revocation=revocation)

    def licensed(self, licence: Licence) -> "Institution":
        """Return the institution with this licence; the same again changes nothing.

        A late repeat of an older filing does not undo a newer one.
        """
        following = licence if self.licence is None else licence.following(self.licence)
        if self.licence == following:
            return self
        self._check_active()
        return replace(self, version=self.version + 1, licence=following)

    def with_site(self, site: Site) -> "Institution":
        """Return the institution with one more site; the same place again changes nothing."""
        known = next((s for s in self.sites if s.open and _address(s) == _address(site)), None)
        if known is not None and known.place != site.place:
            raise SiteEnteredOtherwise("该地址已有教学点，所在镇（街道）或面积与本次不同。")
        if known is not None:
            return self
        self._check_active()
        if len(self.sites) >= MOST_SITES:
            raise TooManySites(f"每个机构最多登记{MOST_SITES}个教学点（含已关闭的）。")
        return replace(self, version=self.version + 1, sites=(*self.sites, site))

    def with_site_closed(self, site_id: str, closed_on: date) -> "Institution":
        """Return the institution with a site closed; the same day again changes nothing."""
        site = self.site(site_id)
        if site.closed_on == closed_on:
            return self
        if site.closed_on is not None:
            raise SiteClosedOtherwise(f"该教学点已于{site.closed_on.isoformat()}关闭。")
        closed = replace(site, closed_on=closed_on)
        sites = tuple(closed if s.site_id == site_id else s for s in self.sites)
        return replace(self, version=self.version + 1, sites=sites)

    def site(self, site_id: str) -> Site:
        """Return one of its sites, open or closed."""
        found = next((site for site in self.sites if site.site_id == site_id), None)
        if found is None:
            raise SiteNotFound(f"该机构没有编号为{site_id}的教学点。")
        return found

    def site_at(self, address: str) -> Site:
        """Return its open site at an address."""
        return next(s for s in self.sites if s.open and s.place.address == address)

    def _check_active(self) -> None:
        if self.revocation is not None:
            raise InstitutionIsRevoked(
                f"该机构已于{self.revocation.revoked_on.isoformat()}注销，不再办理许可证和教学点。"
            )


def register(
    particulars: Particulars, *, institution_id: str, site_ids: Sequence[str]
) -> Institution:
    """Return the first version of an institution, with an id for each place it names."""
    sites = zip(site_ids, particulars.places, strict=True)
    return Institution(
        institution_id=institution_id,
        version=1,
        particulars=particulars,
        licence=particulars.licence,
        sites=tuple(Site(site_id=site_id, place=place) for site_id, place in sites),
    )


def known_by(particulars: Particulars, *, known: Institution) -> Institution:
    """Return the institution that was entered by the same filing; refuse another one."""
    if not known.particulars.same_as(particulars):
        raise InstitutionRegisteredOtherwise(
            f"统一社会信用代码{particulars.uscc}已登记，登记内容与本次不同；变更登记须另行办理。"
        )
    return known


def _address(site: Site) -> str:
    return site.place.address
