"""Bring addresses and differences to where changes of differences are told: once, beside others.

An address had one place, among its bank's outcomes; it has one in each stream now. A bank is told
what changes from here on, and what is overdue already.
"""

from typing import Any, Final

from shared.clock import machine_now
from shared.mongo import Database, Row

_DONE: Final = {"_id": "m0005_told_differences"}
_MOVED: Final = (
    "place",
    "until",
    "attempts",
    "due_at",
    "lease",
    "last_failure",
    "delivered_at",
)


async def tell_differences(db: Database) -> int:
    """Give each address its places and each difference its mark; return how many addresses."""
    if await db["migrations"].find_one(_DONE) is not None:
        return 0
    beginning: Row = {
        **dict.fromkeys(_MOVED),
        "place": 0,
        "attempts": 0,
        "due_at": machine_now(),
    }
    anew: list[dict[str, Any]] = [
        {
            "$set": {
                "streams": {
                    "outcomes": {name: f"${name}" for name in _MOVED},
                    "differences": beginning,
                }
            }
        },
        {"$unset": list(_MOVED)},
    ]
    moved = await db["bank_webhooks"].update_many({"streams": {"$exists": False}}, anew)
    unmarked = {"told_overdue": {"$exists": False}}
    await db["differences"].update_many(unmarked, {"$set": {"told_overdue": False}})
    await db["migrations"].update_one(_DONE, {"$set": {"done_at": machine_now()}}, upsert=True)
    return moved.modified_count
