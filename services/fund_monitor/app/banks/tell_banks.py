"""Post to banks what they are told: page by page, by the cursor with which they read."""

import asyncio
import json
from datetime import datetime
from typing import Any, Final

from services.fund_monitor.store.banks.bank_webhooks import BankWebhookStore, Due
from services.fund_monitor.store.banks.told import StreamName, ToldBook
from shared.cancelling import ended
from shared.logs import log
from shared.mongo import Row, unreachable
from shared.notify.model import EndpointGone, Undelivered
from shared.notify.webhook import SignedMessage, SignedPost
from shared.paging import cursor_to_version

PAGE: Final = 200
TYPES: Final[dict[StreamName, str]] = {
    "outcomes": "cn.haining.fund_monitor.bank-outcomes.v1",
    "differences": "cn.haining.fund_monitor.bank-differences.v1",
}
_AT_ONCE: Final = 8
_POLL_SECONDS: Final = 0.5
_AWAY_SECONDS: Final = 5.0


class BankTeller:
    """Tells banks what comes in one stream; several processes may run beside each other."""

    def __init__(self, webhooks: BankWebhookStore, book: ToldBook, post: SignedPost) -> None:
        self._webhooks = webhooks
        self._book = book
        self._post = post
        self._under_way: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Tell until cancelled; what is under way then is told again by whoever comes next."""
        try:
            while True:
                await self._turn()
        finally:
            await ended(*self._under_way)

    async def _turn(self) -> None:
        try:
            while len(self._under_way) < _AT_ONCE:
                due = await self._webhooks.lease(self._book.stream)
                if due is None:
                    break
                task = asyncio.create_task(self._told(due))
                self._under_way.add(task)
                task.add_done_callback(self._under_way.discard)
        except Exception as error:
            if not unreachable(error):
                raise
            log.warning("banks.store_unreachable", error=repr(error)[:200])
            await asyncio.sleep(_AWAY_SECONDS)
        if self._under_way:
            # A bank that does not answer keeps none of the others waiting.
            await asyncio.wait(
                self._under_way, timeout=_POLL_SECONDS, return_when=asyncio.FIRST_COMPLETED
            )
        else:
            await asyncio.sleep(_POLL_SECONDS)

    async def _told(self, due: Due) -> None:
        try:
            await self.tell(due)
        except Exception as error:  # noqa: BLE001 - the lease runs out, and the bank is told again
            log.warning("banks.not_told", bank=due.bank, error=repr(error)[:200])

    async def tell(self, due: Due) -> None:
        """Post the next page to one bank, and note how it went."""
        page = await self._book.after(due.bank, due.place, limit=PAGE)
        if due.until is not None:
            page = [row for row in page if row["place"] <= due.until]
        if not page:
            await self._webhooks.nothing(due)
            return
        until = int(page[-1]["place"])
        if not await self._webhooks.trying(due, until):
            return
        message = SignedMessage(
            id=f"{due.stream.name}-{due.bank}-{due.place}-{until}",
            target=due.target,
            body=body_of(due.stream.name, due.bank, page),
            sealed_secrets=due.sealed_secrets,
        )
        try:
            await self._post.send(message)
        except EndpointGone as error:
            await self._webhooks.gone(due, str(error))
        except Undelivered as error:
            log.warning("banks.undelivered", bank=due.bank, attempts=due.attempts + 1)
            await self._webhooks.failed(due, str(error))
        else:
            await self._webhooks.delivered(due, until)


def body_of(name: StreamName, bank: str, page: list[Row]) -> str:
    """Return what is posted: the same that a bank reads, and the cursor behind it."""
    content = {
        "type": TYPES[name],
        "timestamp": page[-1]["told_at"].isoformat(),
        "data": {
            "bank": bank,
            name: [_told(row) for row in page],
            "next_cursor": cursor_to_version(page[-1]["place"]),
        },
    }
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def _told(row: Row) -> dict[str, Any]:
    return {
        name: value.isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else value
        for name, value in row.items()
        if name != "place" and value is not None
    }
