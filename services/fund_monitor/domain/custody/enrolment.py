"""Custody enrolment (托管覆盖率): which active institutions have a confirmed account."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from services.fund_monitor.domain.custody.custody import Mode

Place: TypeAlias = Literal["confirmed", "exempt", "missing"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolled:
    """An active institution and where it stands: with an account, exempt, or without one."""

    institution_id: str
    name: str
    kind: str
    town: str
    competent_department: str
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """How many of some institutions have a confirmed account; who is paid after counts apart."""

    name: str
    active: int
    confirmed: int
    exempt: int

    @property
    def missing(self) -> int:
        return self.active - self.confirmed - self.exempt

    @property
    def rate_per_mille(self) -> int | None:
        """The rate in thousandths, rounded down; none where nobody needs an account."""
        needed = self.active - self.exempt
        return None if needed == 0 else self.confirmed * 1_000 // needed


def place_of(mode: Mode | None, *, has_open_account: bool) -> Place:
    """Return where an institution stands by its mode of today and by its confirmed accounts.

    Who has filed since that it is paid afterwards is exempt, whatever account is still open.
    """
    if mode == "post_paid":
        return "exempt"
    return "confirmed" if has_open_account else "missing"


def share_of(name: str, institutions: Iterable[Enrolled]) -> Share:
    """Count some institutions together."""
    places = Counter(each.place for each in institutions)
    return Share(
        name=name,
        active=places.total(),
        confirmed=places["confirmed"],
        exempt=places["exempt"],
    )


def shares_by(field: str, institutions: Sequence[Enrolled]) -> list[Share]:
    """Count institutions by one of their fields, in order of its values."""
    groups: dict[str, list[Enrolled]] = {}
    for each in institutions:
        groups.setdefault(getattr(each, field), []).append(each)
    return [share_of(name, groups[name]) for name in sorted(groups)]
