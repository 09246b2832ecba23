"""What a service has handled: the row commits with the effect, so a repeat changes nothing."""

from shared.clock import machine_now
from shared.mongo import Database, Session


async def claim(db: Database, *, scope: str, id: str, session: Session) -> bool:  # noqa: A002 - the event's id
    """Note in the caller's transaction that an event is handled; ``False`` when it was before."""
    key = f"{scope}:{id}"
    # Looked up first: a duplicate key would abort the whole transaction.
    if await db["identities"].find_one({"_id": key}, {"_id": 1}, session=session):
        return False
    await db["identities"].insert_one({"_id": key, "handled_at": machine_now()}, session=session)
    return True
