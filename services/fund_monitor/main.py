"""The composition root of fund_monitor: the only file that knows every room."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final

from fastapi import Depends, FastAPI

from services.fund_monitor.api import (
    allocations,
    bank_access,
    bank_states,
    bank_webhooks,
    banks,
    books,
    closings,
    confirmation_packs,
    contract_uploads,
    contracts,
    custody_accounts,
    differences,
    door,
    enrolment,
    fee_checks,
    fee_rules,
    feeds,
    lesson_confirmations,
    lesson_silences,
    lessons,
    manual_releases,
    outcomes,
    packs,
    refunds,
    statements,
    student_keys,
    summary,
)
from services.fund_monitor.api.confirmation_bodies import PlatformLessonStatements
from services.fund_monitor.api.deps import Rooms
from services.fund_monitor.app.allocate import AllocationDesk
from services.fund_monitor.app.answer_lessons import LessonSilenceTimers
from services.fund_monitor.app.close_day import ClosingTimers
from services.fund_monitor.app.decide_fees import FeeDesk
from services.fund_monitor.app.file_account import AccountDesk
from services.fund_monitor.app.file_contracts import ContractDesk
from services.fund_monitor.app.file_door import FileDesk, FileDoor
from services.fund_monitor.app.follow_feeds import FeedFollower
from services.fund_monitor.app.go_by_calendar import go_by_calendar
from services.fund_monitor.app.judging.judge import MOST_AT_ONCE, Judge
from services.fund_monitor.app.miss_banks import SilenceOfBanks
from services.fund_monitor.app.reconcile import Reconciler
from services.fund_monitor.app.refunds import RefundDesk, SilenceTimers
from services.fund_monitor.app.sight import FundSight
from services.fund_monitor.app.state_lessons import ConfirmationDesk
from services.fund_monitor.app.take_file import FileIntake
from services.fund_monitor.app.tell_banks import BankTeller
from services.fund_monitor.app.tell_overdue import OverdueTeller
from services.fund_monitor.events import publishers
from services.fund_monitor.events.intake import intake_loops, intake_waiting
from services.fund_monitor.events.subscribers import institution_router, session_router
from services.fund_monitor.settings import FundMonitorSettings
from services.fund_monitor.store.account_events import AccountEventStore
from services.fund_monitor.store.bank_access import BankAccessStore
from services.fund_monitor.store.bank_activity import BankActivityStore
from services.fund_monitor.store.bank_states import BankStateStore
from services.fund_monitor.store.bank_webhooks import BankWebhookStore
from services.fund_monitor.store.banks import BANKS, BankNotFound, BankStore
from services.fund_monitor.store.books import BookStore
from services.fund_monitor.store.closings import ClosingStore
from services.fund_monitor.store.compared import ComparedStore
from services.fund_monitor.store.confirmations import ConfirmationStore
from services.fund_monitor.store.consumption import ConsumptionStore
from services.fund_monitor.store.contracts import ContractStore
from services.fund_monitor.store.deadlines import DeadlineStore
from services.fund_monitor.store.differences import DifferenceStore
from services.fund_monitor.store.dropped_files import DroppedFileStore
from services.fund_monitor.store.fee_rules import FeeRuleStore
from services.fund_monitor.store.feed_days import FeedDayStore
from services.fund_monitor.store.feed_declarations import (
    FeedDeclarationBook,
    FeedDeclarationStore,
)
from services.fund_monitor.store.feed_gaps import FeedGapStore
from services.fund_monitor.store.feeds_followed import FeedsFollowed
from services.fund_monitor.store.figures import fund_looks
from services.fund_monitor.store.filings import FilingStore
from services.fund_monitor.store.indexes import INDEXES
from services.fund_monitor.store.institutions import InstitutionReplica
from services.fund_monitor.store.lessons import LessonStore
from services.fund_monitor.store.manual_releases import ManualReleaseStore
from services.fund_monitor.store.matching import MatchStore
from services.fund_monitor.store.migrations.m0001_immutable_journal import write_journal_anew
from services.fund_monitor.store.migrations.m0002_counted_accounts import count_accounts
from services.fund_monitor.store.migrations.m0003_days_by_month import put_days_together
from services.fund_monitor.store.migrations.m0004_counted_lessons import count_lessons
from services.fund_monitor.store.migrations.m0005_told_differences import tell_differences
from services.fund_monitor.store.numbering import Numberer
from services.fund_monitor.store.postings import PostingStore
from services.fund_monitor.store.records import RecordStore
from services.fund_monitor.store.refund_money import RefundMoneyStore
from services.fund_monitor.store.refunds import RefundStore
from services.fund_monitor.store.statements import StatementStore
from services.fund_monitor.store.students import StudentStore
from services.fund_monitor.store.told import (
    DIFFERENCE_STREAM,
    OUTCOME_STREAM,
    STREAMS,
    ToldBook,
)
from services.fund_monitor.store.unallocated import UnallocatedStore
from services.fund_monitor.store.workers import Workers
from shared.alerts.loops import alert_store
from shared.audit.anchors import heads_router
from shared.calendar_years import calendar_router
from shared.contracts.bank import several
from shared.kernel import Kernel
from shared.marks import MarkStore
from shared.messaging.bundling import Bundling, Publishing
from shared.messaging.publish import Publisher
from shared.messaging.subscribe import asyncapi_of, broker_of
from shared.messaging.topology import BANK_INTAKE
from shared.notify.webhook import SignedPost
from shared.process import Loop
from shared.senders.api import SecretsDesk, secrets_router
from shared.senders.platforms import PlatformStore
from shared.senders.platforms_api import mount_platforms
from shared.senders.signing import SenderDoor
from shared.senders.store import SecretStore
from shared.timers import Timed
from shared.web import create_app
from shared.wiring import Role, Wires, run_wired, start, wired

SERVICE: Final = "fund_monitor"
TITLE: Final = "预收费资金监测"
_IDLE_SECONDS = 0.2
# How long a mark rests, so that what comes close together is judged once: while posting works off
# what has waited already, and else, where an alert is due at once.
_REST_BEHIND: Final = timedelta(seconds=10)
_REST: Final = timedelta(seconds=0.5)


def application(
    kernel: Kernel,
    *,
    bus: Publishing,
    waiting: Callable[[], Awaitable[int]],
    seen: FundSight | None = None,
    sandbox: bool = False,
) -> FastAPI:
    """Return the service's HTTP side."""
    routers = [
        publishers.router,
        institution_router(None, None),
        session_router(None, None),
        heads_router(SERVICE, None, None),
        calendar_router(SERVICE, None, None),
    ]
    app = create_app(
        kernel,
        title=TITLE,
        asyncapi=asyncapi_of(routers, title=TITLE, user=SERVICE),
        first=[door.router],
    )
    app.state.rooms = Rooms(
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
        accounts=AccountDesk(
            FilingStore(kernel.db),
            AccountEventStore(kernel.db),
            InstitutionReplica(kernel.db),
            kernel.audit,
        ),
        bus=bus,
        sealer=kernel.sealer,
        door=SenderDoor(kernel.sealer, throttle=app.state.throttle, bounds=kernel.bounds),
        contracts=contract_desk(kernel),
        allocations=allocation_desk(kernel),
        refunds=refund_desk(kernel),
        confirmations=confirmation_desk(kernel),
        consumption=ConsumptionStore(kernel.db),
        fees=fee_desk(kernel),
        platforms=PlatformStore(kernel.db, kernel.audit),
        now=kernel.clock.now,
        intake_waiting=waiting,
        seen=seen or FundSight(kernel.sight),
        bank_states=BankStateStore(kernel.db, kernel.audit),
        feeds=FeedDeclarationStore(kernel.db, kernel.audit),
        declared=FeedDeclarationBook(kernel.db),
        bank_access=BankAccessStore(kernel.db, kernel.audit),
        bank_webhooks=BankWebhookStore(kernel.db, kernel.audit, kernel.sealer),
        webhook_addresses=kernel.ways.addresses,
        sandbox=sandbox,
    )
    app.state.secrets_desk = SecretsDesk(
        kind="bank",
        db=kernel.db,
        store=SecretStore(kernel.db, collection=BANKS, absent=BankNotFound),
        sealer=kernel.sealer,
        audit=kernel.audit,
    )
    secrets = secrets_router("/v1/banks", parameter="bank", absent=BankNotFound)
    for router in (
        banks.router,
        outcomes.router,
        bank_states.router,
        feeds.router,
        bank_access.router,
        bank_webhooks.router,
        books.router,
        closings.router,
        lessons.router,
        lesson_confirmations.router,
        lesson_silences.router,
        manual_releases.router,
        custody_accounts.router,
        enrolment.router,
        contracts.router,
        contract_uploads.router,
        allocations.router,
        fee_rules.router,
        fee_checks.router,
        packs.router,
        confirmation_packs.router,
        student_keys.router,
        refunds.router,
        statements.router,
        differences.router,
        secrets,
        summary.router,
    ):
        app.include_router(router, dependencies=[Depends(bank_access.own_origin)])
    mount_platforms(app, kernel)
    door.document_events(app)
    packs.document_packs(app, packs.ContractPack, PlatformLessonStatements)
    return app


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


def feed_follower(kernel: Kernel, *, waiting: Callable[[], Awaitable[int]]) -> FeedFollower:
    """Return what follows the feeds of banks."""
    differences = DifferenceStore(kernel.db, kernel.audit)
    return FeedFollower(
        FeedsFollowed(kernel.db, FeedGapStore(kernel.db, differences), differences),
        FeedDayStore(kernel.db),
        FeedDeclarationBook(kernel.db),
        differences,
        calendar=kernel.calendar,
        now=kernel.clock.now,
        waiting=waiting,
    )


def worker_loops(wires: Wires, settings: FundMonitorSettings, seen: FundSight) -> list[Loop]:
    """Return what works beside the relay: posting, judging, and what other services tell."""
    judge = Judge(
        wires.kernel.db, alert_store(wires.kernel), calendar=wires.kernel.calendar, seen=seen
    )
    workers = Workers(wires.kernel.db)
    posting = intake_loops(
        wires.js,
        postings=PostingStore(wires.kernel.db, wires.kernel.audit),
        dead_letters=wires.dead_letters,
        seen=seen,
        owns=workers.owns,
    )

    reconciler = Reconciler(
        ComparedStore(wires.kernel.db),
        DifferenceStore(wires.kernel.db, wires.kernel.audit),
        calendar=wires.kernel.calendar,
        now=wires.kernel.clock.now,
    )
    feeds = feed_follower(wires.kernel, waiting=lambda: intake_waiting(wires.js))

    async def judging() -> None:
        while True:
            behind = any(loop.behind for loop in posting)
            rested = _REST_BEHIND if behind else _REST
            judged = await judge.judge_some(now=wires.kernel.clock.now(), rested=rested)
            if judged:
                wires.relay.wake()
            if judged < MOST_AT_ONCE:
                # What comes to rest meanwhile is judged together: each turn has its fixed price.
                await asyncio.sleep(_IDLE_SECONDS)

    async def facts() -> None:
        broker = broker_of(
            [
                institution_router(InstitutionReplica(wires.kernel.db), wires.dead_letters),
                session_router(LessonStore(wires.kernel.db), wires.dead_letters),
            ],
            url=settings.nats_url,
            user=SERVICE,
            seed_file=settings.nats_seed_file,
            tracer=wires.kernel.sight.tracer,
        )
        async with broker:
            await broker.start()
            await asyncio.Event().wait()

    async def posting_reaches_the_store() -> None:
        away = next((loop.out_of_reach for loop in posting if loop.out_of_reach), None)
        if away is not None:
            raise TimeoutError(away)

    async def by_another_calendar(cause: str) -> None:
        deadlines = DeadlineStore(wires.kernel.db)
        await go_by_calendar(cause, deadlines=deadlines, calendar=wires.kernel.calendar)

    wires.calendar.then(by_another_calendar)
    wires.kernel.checks["posting"] = posting_reaches_the_store
    files = file_loops(wires, settings, seen)
    loops = [
        workers.run,
        *(loop.run for loop in posting),
        judging,
        reconciler.run,
        feeds.run,
        facts,
    ]
    return [*loops, *telling_loops(wires.kernel), *files]


def telling_loops(kernel: Kernel) -> list[Loop]:
    """Return what tells banks: numbers what is to be told, posts it, and looks at what is late."""
    webhooks = BankWebhookStore(kernel.db, kernel.audit, kernel.sealer)
    post = SignedPost(sealer=kernel.sealer, rules=kernel.ways.addresses)
    overdue = OverdueTeller(DifferenceStore(kernel.db, kernel.audit), now=kernel.clock.now)
    numbering = [Numberer(kernel.db, stream).run for stream in STREAMS]
    posting = [BankTeller(webhooks, ToldBook(kernel.db, each), post).run for each in STREAMS]
    return [*numbering, *posting, overdue.run]


def file_loops(wires: Wires, settings: FundMonitorSettings, seen: FundSight) -> list[Loop]:
    """Return what takes files that banks drop, where there is a folder for them."""
    if settings.drop_folder is None:
        return []
    kernel = wires.kernel
    intake = FileIntake(
        banks=BankStore(kernel.db, kernel.audit),
        records=RecordStore(kernel.db),
        files=DroppedFileStore(kernel.db, kernel.audit),
        bus=Publisher(wires.js, stream=BANK_INTAKE.name, tracer=seen.tracer),
    )
    desk = FileDesk(
        intake=intake,
        statements=StatementStore(kernel.db, kernel.audit),
        sealer=kernel.sealer,
        now=kernel.clock.now,
        seen=seen,
        sandbox=settings.sandbox,
    )
    door = FileDoor(settings.drop_folder, desk)
    kernel.checks["files"] = door.reaches
    return [door.run]


async def main(settings: FundMonitorSettings, role: Role) -> None:
    """Run the door and the inbox, the workers, or both."""
    async with wired(settings, service=SERVICE, indexes=INDEXES) as wires:
        kernel = wires.kernel
        await write_journal_anew(kernel.db)
        await count_accounts(kernel.db)
        await put_days_together(kernel.db)
        await count_lessons(kernel.db)
        await tell_differences(kernel.db)
        seen = FundSight(kernel.sight)
        kernel.sight.looks.update(fund_looks(kernel.sight.registry, kernel.db))
        loops = [] if role == "serve" else worker_loops(wires, settings, seen)
        publisher = Publisher(wires.js, stream=BANK_INTAKE.name, tracer=seen.tracer)
        app = application(
            kernel,
            bus=Bundling(publisher, join=several),
            waiting=lambda: intake_waiting(wires.js),
            seen=seen,
            sandbox=settings.sandbox,
        )
        timed: list[Timed] = [
            ClosingTimers(ClosingStore(kernel.db), kernel.clock),
            SilenceTimers(refund_desk(kernel), kernel.clock.now),
            LessonSilenceTimers(confirmation_desk(kernel), kernel.clock.now),
            SilenceOfBanks(kernel.db, BankActivityStore(kernel.db), kernel.clock),
        ]
        await run_wired(wires, settings, role, app=app, loops=loops, timed=timed)


if __name__ == "__main__":
    start(SERVICE, FundMonitorSettings, main)
