"""Judge stated classes before anything is filed: nothing is kept."""

from collections.abc import Sequence

from services.schedule_monitor.app.calendar_desk import CalendarDesk
from services.schedule_monitor.domain.judge import Judged, judge_sessions
from services.schedule_monitor.domain.session import Stated, as_registered
from services.schedule_monitor.store.institutions import InstitutionReplica


async def check_sessions(
    stated: Sequence[Stated],
    *,
    institution_id: str | None,
    institutions: InstitutionReplica,
    desk: CalendarDesk,
) -> list[Judged]:
    """Judge classes as they are stated, completed from the institution's registration."""
    registered = None if institution_id is None else await institutions.get(institution_id)
    calendars = await desk.calendars()
    return judge_sessions([as_registered(one, registered) for one in stated], calendars)
