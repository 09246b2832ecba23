"""What the others are told of the calendar: the last version of each year, sent once it differs."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from shared.contracts.base import Channel, Contract
from shared.mongo import Database, Row, Session
from shared.outbox import Outgoing, enqueue
from shared.states import StateRecord


class AnnouncedStore:
    """The states schedule_monitor has announced."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def tell(
        self,
        record: StateRecord,
        identifier: str,
        content: Mapping[str, Any],
        *,
        now: datetime,
        session: Session,
    ) -> bool:
        """Announce a state as its next version; ``False`` when it was told like that already."""
        rows = self._db[record.collection]
        known = await rows.find_one({"_id": identifier}, session=session)
        version = 0 if known is None else known["version"]
        if known is not None and known == _row(record, identifier, content, version):
            return False
        row = _row(record, identifier, content, version + 1)
        await rows.replace_one({"_id": identifier}, row, upsert=True, session=session)
        channel = record.channel
        outgoing = Outgoing(
            channel=channel,
            key=f"{channel.fact}:{identifier}",
            version=version + 1,
            tokens={_token(channel): identifier},
            subject=identifier,
            data=_contract(record, content, version + 1),
        )
        await enqueue(self._db, [outgoing], session=session, now=now)
        return True


def _contract(record: StateRecord, content: Mapping[str, Any], version: int) -> Contract:
    made: Contract = record.channel.contract.model_validate({**content, "version": version})
    return made


def _row(record: StateRecord, identifier: str, content: Mapping[str, Any], version: int) -> Row:
    data = _contract(record, content, version).model_dump(mode="json", exclude_none=True)
    return {"_id": identifier, **data}


def _token(channel: Channel[Any]) -> str:
    """Return the one word of the subject that names whose state it is."""
    return channel.subject.rpartition("{")[2].rstrip("}")
