"""Addresses of banks, each with a place in every stream that it is told: outcomes, differences.

What was delivered is a place, as in ``GET …/outcomes``: nothing is queued, nothing can be skipped,
and to send again is to go back. A page that was tried keeps its end, so that a repeat is the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, Final

from services.fund_monitor.store.banks.banks import BANKS, BankNotFound
from services.fund_monitor.store.banks.told import STREAMS, Stream, StreamName
from shared.audit.log import AuditLog, Entry, Who
from shared.clock import machine_now, milliseconds
from shared.duties.departments import SUITE_OPERATOR
from shared.errors import NotFound
from shared.ids import new_id
from shared.mongo import Database, Row, Session, transact
from shared.notify.jobs import Notification, enqueue
from shared.notify.model import delay_after
from shared.notify.subscriptions import live_secrets, secrets_after
from shared.sealing import Sealer
from shared.senders.signing import new_signing_secret

WEBHOOKS: Final = "bank_webhooks"
LEASE: Final = timedelta(seconds=60)
_IDLE: Final = timedelta(seconds=1)
_TOLD: Final = (SUITE_OPERATOR, "finance_office")


class BankWebhookNotFound(NotFound):
    """The bank has no address to which it is told anything."""

    code: ClassVar[str] = "bank-webhook-not-found"
    title: ClassVar[str] = "该银行没有登记接收地址"


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A bank that may be told of a stream now: from which place on, until which, if tried."""

    bank: str
    stream: Stream
    target: str
    sealed_secrets: tuple[str, ...]
    place: int
    until: int | None
    attempts: int
    lease: str


class BankWebhookStore:
    """The addresses of all banks; one each."""

    def __init__(self, db: Database, audit: AuditLog, sealer: Sealer) -> None:
        self._db = db
        self._rows = db[WEBHOOKS]
        self._audit = audit
        self._sealer = sealer

    async def put(self, bank: str, url: str, *, after: Mapping[str, int], who: Who) -> str:
        """Set a bank's address and return its new secret; a disabled one is tried again.

        A first address is told what comes from now on, unless places are given by the names of
        streams; a later one goes on where the one before has ended.
        """
        secret = new_signing_secret()
        sealed = self._sealer.seal(secret)

        async def write(session: Session) -> None:
            if await self._db[BANKS].find_one({"_id": bank}, {"_id": 1}, session=session) is None:
                raise BankNotFound(f"没有代码为 {bank} 的银行")
            before = await self._rows.find_one({"_id": bank}, session=session) or {}
            streams: Row = {}
            for stream in STREAMS:
                known = before.get("streams", {}).get(stream.name, {})
                head = await self._head(stream, bank, session)
                place = min(after[stream.name], head) if stream.name in after else None
                streams[stream.name] = {
                    **_from(known.get("place", head) if place is None else place),
                    "delivered_at": known.get("delivered_at"),
                }
            row = {
                "_id": bank,
                "url": url,
                "secrets": secrets_after(before.get("secrets", []), sealed),
                "changed_at": milliseconds(machine_now()),
                "disabled_because": None,
                "streams": streams,
            }
            await self._rows.replace_one({"_id": bank}, row, upsert=True, session=session)
            await self._record("bank.webhook_set", bank, who, session)

        await transact(self._db, write)
        return secret

    async def get(self, bank: str, *, session: Session | None = None) -> Row:
        """Return a bank's address with how far it has been told, and how far there is to tell."""
        row = await self._rows.find_one({"_id": bank}, {"secrets": 0}, session=session)
        if row is None:
            raise BankWebhookNotFound(f"银行 {bank} 没有登记接收地址")
        for stream in STREAMS:
            row["streams"][stream.name]["head"] = await self._head(stream, bank, session)
        return row

    async def remove(self, bank: str, *, who: Who) -> None:
        """Forget a bank's address with its secrets."""

        async def write(session: Session) -> None:
            await self.get(bank, session=session)
            await self._rows.delete_one({"_id": bank}, session=session)
            await self._record("bank.webhook_removed", bank, who, session)

        await transact(self._db, write)

    async def go_back(self, bank: str, stream: StreamName, place: int, *, who: Who) -> None:
        """Let everything of a stream after a place be told again; a disabled address is tried."""

        async def write(session: Session) -> None:
            streams = (await self.get(bank, session=session))["streams"]
            # A cursor that nobody was given may say anything: beyond the head it would skip.
            back = min(place, streams[stream]["head"])
            change: Row = {"disabled_because": None}
            for name, known in streams.items():
                anew = _from(back if name == stream else known["place"])
                change |= {f"streams.{name}.{field}": value for field, value in anew.items()}
            await self._rows.update_one({"_id": bank}, {"$set": change}, session=session)
            await self._record("bank.webhook_replayed", bank, who, session, place=back)

        await transact(self._db, write)

    async def lease(self, stream: Stream) -> Due | None:
        """Take a bank whose turn it is; it is everybody's again when the lease runs out."""
        now, token = machine_now(), new_id()
        mine = f"streams.{stream.name}"
        row = await self._rows.find_one_and_update(
            {"disabled_because": None, f"{mine}.due_at": {"$lte": now}},
            {"$set": {f"{mine}.due_at": now + LEASE, f"{mine}.lease": token}},
            sort=[(f"{mine}.due_at", 1)],
            return_document=True,
        )
        if row is None:
            return None
        standing = row["streams"][stream.name]
        return Due(
            bank=row["_id"],
            stream=stream,
            target=row["url"],
            sealed_secrets=tuple(live_secrets(row["secrets"])),
            place=standing["place"],
            until=standing["until"],
            attempts=standing["attempts"],
            lease=token,
        )

    async def trying(self, due: Due, until: int) -> bool:
        """Note the end of the page that is tried now; ``False`` when the lease is lost."""
        return await self._mark(due, {"until": until}, held=True)

    async def nothing(self, due: Due) -> None:
        """Note that there is nothing to tell yet."""
        await self._mark(due, {"due_at": machine_now() + _IDLE})

    async def delivered(self, due: Due, until: int) -> None:
        """Note that everything until a place has arrived."""
        now = milliseconds(machine_now())
        await self._mark(due, {**_from(until), "delivered_at": now})

    async def failed(self, due: Due, reason: str) -> None:
        """Note why an attempt failed; after the last one the address is disabled."""
        attempts = due.attempts + 1
        delay = delay_after(attempts)
        noted: Row = {"attempts": attempts, "last_failure": reason}
        if delay is not None:
            await self._mark(due, {**noted, "due_at": machine_now() + delay})
            return
        await self.gone(due, f"连续 {attempts} 次未送达：{reason}")

    async def gone(self, due: Due, reason: str) -> None:
        """Disable an address, and tell whom it concerns; where it stopped is kept."""

        async def write(session: Session) -> None:
            noted = {"attempts": due.attempts + 1, "last_failure": reason}
            if not await self._mark(due, noted, disabled_because=reason, session=session):
                return
            await enqueue(self._db, _notices(due.bank, reason), session=session)
            who = Who(role="service")
            await self._record("bank.webhook_disabled", due.bank, who, session)

        await transact(self._db, write)

    async def _mark(
        self,
        due: Due,
        fields: Row,
        *,
        held: bool = False,
        disabled_because: str | None = None,
        session: Session | None = None,
    ) -> bool:
        mine = f"streams.{due.stream.name}"
        change = {f"{mine}.{name}": value for name, value in fields.items()}
        if not held:
            change[f"{mine}.lease"] = None
        if disabled_because is not None:
            change["disabled_because"] = disabled_because
        leased = {"_id": due.bank, f"{mine}.lease": due.lease}
        done = await self._rows.update_one(leased, {"$set": change}, session=session)
        return done.matched_count == 1

    async def _head(self, stream: Stream, bank: str, session: Session | None) -> int:
        row = await self._db[stream.heads].find_one({"_id": bank}, session=session)
        return 0 if row is None else int(row["last"])

    async def _record(
        self, action: str, bank: str, who: Who, session: Session, **details: int
    ) -> None:
        entry = Entry(
            action=action, about_kind="bank", about_id=bank, who=who, details=dict(details)
        )
        await self._audit.record(entry, session=session)


def _from(place: int) -> Row:
    """Return how a stream stands of which a bank is to be told what comes after a place."""
    now: datetime = milliseconds(machine_now())
    return {
        "place": place,
        "until": None,
        "attempts": 0,
        "due_at": now,
        "lease": None,
        "last_failure": None,
    }


def _notices(bank: str, reason: str) -> list[Notification]:
    return [
        Notification(
            department=department,
            kind="delivery_failed",
            title=f"银行 {bank} 的推送已停用",
            text=f"{reason}。未送达的结果和差异仍可由银行按游标读取；重新登记地址后从停下处继续推送。",
            data={"bank": bank},
        )
        for department in _TOLD
    ]
