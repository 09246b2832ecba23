"""What a route is made of, and the departments that the routes of several services name.

Every party is there on grounds: ids of tasks, groups and duties. A reason names them as the plan
numbers them and says in our own words why.
"""

from dataclasses import dataclass
from typing import Final, Literal

from shared.duties.annex4 import Duty
from shared.duties.grounds import cited, ground
from shared.duties.tasks import TOWN_ROW

Role = Literal["lead", "assist", "inform"]

# Stands for the department in charge of the institution concerned, which the caller derives.
COMPETENT: Final = "competent"

ROLE_NAMES: Final[dict[Role, str]] = {"lead": "牵头", "assist": "协同", "inform": "知会"}


@dataclass(frozen=True, slots=True)
class Party:
    """A department in a route, or ``COMPETENT``, and the grounds on which it is there."""

    department: str
    grounds: tuple[str, ...]
    says: str

    @property
    def reason(self) -> str:
        return f"{cited(self.grounds)}：{self.says}"


@dataclass(frozen=True, slots=True)
class Route:
    """Where one kind of finding goes; ``town`` says why the town of the institution is informed.

    ``of_platform`` leads where the finding is about a platform: no register says who is in charge.
    """

    lead: Party
    assist: tuple[Party, ...] = ()
    inform: tuple[Party, ...] = ()
    town: Party | None = None
    of_platform: Party | None = None

    @property
    def parties(self) -> tuple[tuple[Role, Party], ...]:
        """Everyone in the route with its role, the lead first."""
        return (
            ("lead", self.lead),
            *(("assist", party) for party in self.assist),
            *(("inform", party) for party in self.inform),
        )


def by_duty(identifier: str) -> Party:
    """Return a body that is there for what one clause of annex 4 asks of it, in those words."""
    duty = ground(identifier)
    if not isinstance(duty, Duty):
        raise TypeError(identifier)
    return Party(duty.body, (duty.id,), duty.text)


IN_CHARGE: Final[tuple[Party, ...]] = (
    Party(
        "education",
        ("task.18", "education.2"),
        "学科类培训机构的主管部门，负责其日常监管。",
    ),
    Party(
        "culture_tourism_sports",
        ("task.18", "culture_tourism_sports.1", "culture_tourism_sports.2"),
        "文化艺术类、体育类培训机构的主管部门，负责对其监管。",
    ),
    Party(
        "science_tech",
        ("task.18", "science_tech.1", "science_tech.2"),
        "科技创新类培训机构的主管部门，负责对其监管。",
    ),
)
WHERE_NONE_IS: Final = Party(
    "education",
    ("education.1",),
    "尚不能确定该机构的主管部门，由统筹协调“双减”工作的市教育局牵头。",
)
"""Who leads while nobody knows which of the three is in charge."""

COMPETENT_DEPARTMENTS: Final[dict[str, str]] = {
    party.department: party.reason for party in IN_CHARGE
}
"""Why each of the three is in charge of its institutions."""

ITS_TOWN: Final = Party(
    TOWN_ROW,
    ("towns.3", "towns.4"),
    "对辖区内培训机构作日常监管，发现违法违规的线索并督促整改。",
)
