"""Why a place is worth a visit on a day: each reason with its points, article and hours."""

from datetime import date

from services.schedule_monitor.domain.patrols.patrol_past import told_reasons, visit_reasons
from services.schedule_monitor.domain.patrols.patrol_planned import planned_reasons
from services.schedule_monitor.domain.patrols.patrol_reason import Known, Reason
from services.schedule_monitor.domain.patrols.patrol_reported import reported_reasons
from services.schedule_monitor.domain.patrols.patrol_weights import Weights


def reasons_for(known: Known, day: date, weights: Weights) -> list[Reason]:
    """Return the reasons for a visit on a day, the weightiest first.

    Where nobody is likely to be met, what was told before is no reason to go just then: what a
    visit confirmed, or could not see, still is.
    """
    found = list(visit_reasons(known, day, weights))
    if known.is_busy_on(day):
        found += planned_reasons(known, day, weights)
        found += told_reasons(known, day, weights)
        found += reported_reasons(known, day, weights)
    return sorted(found, key=lambda one: (-one.points, one.kind, one.rule or "", one.message))
