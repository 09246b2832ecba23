"""What the routes and use cases of fund_monitor work on, each desk put together once."""

from collections.abc import Awaitable, Callable

from services.fund_monitor.api.deps import Rooms
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
from services.fund_monitor.store.banks.banks import BANKS, BankNotFound, BankStore
from services.fund_monitor.store.banks.feed_declarations import (
    FeedDeclarationBook,
    FeedDeclarationStore,
)
from services.fund_monitor.store.banks.told import DIFFERENCE_STREAM, OUTCOME_STREAM, ToldBook
from services.fund_monitor.store.contracts.contracts import ContractStore
from services.fund_monitor.store.contracts.students import StudentStore
from services.fund_monitor.store.custody.filings import FilingStore
from services.fund_monitor.store.fees.fee_rules import FeeRuleStore
from services.fund_monitor.store.institutions import InstitutionReplica
from services.fund_monitor.store.ledger.account_events import AccountEventStore
from services.fund_monitor.store.ledger.books import BookStore
from services.fund_monitor.store.ledger.closings import ClosingStore
from services.fund_monitor.store.ledger.records import RecordStore
from services.fund_monitor.store.ledger.unallocated import UnallocatedStore
from services.fund_monitor.store.lessons.confirmations import ConfirmationStore
from services.fund_monitor.store.lessons.consumption import ConsumptionStore
from services.fund_monitor.store.lessons.lessons import LessonStore
from services.fund_monitor.store.lessons.manual_releases import ManualReleaseStore
from services.fund_monitor.store.lessons.matching import MatchStore
from services.fund_monitor.store.refunds.refund_money import RefundMoneyStore
from services.fund_monitor.store.refunds.refunds import RefundStore
from services.fund_monitor.store.statements.differences import DifferenceStore
from services.fund_monitor.store.statements.statements import StatementStore
from shared.access.throttle import Throttle
from shared.kernel import Kernel
from shared.marks import MarkStore
from shared.messaging.bundling import Publishing
from shared.senders.api import SecretsDesk
from shared.senders.platforms import PlatformStore
from shared.senders.signing import SenderDoor
from shared.senders.store import SecretStore


def rooms_of(
    kernel: Kernel,
    *,
    throttle: Throttle,
    bus: Publishing,
    waiting: Callable[[], Awaitable[int]],
    seen: FundSight,
    sandbox: bool,
) -> Rooms:
    """Return what the routes may ask for."""
    return Rooms(
        banks=BankStore(kernel.db, kernel.audit),
        records=RecordStore(kernel.db),
        outcomes=ToldBook(kernel.db, OUTCOME_STREAM),
        difference_changes=ToldBook(kernel.db, DIFFERENCE_STREAM),
        books=BookStore(kernel.db),
        closings=ClosingStore(kernel.db),
        matches=MatchStore(kernel.db),
        manual_releases=ManualReleaseStore(kernel.db, kernel.audit),
        calendar=kernel.calendar,
        statements=StatementStore(kernel.db, kernel.audit),
        differences=DifferenceStore(kernel.db, kernel.audit),
        marks=MarkStore(kernel.db),
        accounts=account_desk(kernel),
        bus=bus,
        sealer=kernel.sealer,
        door=SenderDoor(kernel.sealer, throttle=throttle, bounds=kernel.bounds),
        contracts=contract_desk(kernel),
        allocations=allocation_desk(kernel),
        refunds=refund_desk(kernel),
        confirmations=confirmation_desk(kernel),
        consumption=ConsumptionStore(kernel.db),
        fees=fee_desk(kernel),
        platforms=PlatformStore(kernel.db, kernel.audit),
        now=kernel.clock.now,
        intake_waiting=waiting,
        seen=seen,
        bank_states=BankStateStore(kernel.db, kernel.audit),
        feeds=FeedDeclarationStore(kernel.db, kernel.audit),
        declared=FeedDeclarationBook(kernel.db),
        bank_access=BankAccessStore(kernel.db, kernel.audit),
        bank_webhooks=BankWebhookStore(kernel.db, kernel.audit, kernel.sealer),
        webhook_addresses=kernel.ways.addresses,
        sandbox=sandbox,
    )


def secrets_desk(kernel: Kernel) -> SecretsDesk:
    """Return where the secrets of banks are kept."""
    return SecretsDesk(
        kind="bank",
        db=kernel.db,
        store=SecretStore(kernel.db, collection=BANKS, absent=BankNotFound),
        sealer=kernel.sealer,
        audit=kernel.audit,
    )


def account_desk(kernel: Kernel) -> AccountDesk:
    """Return what filing custody accounts works on."""
    return AccountDesk(
        FilingStore(kernel.db),
        AccountEventStore(kernel.db),
        InstitutionReplica(kernel.db),
        BankStore(kernel.db, kernel.audit),
        kernel.audit,
    )


def contract_desk(kernel: Kernel) -> ContractDesk:
    """Return what filing contracts works on."""
    return ContractDesk(
        db=kernel.db,
        contracts=ContractStore(kernel.db),
        students=StudentStore(kernel.db, kernel.sealer),
        institutions=InstitutionReplica(kernel.db),
        audit=kernel.audit,
    )


def allocation_desk(kernel: Kernel) -> AllocationDesk:
    """Return what allocating money works on."""
    return AllocationDesk(
        db=kernel.db,
        unallocated=UnallocatedStore(kernel.db),
        contracts=ContractStore(kernel.db),
        audit=kernel.audit,
        calendar=kernel.calendar,
    )


def refund_desk(kernel: Kernel) -> RefundDesk:
    """Return what refunds are worked on with."""
    return RefundDesk(
        db=kernel.db,
        refunds=RefundStore(kernel.db),
        contracts=ContractStore(kernel.db),
        institutions=InstitutionReplica(kernel.db),
        money=RefundMoneyStore(kernel.db),
        consumption=ConsumptionStore(kernel.db),
        audit=kernel.audit,
        calendar=kernel.calendar,
    )


def confirmation_desk(kernel: Kernel) -> ConfirmationDesk:
    """Return what lesson confirmations are worked on with."""
    return ConfirmationDesk(
        db=kernel.db,
        confirmations=ConfirmationStore(kernel.db),
        contracts=ContractStore(kernel.db),
        lessons=LessonStore(kernel.db),
        dated=FeeRuleStore(kernel.db),
        audit=kernel.audit,
        calendar=kernel.calendar,
    )


def fee_desk(kernel: Kernel) -> FeeDesk:
    """Return what decisions on fees work on."""
    return FeeDesk(
        db=kernel.db,
        dated=FeeRuleStore(kernel.db),
        institutions=InstitutionReplica(kernel.db),
        audit=kernel.audit,
    )
