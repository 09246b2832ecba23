"""What a route of fund_monitor may ask for."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request

from services.fund_monitor.app.contracts.file_contracts import ContractDesk
from services.fund_monitor.app.custody.file_account import AccountDesk
from services.fund_monitor.app.fees.decide_fees import FeeDesk
from services.fund_monitor.app.ledger.allocate import AllocationDesk
from services.fund_monitor.app.lessons.state_lessons import ConfirmationDesk
from services.fund_monitor.app.refunds.refunds import RefundDesk
from services.fund_monitor.app.sight import FundSight
from services.fund_monitor.store.banks.bank_access import BankAccessStore
from services.fund_monitor.store.banks.bank_states import BankStateStore
from services.fund_monitor.store.banks.bank_webhooks import BankWebhookStore
from services.fund_monitor.store.banks.banks import BankStore
from services.fund_monitor.store.banks.feed_declarations import (
    FeedDeclarationBook,
    FeedDeclarationStore,
)
from services.fund_monitor.store.banks.told import ToldBook
from services.fund_monitor.store.ledger.books import BookStore
from services.fund_monitor.store.ledger.closings import ClosingStore
from services.fund_monitor.store.ledger.records import RecordStore
from services.fund_monitor.store.lessons.consumption import ConsumptionStore
from services.fund_monitor.store.lessons.manual_releases import ManualReleaseStore
from services.fund_monitor.store.lessons.matching import MatchStore
from services.fund_monitor.store.statements.differences import DifferenceStore
from services.fund_monitor.store.statements.statements import StatementStore
from shared.marks import MarkStore
from shared.messaging.bundling import Publishing
from shared.notify.addresses import AddressRules
from shared.sealing import Sealer
from shared.senders.platforms import PlatformStore
from shared.senders.signing import SenderDoor
from shared.working_days import WorkingDays


@dataclass(frozen=True, slots=True)
class Rooms:
    """What is handed to the routes."""

    banks: BankStore
    records: RecordStore
    outcomes: ToldBook
    difference_changes: ToldBook
    books: BookStore
    closings: ClosingStore
    matches: MatchStore
    manual_releases: ManualReleaseStore
    calendar: WorkingDays
    statements: StatementStore
    differences: DifferenceStore
    marks: MarkStore
    accounts: AccountDesk
    bus: Publishing
    sealer: Sealer
    door: SenderDoor
    contracts: ContractDesk
    allocations: AllocationDesk
    refunds: RefundDesk
    confirmations: ConfirmationDesk
    consumption: ConsumptionStore
    fees: FeeDesk
    platforms: PlatformStore
    now: Callable[[], datetime]
    intake_waiting: Callable[[], Awaitable[int]]
    seen: FundSight
    bank_states: BankStateStore
    feeds: FeedDeclarationStore
    declared: FeedDeclarationBook
    bank_access: BankAccessStore
    bank_webhooks: BankWebhookStore
    webhook_addresses: AddressRules
    sandbox: bool


async def rooms(request: Request) -> Rooms:
    """Return what was put on the application."""
    found: Rooms = request.app.state.rooms
    return found


RoomsDep = Annotated[Rooms, Depends(rooms)]
