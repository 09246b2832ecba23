"""What posts to banks, over a running fund_monitor: turn by turn, or as loops beside each other."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from services.fund_monitor.app.banks.tell_banks import BankTeller
from services.fund_monitor.store.banks.bank_webhooks import BankWebhookStore
from services.fund_monitor.store.banks.told import OUTCOME_STREAM, Stream, ToldBook
from shared.cancelling import ended
from shared.clock import machine_now
from shared.notify.addresses import AddressRules
from shared.notify.webhook import SignedPost
from tests.support.audit import audit_log
from tests.support.fund import FundMonitor
from tests.support.receiver import LOOPBACK


def webhooks_of(fund: FundMonitor) -> BankWebhookStore:
    return BankWebhookStore(fund.db, audit_log(fund.db), fund.app.state.rooms.sealer)


def teller(
    fund: FundMonitor, stream: Stream = OUTCOME_STREAM, rules: AddressRules = LOOPBACK
) -> BankTeller:
    post = SignedPost(sealer=fund.app.state.rooms.sealer, rules=rules)
    return BankTeller(webhooks_of(fund), ToldBook(fund.db, stream), post)


@asynccontextmanager
async def telling(
    fund: FundMonitor, stream: Stream = OUTCOME_STREAM, workers: int = 1
) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(teller(fund, stream).run()) for _ in range(workers)]
    try:
        yield
    finally:
        await ended(*tasks)


async def due(fund: FundMonitor, stream: Stream = OUTCOME_STREAM) -> None:
    """Let the time pass until the next attempt."""
    now = machine_now() - timedelta(seconds=1)
    at = {"$set": {f"streams.{stream.name}.due_at": now}}
    await fund.db["bank_webhooks"].update_many({}, at)


async def tell_once(
    fund: FundMonitor, stream: Stream = OUTCOME_STREAM, rules: AddressRules = LOOPBACK
) -> None:
    """Take one turn: whoever is due is told its next page."""
    found = await webhooks_of(fund).lease(stream)
    assert found is not None
    await teller(fund, stream, rules).tell(found)
