"""The channels schedule_monitor announces on; its relay is the only one who publishes."""

from faststream.nats import NatsRouter

from shared.contracts.alerts import ALERT_CHANNELS
from shared.contracts.audit import AUDIT_CHANNELS
from shared.contracts.calendar import CALENDAR_YEAR, SCHOOL_YEAR
from shared.contracts.patrol import PATROL_PROPOSED
from shared.contracts.schedule import SESSION_HELD, UNAPPROVED_SITE
from shared.messaging.subscribe import announce

router = NatsRouter()

for channel in (
    SESSION_HELD,
    UNAPPROVED_SITE,
    PATROL_PROPOSED,
    ALERT_CHANNELS["schedule_monitor"],
    AUDIT_CHANNELS["schedule_monitor"],
    CALENDAR_YEAR,
    SCHOOL_YEAR,
):
    announce(router, channel)
