"""Whether what every day is judged by has changed since the service last ran."""

import hashlib

from services.schedule_monitor.domain.policies import Policies
from shared.mongo import Database, Session
from shared.working_days import WorkingDays

_ALGORITHM = "sha256"


def digest_of(working_days: WorkingDays, policies: Policies) -> str:
    """Return the digest of the supplied notices and the city's decisions."""
    notices = [
        (year, sorted(notice.rest_days), sorted(notice.workdays))
        for year, notice in sorted(working_days.notices.items())
    ]
    content = repr((notices, policies.decisions)).encode()
    return f"{_ALGORITHM}:{hashlib.sha256(content).hexdigest()}"


async def take_basis(db: Database, digest: str, *, session: Session) -> bool:
    """Keep the digest; ``False`` when it is the one kept before."""
    before = await db["basis"].find_one_and_update(
        {"_id": "basis"}, {"$set": {"digest": digest}}, upsert=True, session=session
    )
    return before is None or before["digest"] != digest
