"""Releases by hand: asked for, and answered once by a second person of the department in charge."""

from dataclasses import asdict, replace
from datetime import datetime
from typing import ClassVar

from services.fund_monitor.domain.lessons.manual_release import ManualRelease, Paper, State
from services.fund_monitor.store.lessons.lessons import LessonStore
from shared.access.tokens import Caller
from shared.audit.log import AuditLog, Entry, Who
from shared.city_time import city_month
from shared.errors import Conflict, Forbidden, NotFound, Rejected
from shared.mongo import Database, Row, Session, transact


class ManualReleaseNotFound(NotFound):
    """There is no such request, or not for this caller."""

    code: ClassVar[str] = "manual-release-not-found"
    title: ClassVar[str] = "没有此人工划拨申请"


class ReleaseOfUnknown(NotFound):
    """The institution is not registered here."""

    code: ClassVar[str] = "institution-unknown"
    title: ClassVar[str] = "没有此培训机构"


class AlreadyAnswered(Conflict):
    """A request is answered once."""

    code: ClassVar[str] = "manual-release-answered"
    title: ClassVar[str] = "该申请已有复核结果"


class MoreThanUnreleased(Rejected):
    """What is asked for is not less than what the contract still has in the account."""

    code: ClassVar[str] = "more-than-unreleased"
    title: ClassVar[str] = "金额须小于该合同尚未划拨的余额"


class SecondPersonNeeded(Forbidden):
    """Whoever asks for a release may not approve it."""

    code: ClassVar[str] = "second-person-needed"
    title: ClassVar[str] = "须由另一人复核"


class ManualReleaseStore:
    """The requests of fund_monitor."""

    def __init__(self, db: Database, audit: AuditLog) -> None:
        self._db = db
        self._rows = db["manual_releases"]
        self._audit = audit
        self._lessons = LessonStore(db)

    async def ask(self, asked: ManualRelease, *, caller: Caller, session: Session) -> None:
        """Keep a request in the caller's transaction."""
        await self._of(asked.institution_id, caller, session)
        await self._hold_amount(asked, session)
        await self._rows.insert_one(_row(asked), session=session)
        await self._record("manual-release.asked", asked, Who.of(caller), session)

    async def answer(
        self, release_id: str, state: State, *, caller: Caller, reason: str | None, now: datetime
    ) -> ManualRelease:
        """Approve or refuse a request, and have its institution judged again."""

        async def work(session: Session) -> ManualRelease:
            row = await self._rows.find_one({"_id": release_id}, session=session)
            if row is None:
                raise ManualReleaseNotFound(f"没有人工划拨申请 {release_id}")
            asked = _release(row)
            await self._of(asked.institution_id, caller, session)
            if asked.asked_by == caller.subject:
                raise SecondPersonNeeded("申请人不得复核本人的申请")
            if asked.state != "requested":
                raise AlreadyAnswered(f"该申请已{_SAID[asked.state]}")
            if state == "approved":
                await self._hold_amount(asked, session)
            answered = replace(asked, state=state, answered_at=now, answer_reason=reason)
            await self._rows.replace_one({"_id": asked.id}, _row(answered), session=session)
            await self._record(f"manual-release.{state}", answered, Who.of(caller), session)
            await self._lessons.judge_again(
                asked.institution_id,
                month=city_month(now),
                cause=f"manual-release:{asked.id}",
                session=session,
            )
            return answered

        return await transact(self._db, work)

    async def page(self, caller: Caller, *, before: str | None, limit: int) -> list[ManualRelease]:
        """Return the requests that a caller may see, the newest first."""
        asked: Row = {}
        if caller.role == "institution":
            asked["institution_id"] = caller.institution
        elif caller.role == "staff":
            theirs = {"competent_department": caller.office}
            known = self._db["institutions"].find(theirs, {"_id": 1})
            asked["institution_id"] = {"$in": [row["_id"] async for row in known]}
        if before is not None:
            asked["_id"] = {"$lt": before}
        return [_release(row) async for row in self._rows.find(asked).sort("_id", -1).limit(limit)]

    async def _of(self, institution_id: str, caller: Caller, session: Session) -> None:
        """Refuse a caller who neither is the institution nor in charge of it."""
        if caller.role == "institution" and caller.institution != institution_id:
            raise Forbidden("培训机构只能办理本机构的事项")
        row = await self._db["institutions"].find_one({"_id": institution_id}, session=session)
        if row is None:
            raise ReleaseOfUnknown(f"没有编号为 {institution_id} 的培训机构")
        if caller.role != "institution":
            caller.require_department(row["competent_department"])

    async def _hold_amount(self, asked: ManualRelease, session: Session) -> None:
        known = await self._db["institutions"].find_one(
            {"_id": asked.institution_id}, session=session
        )
        accounts = self._db["accounts"].find(
            {"institution_code": (known or {}).get("uscc"), "account_kind": "custody"},
            session=session,
        )
        keys = [f"{row['_id']}|{asked.contract_no}" async for row in accounts]
        left = 0
        async for row in self._db["contract_positions"].find(
            {"_id": {"$in": keys}}, session=session
        ):
            left += row.get("paid_fen", 0) + row.get("returned_fen", 0)
            left -= row.get("released_fen", 0) + row.get("refunded_fen", 0)
        if asked.amount_fen >= left:
            raise MoreThanUnreleased(
                f"合同 {asked.contract_no} 尚未划拨的余额为{left}分",
                fields=[("/amount_fen", f"须小于{left}")],
            )

    async def _record(
        self, action: str, release: ManualRelease, who: Who, session: Session
    ) -> None:
        entry = Entry(
            action=action,
            about_kind="manual_release",
            about_id=release.id,
            who=who,
            why=release.answer_reason or release.reason,
            details={
                "institution": release.institution_id,
                "amount_fen": release.amount_fen,
                "papers": len(release.papers),
            },
        )
        await self._audit.record(entry, session=session)


_SAID: dict[State, str] = {"requested": "提出", "approved": "同意", "refused": "退回"}


def _row(release: ManualRelease) -> Row:
    row = asdict(release)
    return {"_id": row.pop("id"), "schema": 1, **row}


def _release(row: Row) -> ManualRelease:
    fields = {name: value for name, value in row.items() if name not in ("_id", "schema")}
    papers = tuple(Paper(**paper) for paper in fields.pop("papers"))
    return ManualRelease(id=row["_id"], papers=papers, **fields)
