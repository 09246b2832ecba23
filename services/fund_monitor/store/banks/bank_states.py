"""The state of a bank in its own document: effective at the door with the commit."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Final

from services.fund_monitor.domain.banks.admission import NEXT, BankState, may_become
from services.fund_monitor.store.banks.banks import BANKS, BankNotFound, state_of
from shared.audit.log import AuditLog, Entry, Who
from shared.clock import milliseconds
from shared.errors import Conflict, Rejected
from shared.mongo import Database, Row, Session, transact

_STATED: Final = {"state": 1, "stated": 1, "added_at": 1}


class StateNotNext(Conflict):
    """The state asked for does not follow the one in which the bank is."""

    code: ClassVar[str] = "bank-state-not-next"
    title: ClassVar[str] = "不能从当前状态转为所述状态"


class ConformanceMissing(Rejected):
    """A bank is certified by a run of the kit that it passed, and by nothing else."""

    code: ClassVar[str] = "conformance-missing"
    title: ClassVar[str] = "认证须登记接口检验结果的摘要"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A change of a bank's state, with its reason."""

    to: BankState
    reason: str
    conformance_digest: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The state of a bank, since when and why."""

    bank: str
    state: BankState
    since: datetime
    reason: str | None
    conformance_digest: str | None


class BankStateStore:
    """Where banks stand on their way to the door."""

    def __init__(self, db: Database, audit: AuditLog) -> None:
        self._db = db
        self._banks = db[BANKS]
        self._audit = audit

    async def standing(self, code: str, *, session: Session | None = None) -> Standing:
        """Return where a bank stands."""
        row = await self._banks.find_one({"_id": code}, _STATED, session=session)
        if row is None:
            raise BankNotFound(f"没有代码为 {code} 的银行")
        return _standing(row)

    async def take(self, code: str, step: Step, *, who: Who, now: datetime) -> Standing:
        """Take a step; one that was taken already is answered as it stands."""

        async def write(session: Session) -> Standing:
            standing = await self.standing(code, session=session)
            if standing.state == step.to:
                return standing
            _check(standing, step)
            digest = step.conformance_digest or standing.conformance_digest
            stated = {
                "since": milliseconds(now),
                "reason": step.reason,
                "conformance_digest": digest,
            }
            change = {"$set": {"state": step.to, "stated": stated}}
            await self._banks.update_one({"_id": code}, change, session=session)
            await self._audit.record(_entry(standing, step, who), session=session)
            return await self.standing(code, session=session)

        return await transact(self._db, write)


def _check(now: Standing, step: Step) -> None:
    if not may_become(now.state, step.to):
        following = "、".join(NEXT[now.state])
        raise StateNotNext(f"银行 {now.bank} 现为 {now.state}，只能转为 {following}")
    if step.to == "certified" and step.conformance_digest is None:
        told = "填写 ./run bank-kit 打印的结果摘要"
        raise ConformanceMissing(told, fields=[("/conformance_digest", told)])


def _standing(row: Row) -> Standing:
    stated = row.get("stated") or {}
    return Standing(
        bank=row["_id"],
        state=state_of(row),
        since=stated.get("since") or row["added_at"],
        reason=stated.get("reason"),
        conformance_digest=stated.get("conformance_digest"),
    )


def _entry(now: Standing, step: Step, who: Who) -> Entry:
    return Entry(
        action="bank.state_changed",
        about_kind="bank",
        about_id=now.bank,
        who=who,
        details={
            "from": now.state,
            "to": step.to,
            "reason": step.reason,
            "conformance_digest": step.conformance_digest or "",
        },
    )
