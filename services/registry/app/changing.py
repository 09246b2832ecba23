"""How an institution changes: looked at, changed, and written only if nobody moved it meanwhile."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.registry.domain.institution import Institution
from services.registry.store.institutions import InstitutionStore
from shared.audit.log import Entry
from shared.errors import Conflict
from shared.outbox import Outgoing

_TRIES: Final = 50


class InstitutionMoving(Conflict):
    """So many change the institution at once that this change found no place among them."""

    code = "institution-moving"
    title = "该培训机构正在被多方同时变更"
    retry_after_seconds: int = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change: what becomes of an institution, what the bus hears of it, and what is noted."""

    of: Callable[[Institution], Institution]
    told: Callable[[Institution], Sequence[Outgoing]]
    noted: Callable[[Institution], Entry]


async def change_institution(
    institution_id: str, change: Change, *, institutions: InstitutionStore, now: datetime
) -> tuple[Institution, bool]:
    """Change an institution once; ``False`` when it is so already."""
    for _ in range(_TRIES):
        seen = await institutions.get(institution_id)
        changed = change.of(seen)
        if changed == seen:
            return seen, False
        events, entry = change.told(changed), change.noted(changed)
        if await institutions.change(changed, seen=seen, events=events, entry=entry, now=now):
            return changed, True
        # Somebody was faster: what they made of it is looked at anew. One of all always gets on.
    raise InstitutionMoving("同时有多项变更，请稍后重试。")
