"""Reports of practice in MongoDB: one document each, with its versions, opinions and steps."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Final

from pymongo.errors import DuplicateKeyError

from services.schedule_monitor.domain.practices.practice import (
    WAITING,
    Decision,
    Evidence,
    Opinion,
    Practice,
    PracticeReportedOtherwise,
    PracticeReportNotFound,
    Report,
    State,
    Step,
    Told,
)
from shared.marks import FROM_THE_BEGINNING, mark
from shared.mongo import Database, Row, Session

PLATFORM: Final = "platform"
"""The kind of mark that asks for a platform's reports."""
_SCHEMA: Final = 1
# What judging does not need: free text, and what was before.
_HEAVY: Final = {"former": 0, "steps": 0, "told.seen": 0, "told.evidence": 0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Whose:
    """Whose matter reports are: of an office that made them, on a town's ground, of an institution.

    An institution's are those that it made itself; nothing set is everybody's.
    """

    office: str | None = None
    town: str | None = None
    institution: str | None = None

    def query(self) -> list[Row]:
        """Return the filters one of which a report meets; none where all do."""
        wanted = {"office": self.office, "town": self.town, "institution": self.institution}
        return [{name: value} for name, value in wanted.items() if value is not None]

    def has(self, report: Report) -> bool:
        """Tell whether a report is among them."""
        named = ("office", "town", "institution")
        wanted = [(getattr(self, name), getattr(report, name)) for name in named]
        asked = [pair for pair in wanted if pair[0] is not None]
        return not asked or any(own == theirs for own, theirs in asked)


EVERYBODYS: Final = Whose()


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedReports:
    """Which reports are asked for: newest first, those reported before ``before`` (an id)."""

    institution_id: str | None = None
    platform: str | None = None
    practice: Practice | None = None
    state: State | None = None
    waiting: bool | None = None
    overdue: bool | None = None
    responsible: str | None = None
    whose: Whose = EVERYBODYS
    before: str | None = None
    limit: int = 50

    def query(self) -> Row:
        """Return the filter that finds them."""
        wanted: Row = {
            "told.institution_id": self.institution_id,
            "told.platform": self.platform,
            "told.practice": self.practice,
            "state": self.state,
            "responsible": self.responsible,
            "_id": None if self.before is None else {"$lt": self.before},
        }
        if self.waiting is not None and self.state is None:
            wanted["state"] = {"$in" if self.waiting else "$nin": list(WAITING)}
        if self.overdue is not None:
            wanted["overdue_at"] = {"$ne": None} if self.overdue else {"$type": "null"}
        theirs = self.whose.query()
        found = {name: value for name, value in wanted.items() if value is not None}
        return {**found, "$or": theirs} if theirs else found


class PracticeStore:
    """The reports of practice."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._rows = db["practice_reports"]

    async def with_digest(self, digest: str, *, session: Session | None = None) -> Report | None:
        """Return the report that was first made with some content."""
        row = await self._rows.find_one({"digest": digest}, session=session)
        return None if row is None else _report(row)

    async def add(self, report: Report, *, digest: str, session: Session) -> None:
        """Write a report; the same content from the same office again ends the transaction."""
        try:
            await self._rows.insert_one(
                {"_id": report.report_id, "schema": _SCHEMA, "digest": digest, **_fields(report)},
                session=session,
            )
        except DuplicateKeyError as error:
            raise PracticeReportedOtherwise("同一反映正在报送，请稍后重试。") from error

    async def get(self, report_id: str, *, session: Session | None = None) -> Report:
        """Return one report."""
        row = await self._rows.find_one({"_id": report_id}, session=session)
        if row is None:
            raise PracticeReportNotFound("没有这个编号的反映，或无权查看。")
        return _report(row)

    async def change(self, report: Report, *, session: Session) -> None:
        """Write what has become of a report; whoever writes at once is repeated."""
        await self._rows.update_one(
            {"_id": report.report_id}, {"$set": _fields(report)}, session=session
        )

    async def page(self, asked: AskedReports) -> list[Report]:
        """Return one page of reports, the newest first."""
        found = self._rows.find(asked.query()).sort("_id", -1).limit(asked.limit)
        return [_report(row) async for row in found]

    async def count(self, told: Told, *, session: Session) -> int:
        """Count the reports on the same institution or platform."""
        return await self._rows.count_documents(_about(told), session=session)

    async def of_institution(self, institution_id: str, *, session: Session) -> list[Report]:
        """Return what is reported of an institution, as far as judging needs it."""
        return await self._judged({"told.institution_id": institution_id}, session)

    async def of_institutions(
        self, institutions: Iterable[str], *, since: date, session: Session
    ) -> dict[str, list[Report]]:
        """Return what is reported of some institutions with its last day from a day on."""
        which = {
            "told.institution_id": {"$in": sorted(institutions)},
            "told.last_on": {"$gte": since.isoformat()},
        }
        found: dict[str, list[Report]] = {}
        for report in await self._judged(which, session):
            found.setdefault(report.told.institution_id or "", []).append(report)
        return found

    async def of_platform(self, platform: str, *, session: Session) -> list[Report]:
        """Return what is reported of a platform, as far as judging needs it."""
        return await self._judged({"told.platform": platform}, session)

    async def judge_again(self, told: Told, *, month: str, cause: str, session: Session) -> None:
        """Mark the institution or platform that a report is about."""
        if told.platform is not None:
            again = mark(PLATFORM, told.platform, FROM_THE_BEGINNING, [cause])
        else:
            # From a month on: what was held before is judged as it was.
            again = mark("institution", told.institution_id or "", month, [cause])
        await self._db["to_judge"].bulk_write([again], session=session)

    async def keep_in_charge(
        self, institution_id: str, *, department: str, town: str, session: Session
    ) -> None:
        """Follow the register: reports on an institution lie with whoever is in charge of it."""
        now = {"responsible": [department], "town": town}
        other = {"$or": [{name: {"$ne": value}} for name, value in now.items()]}
        await self._rows.update_many(
            {"told.institution_id": institution_id, **other}, {"$set": now}, session=session
        )

    async def _judged(self, whose: Row, session: Session) -> list[Report]:
        found = self._rows.find({**whose, "withdrawn": False}, _HEAVY, session=session)
        return [_report(row) async for row in found.sort("_id", 1)]


def _about(told: Told) -> Row:
    if told.platform is not None:
        return {"told.platform": told.platform}
    return {"told.institution_id": told.institution_id}


def _fields(report: Report) -> Row:
    row = asdict(report)
    del row["report_id"]
    for told in (row["told"], *row["former"]):
        for name in ("first_on", "last_on"):
            told[name] = told[name].isoformat()
        told["evidence"] = list(told["evidence"])
    for name in ("former", "opinions", "decisions", "steps", "responsible"):
        row[name] = list(row[name])
    # Lists are asked for by it; it follows from the rest.
    row["state"] = report.state
    return row


def _report(row: Row) -> Report:
    given: dict[str, Any] = {
        name: row[name]
        for name in ("reported_at", "office", "institution", "town", "withdrawn", "overdue_at")
    }
    return Report(
        report_id=row["_id"],
        told=_told(row["told"]),
        responsible=tuple(row["responsible"]),
        former=tuple(_told(one) for one in row.get("former", ())),
        opinions=tuple(Opinion(**one) for one in row["opinions"]),
        decisions=tuple(Decision(**one) for one in row["decisions"]),
        steps=tuple(Step(**one) for one in row.get("steps", ())),
        **given,
    )


def _told(row: Mapping[str, Any]) -> Told:
    evidence = tuple(Evidence(**one) for one in row.get("evidence", ()))
    days = {name: date.fromisoformat(row[name]) for name in ("first_on", "last_on")}
    return Told(**{"seen": "", **row, **days, "evidence": evidence})
