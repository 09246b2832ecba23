"""What the routes and use cases of schedule_monitor work on, each desk put together once."""

import asyncio
from collections.abc import Awaitable, Callable

from services.schedule_monitor.api.deps import Rooms
from services.schedule_monitor.app.calendars.calendar_changed import CalendarOffice
from services.schedule_monitor.app.calendars.calendar_desk import CalendarDesk
from services.schedule_monitor.app.computing import Computing
from services.schedule_monitor.app.held.judge_held import HeldCourt
from services.schedule_monitor.app.held.take_held import HeldDesk
from services.schedule_monitor.app.patrols.propose_patrol import PatrolDesk
from services.schedule_monitor.app.patrols.take_visit import VisitDesk
from services.schedule_monitor.app.practices.practice_desk import PracticeDesk
from services.schedule_monitor.app.takedowns.draft_takedown import Drafting
from services.schedule_monitor.app.takedowns.takedown_grounds import GroundRecords
from services.schedule_monitor.app.takedowns.tell_takedowns import telling
from services.schedule_monitor.app.timetables.check_timetable import CheckDesk
from services.schedule_monitor.app.timetables.file_course import CourseDesk
from services.schedule_monitor.app.timetables.file_timetable import TimetableDesk
from services.schedule_monitor.app.timetables.surroundings import SurroundingsDesk
from services.schedule_monitor.domain.held.comparison import Tolerances
from services.schedule_monitor.domain.takedowns import TERMS
from services.schedule_monitor.store.basis import BasisStore
from services.schedule_monitor.store.calendars.announced import AnnouncedStore
from services.schedule_monitor.store.calendars.national_calendar import NationalCalendarStore
from services.schedule_monitor.store.calendars.school_calendars import SchoolCalendarStore
from services.schedule_monitor.store.calendars.school_hours import SchoolHoursStore
from services.schedule_monitor.store.calendars.switches import SwitchStore
from services.schedule_monitor.store.held.held import HeldStore
from services.schedule_monitor.store.held.held_months import HeldMonthStore
from services.schedule_monitor.store.institutions import InstitutionReplica
from services.schedule_monitor.store.patrols.visits import VisitStore
from services.schedule_monitor.store.practices import PracticeStore
from services.schedule_monitor.store.timetables.courses import CourseStore
from services.schedule_monitor.store.timetables.receipts import ReceiptStore
from services.schedule_monitor.store.timetables.refusals import RefusalStore
from services.schedule_monitor.store.timetables.teaching_rooms import TeachingRoomStore
from services.schedule_monitor.store.timetables.timetables import TimetableStore
from shared.access.throttle import Throttle
from shared.alerts.loops import alert_store
from shared.kernel import Kernel
from shared.marks import MarkStore
from shared.outbox import unsent
from shared.senders.platforms import PlatformStore
from shared.senders.signing import SenderDoor
from shared.takedown.desk import TakedownDesk
from shared.takedown.store import TakedownStore


def rooms_of(kernel: Kernel, *, throttle: Throttle, tolerances: Tolerances) -> Rooms:
    """Return what the routes may ask for."""
    office = calendar_office(kernel)
    computing = Computing()
    court = HeldCourt.of(kernel.db, desk=office.desk, tolerances=tolerances, computing=computing)
    platforms = PlatformStore(kernel.db, kernel.audit)
    return Rooms(
        platforms=platforms,
        sealer=kernel.sealer,
        door=SenderDoor(kernel.sealer, throttle=throttle, bounds=kernel.bounds),
        timetables=timetable_desk(kernel, office=office, computing=computing),
        courses=course_desk(kernel),
        office=office,
        held=held_desk(kernel),
        patrols=patrol_desk(kernel),
        visits=visit_desk(kernel),
        practices=practice_desk(kernel),
        court=court,
        drafting=Drafting(
            desk=takedown_desk(kernel),
            platforms=platforms,
            records=GroundRecords(
                alerts=alert_store(kernel),
                court=court,
                courses=CourseStore(kernel.db),
                practices=PracticeStore(kernel.db),
                visits=VisitStore(kernel.db),
            ),
        ),
        computing=computing,
        large=asyncio.Lock(),
        waiting=_waiting(kernel),
        now=kernel.clock.now,
        committed=kernel.committed,
    )


def calendar_office(kernel: Kernel) -> CalendarOffice:
    """Return what those who keep the calendars work with."""
    db = kernel.db
    return CalendarOffice(
        db=db,
        desk=CalendarDesk(db),
        national=NationalCalendarStore(db),
        schools=SchoolCalendarStore(db),
        hours=SchoolHoursStore(db),
        switches=SwitchStore(db),
        timetables=TimetableStore(db),
        announced=AnnouncedStore(db),
        basis=BasisStore(db),
        audit=kernel.audit,
        now=kernel.clock.now,
    )


def course_desk(kernel: Kernel) -> CourseDesk:
    """Return what filing courses and rooms works on."""
    return CourseDesk(
        db=kernel.db,
        courses=CourseStore(kernel.db),
        rooms=TeachingRoomStore(kernel.db),
        institutions=InstitutionReplica(kernel.db),
        audit=kernel.audit,
    )


def timetable_desk(
    kernel: Kernel, *, office: CalendarOffice, computing: Computing
) -> TimetableDesk:
    """Return what checking and filing timetables works on."""
    surroundings = SurroundingsDesk(kernel.db)
    institutions = InstitutionReplica(kernel.db)
    return TimetableDesk(
        db=kernel.db,
        timetables=office.timetables,
        institutions=institutions,
        calendars=office.desk,
        surroundings=surroundings,
        checks=CheckDesk(
            calendars=office.desk,
            institutions=institutions,
            surroundings=surroundings,
            timetables=office.timetables,
            receipts=ReceiptStore(kernel.db),
            refusals=RefusalStore(kernel.db),
            computing=computing,
        ),
        audit=kernel.audit,
    )


def held_desk(kernel: Kernel) -> HeldDesk:
    """Return what taking held sessions works on."""
    return HeldDesk(
        db=kernel.db,
        held=HeldStore(kernel.db),
        months=HeldMonthStore(kernel.db),
        institutions=InstitutionReplica(kernel.db),
        audit=kernel.audit,
    )


def patrol_desk(kernel: Kernel) -> PatrolDesk:
    """Return what proposes patrols."""
    return PatrolDesk.of(
        kernel.db,
        calendars=CalendarDesk(kernel.db),
        audit=kernel.audit,
        now=kernel.clock.now,
        committed=kernel.committed,
    )


def visit_desk(kernel: Kernel) -> VisitDesk:
    """Return what takes the results of visits."""
    return VisitDesk(
        db=kernel.db,
        visits=VisitStore(kernel.db),
        held=held_desk(kernel),
        practices=practice_desk(kernel),
        audit=kernel.audit,
    )


def practice_desk(kernel: Kernel) -> PracticeDesk:
    """Return what reports of practice are worked on with."""
    return PracticeDesk(
        db=kernel.db,
        reports=PracticeStore(kernel.db),
        institutions=InstitutionReplica(kernel.db),
        audit=kernel.audit,
        calendar=kernel.calendar,
    )


def takedown_desk(kernel: Kernel) -> TakedownDesk:
    """Return where requests to platforms are worked on."""
    return TakedownDesk(
        store=TakedownStore(kernel.db, kernel.calendar),
        audit=kernel.audit,
        clock=kernel.clock,
        terms=TERMS,
        told=telling(alert_store(kernel), InstitutionReplica(kernel.db)),
        committed=kernel.committed,
    )


def _waiting(kernel: Kernel) -> Callable[[], Awaitable[tuple[int, int]]]:
    """Return what counts the marks that wait and the events that are not yet sent."""
    marks = MarkStore(kernel.db)

    async def waiting() -> tuple[int, int]:
        return await marks.waiting(), await unsent(kernel.db)

    return waiting
