"""Names over time of bodies that were renamed or whose work another one took over.

The code stays: it is the role in the plan, whoever fills it. Only these two are known to us, and
both changes are general knowledge, to be confirmed before they are shown as fact.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from shared.rules import Origin

_REGULATOR_REFORMED_ON: Final = date(2023, 5, 18)
_COUNTY_BRANCHES_ENDED_ON: Final = date(2023, 8, 18)


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """How a body is called in a half-open period, and how sure that is."""

    name: str
    origin: Origin
    since: date | None = None
    until: date | None = None
    note: str = ""

    def holds_on(self, day: date) -> bool:
        return (self.since is None or self.since <= day) and (
            self.until is None or day < self.until
        )


RENAMED: Final[dict[str, tuple[Name, ...]]] = {
    "pboc": (
        Name(name="市人民银行", origin="Seed", until=_COUNTY_BRANCHES_ENDED_ON),
        Name(
            name="中国人民银行嘉兴市分行",
            origin="G",
            since=_COUNTY_BRANCHES_ENDED_ON,
            note="2023年县（市）支行撤并，职责由嘉兴市分行承接；日期和分工待核实。",
        ),
    ),
    "cbirc": (
        Name(
            name="嘉兴银保监分局海宁监管组",
            origin="Seed",
            until=_REGULATOR_REFORMED_ON,
        ),
        Name(
            name="国家金融监督管理总局嘉兴监管分局海宁监管组",
            origin="G",
            since=_REGULATOR_REFORMED_ON,
            note="2023年5月银保监会改组为国家金融监督管理总局；县级机构的正式名称和日期待核实。",
        ),
    ),
}
"""The bodies with more than one name, oldest first, without a gap or an overlap."""
