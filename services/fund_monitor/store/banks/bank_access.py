"""Where a bank's requests may come from, in its own document: effective with the commit."""

from pymongo.errors import DuplicateKeyError

from services.fund_monitor.domain.banks.bank_access import BankAccess
from services.fund_monitor.store.banks.banks import BANKS, BankNotFound, access_of
from shared.audit.log import AuditLog, Entry, Who
from shared.city_time import city_date
from shared.clock import machine_now
from shared.mongo import Database, Session, transact


class BankAccessStore:
    """The networks and certificates of banks, and the requests that came from elsewhere."""

    def __init__(self, db: Database, audit: AuditLog) -> None:
        self._db = db
        self._banks = db[BANKS]
        self._audit = audit

    async def get(self, code: str) -> BankAccess:
        """Return what is asked of a bank."""
        row = await self._banks.find_one({"_id": code}, {"access": 1})
        if row is None:
            raise BankNotFound(f"没有代码为 {code} 的银行")
        return access_of(row)

    async def put(self, code: str, access: BankAccess, *, why: str, who: Who) -> None:
        """Set what is asked of a bank; the same again is not recorded."""
        written = {
            "networks": [str(network) for network in access.networks],
            "certificates": list(access.certificates),
        }

        async def write(session: Session) -> None:
            done = await self._banks.update_one(
                {"_id": code}, {"$set": {"access": written}}, session=session
            )
            if done.matched_count == 0:
                raise BankNotFound(f"没有代码为 {code} 的银行")
            if done.modified_count:
                entry = Entry(
                    action="bank.access_changed",
                    about_kind="bank",
                    about_id=code,
                    who=who,
                    why=why,
                    details={
                        "networks": len(access.networks),
                        "certificates": len(access.certificates),
                    },
                )
                await self._audit.record(entry, session=session)

        await transact(self._db, write)

    async def note_refused(self, code: str, address: str, refusal: str) -> None:
        """Record a request from elsewhere, once a day for each address and kind of refusal."""
        day = city_date(machine_now())
        entry = Entry(
            action="bank.origin_refused",
            about_kind="bank",
            about_id=code,
            who=Who(role="bank", office=code),
            details={"address": address[:64], "refusal": refusal},
            identity=f"bank.origin_refused|{code}|{address[:64]}|{refusal}|{day}",
        )

        async def write(session: Session) -> None:
            await self._audit.record(entry, session=session)

        try:
            await transact(self._db, write)
        except DuplicateKeyError:
            # Today's is recorded.
            return
