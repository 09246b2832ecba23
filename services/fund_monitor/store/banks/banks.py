"""Banks, their declared identity fields and their sealed signing secrets."""

from collections.abc import Sequence
from datetime import date, datetime
from functools import partial
from ipaddress import ip_network
from typing import ClassVar, Final

from pymongo import InsertOne
from pymongo.errors import DuplicateKeyError

from services.fund_monitor.domain.banks.admission import BankState
from services.fund_monitor.domain.banks.bank import Bank
from services.fund_monitor.domain.banks.bank_access import BankAccess
from services.fund_monitor.store.gathered import Gathered
from shared.audit.log import AuditLog, Entry, Who
from shared.clock import milliseconds
from shared.errors import Conflict, NotFound
from shared.marks import FROM_THE_BEGINNING, mark
from shared.mongo import Database, Row, Session, transact
from shared.senders.store import secret_row, secrets_of

BANKS: Final = "banks"


class BankExists(Conflict):
    """A bank of this code is there already; its secret is not shown again."""

    code: ClassVar[str] = "bank-exists"
    title: ClassVar[str] = "该银行代码已存在"


class BankNotFound(NotFound):
    """There is no bank of this code."""

    code: ClassVar[str] = "bank-not-found"
    title: ClassVar[str] = "没有这家银行"


class IdentityFieldsFixed(Conflict):
    """The identity fields are fixed from a bank's first event."""

    code: ClassVar[str] = "identity-fields-fixed"
    title: ClassVar[str] = "标识字段自首个事件起不可更改"


class BankStore:
    """The banks of fund_monitor."""

    def __init__(self, db: Database, audit: AuditLog) -> None:
        self._db = db
        self._banks = db[BANKS]
        self._audit = audit
        self._known = Gathered(self._of_codes)
        self._noting = Gathered(self._note)
        self._beginning = Gathered(self._begin)

    async def add(self, bank: Bank, *, who: Who, now: datetime, session: Session) -> None:
        """Add a bank with its first secret, in the caller's transaction."""
        row: Row = {
            "_id": bank.code,
            "name": bank.name,
            "identity_fields": list(bank.identity_fields),
            "secrets": [secret_row(one) for one in bank.secrets],
            "has_sent": bank.has_sent,
            "state": bank.state,
            "added_at": milliseconds(now),
        }
        try:
            await self._banks.insert_one(row, session=session)
        except DuplicateKeyError as error:
            raise BankExists(f"银行 {bank.code} 已登记，签名密钥只在登记时显示一次") from error
        await self._audit.record(_entry("bank.added", bank.code, who), session=session)

    async def find(self, code: str) -> Bank | None:
        """Return a bank, or nothing when there is none of this code."""
        return (await self._known.ask([code])).get(code)

    async def _of_codes(self, codes: Sequence[str]) -> dict[str, Bank]:
        found = self._banks.find({"_id": {"$in": list(codes)}})
        return {row["_id"]: _bank(row) async for row in found}

    async def declare(self, code: str, identity_fields: tuple[str, ...], *, who: Who) -> None:
        """Change the identity fields of a bank that has sent nothing yet."""

        async def write(session: Session) -> bool:
            done = await self._banks.update_one(
                {"_id": code, "has_sent": False},
                {"$set": {"identity_fields": list(identity_fields)}},
                session=session,
            )
            if done.modified_count:
                await self._audit.record(_declared(code, identity_fields, who), session=session)
            return done.matched_count == 1

        if not await transact(self._db, write):
            if await self.find(code) is None:
                raise BankNotFound(f"没有代码为 {code} 的银行")
            raise IdentityFieldsFixed(f"银行 {code} 已经报送过事件")

    async def note_sent(self, code: str, today: date) -> None:
        """Note that a bank has sent something on a day of the service's clock.

        A day's first requests come together, and each would change the same document: who comes
        while that is done is noted with all who wait.
        """
        await self._noting.ask([f"{today.isoformat()}|{code}"])

    async def _note(self, keys: Sequence[str]) -> dict[str, None]:
        for key in keys:
            day, _, code = key.partition("|")
            await transact(self._db, partial(_noted, self._db, code, date.fromisoformat(day)))
        return dict.fromkeys(keys)

    async def begin(self, bank: Bank) -> bool:
        """Note a bank's first event; ``False`` when its declaration changed meanwhile."""
        key = "|".join((bank.code, *bank.identity_fields))
        return (await self._beginning.ask([key]))[key]

    async def _begin(self, keys: Sequence[str]) -> dict[str, bool]:
        return {key: await self._begun(*key.split("|")) for key in keys}

    async def _begun(self, code: str, *identity_fields: str) -> bool:
        done = await self._banks.update_one(
            {"_id": code, "identity_fields": list(identity_fields)}, {"$set": {"has_sent": True}}
        )
        return done.matched_count == 1


async def _noted(db: Database, bank: str, today: date, session: Session) -> None:
    await note_sent(db, bank, today, session=session)


async def note_sent(db: Database, bank: str, today: date, *, session: Session) -> None:
    """Note in the caller's transaction that a bank has sent something on a day."""
    day = today.isoformat()
    earlier = {"_id": bank, "$or": [{"last_sent_on": None}, {"last_sent_on": {"$lt": day}}]}
    noted = await db[BANKS].update_one(earlier, {"$set": {"last_sent_on": day}}, session=session)
    if noted.modified_count:
        # If it was silent, that has ended.
        await db["to_judge"].bulk_write([judge_again(bank)], session=session)


def judge_again(bank: str) -> InsertOne[Row]:
    """Return the mark that has a bank judged again, with all its months."""
    return mark("bank", bank, FROM_THE_BEGINNING, [f"bank:{bank}"])


def _bank(row: Row) -> Bank:
    return Bank(
        row["_id"],
        row["name"],
        tuple(row["identity_fields"]),
        secrets_of(row),
        row["has_sent"],
        state_of(row),
        date.fromisoformat(row["last_sent_on"]) if "last_sent_on" in row else None,
        access_of(row),
    )


def state_of(row: Row) -> BankState:
    """Return the state in a bank's document; banks of before there were states are live."""
    state: BankState = row.get("state", "live")
    return state


def access_of(row: Row) -> BankAccess:
    """Return what is asked of a bank's requests; nothing of banks for which nothing was set."""
    found = row.get("access") or {}
    return BankAccess(
        tuple(ip_network(network) for network in found.get("networks", ())),
        tuple(found.get("certificates", ())),
    )


def _declared(code: str, identity_fields: tuple[str, ...], who: Who) -> Entry:
    return Entry(
        action="bank.identity_fields_declared",
        about_kind="bank",
        about_id=code,
        who=who,
        details={"identity_fields": ",".join(identity_fields)},
    )


def _entry(action: str, code: str, who: Who) -> Entry:
    return Entry(action=action, about_kind="bank", about_id=code, who=who)
