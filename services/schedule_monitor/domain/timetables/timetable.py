"""A filed timetable: what an institution plans to hold, in versions of its own counting."""

from collections import Counter
from dataclasses import dataclass
from typing import Final

from services.schedule_monitor.domain.session import Stated
from shared.errors import Conflict, NotFound, Rejected

# All current classes of an institution are judged in one transaction: two decades of full terms.
MOST_SESSIONS_OF_AN_INSTITUTION: Final = 20_000
# One filing is one document, one transaction and one answer that lists every class.
MOST_SESSIONS_OF_A_FILING: Final = 5_000


class TimetableNotFound(NotFound):
    """There is no such timetable, or it is not this caller's matter."""

    code = "timetable-not-found"
    title = "没有这份课表"

    @classmethod
    def by_id(cls, timetable_id: str) -> "TimetableNotFound":
        """Return the same words for both cases: nobody learns what another institution filed."""
        return cls(f"没有编号为{timetable_id}的课表，或无权查看。")


class TimetableFiledOtherwise(Conflict):
    """This version of the timetable was filed before, with other classes."""

    code = "timetable-filed-otherwise"
    title = "该版本课表已以不同内容备案"


class TimetableOutdated(Conflict):
    """A later version of the timetable has been filed."""

    code = "timetable-outdated"
    title = "已有更新版本的课表"


class TooManySessions(Rejected):
    """A filing, or all of an institution together, has more classes than are judged at once."""

    code = "too-many-sessions"
    title = "课次总数超过上限"


class OtherLabel(Rejected):
    """Two timetables are compared that are no versions of the same."""

    code = "other-timetable"
    title = "不是同一份课表的两个版本"


class InstitutionUnknown(Conflict):
    """The register has told nothing of this institution so far; it may yet."""

    code = "institution-unknown"
    title = "尚未收到该机构的登记信息，请稍后重试"
    retry_after_seconds = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Filing:
    """What is filed; institution, label and version together are filed once.

    ``plan`` is the digest of what was sent where that held weekly patterns: a calendar that has
    changed since makes other classes of the same patterns. ``receipt`` is the check it quotes.
    """

    institution_id: str
    label: str
    version: int
    sessions: tuple[Stated, ...]
    plan: str | None = None
    receipt: str | None = None

    @property
    def place(self) -> tuple[str, str]:
        """Whose timetable this is, and which: what versions are counted within."""
        return self.institution_id, self.label

    def says_the_same_as(self, other: "Filing") -> bool:
        """Tell whether both hold the same classes; their order says nothing."""
        if self.plan is not None and self.plan == other.plan:
            return True
        return Counter(self.sessions) == Counter(other.sessions)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timetable:
    """A filing as it is kept; only the latest version of a label is current.

    ``previous`` is the timetable whose place it took.
    """

    timetable_id: str
    filing: Filing
    current: bool = True
    previous: str | None = None


def accept(
    filing: Filing,
    *,
    timetable_id: str,
    known: Timetable | None,
    latest: Timetable | None,
    elsewhere: int,
) -> Timetable:
    """Return the timetable of a filing: the known one for a repeat, else a new current one.

    ``latest`` is the highest version of its label, ``elsewhere`` counts classes of other labels.
    """
    if known is not None:
        if not known.filing.says_the_same_as(filing):
            raise TimetableFiledOtherwise(
                f"“{filing.label}”第{filing.version}版已备案，内容与本次不同；更改须以更高的版本号重新备案。"
            )
        return known
    if latest is not None and filing.version < latest.filing.version:
        raise TimetableOutdated(
            f"“{filing.label}”已备案至第{latest.filing.version}版，不能再备案第{filing.version}版。"
        )
    if elsewhere + len(filing.sessions) > MOST_SESSIONS_OF_AN_INSTITUTION:
        raise TooManySessions(
            f"该机构其他现行课表已有{elsewhere}节课，合计不得超过{MOST_SESSIONS_OF_AN_INSTITUTION}节；"
            "已结束的课表可以更高版本报送空课表撤下。"
        )
    previous = None if latest is None else latest.timetable_id
    return Timetable(timetable_id=timetable_id, filing=filing, previous=previous)
