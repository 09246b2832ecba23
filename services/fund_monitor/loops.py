"""What fund_monitor does in the background, each loop and timer put together once."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Final

from services.fund_monitor.app.answer_lessons import LessonSilenceTimers
from services.fund_monitor.app.close_day import ClosingTimers
from services.fund_monitor.app.file_door import FileDesk, FileDoor
from services.fund_monitor.app.follow_feeds import FeedFollower
from services.fund_monitor.app.go_by_calendar import go_by_calendar
from services.fund_monitor.app.judging.judge import MOST_AT_ONCE, Judge
from services.fund_monitor.app.miss_banks import SilenceOfBanks
from services.fund_monitor.app.reconcile import Reconciler
from services.fund_monitor.app.refunds import SilenceTimers
from services.fund_monitor.app.sight import FundSight
from services.fund_monitor.app.take_file import FileIntake
from services.fund_monitor.app.tell_banks import BankTeller
from services.fund_monitor.app.tell_overdue import OverdueTeller
from services.fund_monitor.desks import confirmation_desk, refund_desk
from services.fund_monitor.events.intake import intake_loops, intake_waiting
from services.fund_monitor.events.subscribers import institution_router, session_router
from services.fund_monitor.settings import FundMonitorSettings
from services.fund_monitor.store.bank_activity import BankActivityStore
from services.fund_monitor.store.bank_webhooks import BankWebhookStore
from services.fund_monitor.store.banks import BankStore
from services.fund_monitor.store.closings import ClosingStore
from services.fund_monitor.store.compared import ComparedStore
from services.fund_monitor.store.deadlines import DeadlineStore
from services.fund_monitor.store.differences import DifferenceStore
from services.fund_monitor.store.dropped_files import DroppedFileStore
from services.fund_monitor.store.feed_days import FeedDayStore
from services.fund_monitor.store.feed_declarations import FeedDeclarationBook
from services.fund_monitor.store.feed_gaps import FeedGapStore
from services.fund_monitor.store.feeds_followed import FeedsFollowed
from services.fund_monitor.store.institutions import InstitutionReplica
from services.fund_monitor.store.lessons import LessonStore
from services.fund_monitor.store.numbering import Numberer
from services.fund_monitor.store.postings import PostingStore
from services.fund_monitor.store.records import RecordStore
from services.fund_monitor.store.statements import StatementStore
from services.fund_monitor.store.told import STREAMS, ToldBook
from services.fund_monitor.store.workers import Workers
from shared.alerts.loops import alert_store
from shared.health import Check
from shared.kernel import Kernel
from shared.messaging.intake import IntakeLoop
from shared.messaging.publish import Publisher
from shared.messaging.subscribe import hear
from shared.messaging.topology import BANK_INTAKE
from shared.notify.webhook import SignedPost
from shared.process import Loop
from shared.timers import Timed
from shared.wiring import Wires

_IDLE_SECONDS = 0.2
# How long a mark rests, so that what comes close together is judged once: while posting works off
# what has waited already, and else, where an alert is due at once.
_REST_BEHIND: Final = timedelta(seconds=10)
_REST: Final = timedelta(seconds=0.5)


def worker_loops(wires: Wires, settings: FundMonitorSettings, seen: FundSight) -> list[Loop]:
    """Return what works beside the relay: posting, judging, and what other services tell."""
    kernel = wires.kernel
    workers = Workers(kernel.db)
    posting = intake_loops(
        wires.js,
        postings=PostingStore(kernel.db, kernel.audit),
        dead_letters=wires.dead_letters,
        seen=seen,
        owns=workers.owns,
    )
    wires.calendar.then(_by_another_calendar(kernel))
    kernel.checks["posting"] = _posting_reaches_the_store(posting)
    return [
        workers.run,
        *(loop.run for loop in posting),
        _judging(wires, posting, seen),
        _reconciler(kernel).run,
        feed_follower(kernel, waiting=lambda: intake_waiting(wires.js)).run,
        _hearing(wires, settings),
        *_telling_loops(kernel),
        *_file_loops(wires, settings, seen),
    ]


def timers_of(kernel: Kernel) -> list[Timed]:
    """Return what falls due at an hour: a day's closing, and what silence decides."""
    return [
        ClosingTimers(ClosingStore(kernel.db), kernel.clock),
        SilenceTimers(refund_desk(kernel), kernel.clock.now),
        LessonSilenceTimers(confirmation_desk(kernel), kernel.clock.now),
        SilenceOfBanks(kernel.db, BankActivityStore(kernel.db), kernel.clock),
    ]


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


def _judging(wires: Wires, posting: Sequence[IntakeLoop], seen: FundSight) -> Loop:
    kernel = wires.kernel
    judge = Judge(kernel.db, alert_store(kernel), calendar=kernel.calendar, seen=seen)

    async def judging() -> None:
        while True:
            behind = any(loop.behind for loop in posting)
            rested = _REST_BEHIND if behind else _REST
            judged = await judge.judge_some(now=kernel.clock.now(), rested=rested)
            if judged:
                wires.relay.wake()
            if judged < MOST_AT_ONCE:
                # What comes to rest meanwhile is judged together: each turn has its fixed price.
                await asyncio.sleep(_IDLE_SECONDS)

    return judging


def _reconciler(kernel: Kernel) -> Reconciler:
    return Reconciler(
        ComparedStore(kernel.db),
        DifferenceStore(kernel.db, kernel.audit),
        calendar=kernel.calendar,
        now=kernel.clock.now,
    )


def _hearing(wires: Wires, settings: FundMonitorSettings) -> Loop:
    """Return what hears of institutions and of sessions that were held."""
    kernel = wires.kernel

    async def hearing() -> None:
        await hear(
            [
                institution_router(InstitutionReplica(kernel.db), wires.dead_letters),
                session_router(LessonStore(kernel.db), wires.dead_letters),
            ],
            url=settings.nats_url,
            user=kernel.service,
            seed_file=settings.nats_seed_file,
            tracer=kernel.sight.tracer,
        )

    return hearing


def _telling_loops(kernel: Kernel) -> list[Loop]:
    """Return what tells banks: numbers what is to be told, posts it, and looks at what is late."""
    webhooks = BankWebhookStore(kernel.db, kernel.audit, kernel.sealer)
    post = SignedPost(sealer=kernel.sealer, rules=kernel.ways.addresses)
    overdue = OverdueTeller(DifferenceStore(kernel.db, kernel.audit), now=kernel.clock.now)
    numbering = [Numberer(kernel.db, stream).run for stream in STREAMS]
    posting = [BankTeller(webhooks, ToldBook(kernel.db, each), post).run for each in STREAMS]
    return [*numbering, *posting, overdue.run]


def _file_loops(wires: Wires, settings: FundMonitorSettings, seen: FundSight) -> list[Loop]:
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


def _posting_reaches_the_store(posting: Sequence[IntakeLoop]) -> Check:
    async def posting_reaches_the_store() -> None:
        away = next((loop.out_of_reach for loop in posting if loop.out_of_reach), None)
        if away is not None:
            raise TimeoutError(away)

    return posting_reaches_the_store


def _by_another_calendar(kernel: Kernel) -> Callable[[str], Awaitable[None]]:
    async def by_another_calendar(cause: str) -> None:
        deadlines = DeadlineStore(kernel.db)
        await go_by_calendar(cause, deadlines=deadlines, calendar=kernel.calendar)

    return by_another_calendar
