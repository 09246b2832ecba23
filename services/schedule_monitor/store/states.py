"""Which states schedule_monitor announces, which of others it keeps, and where."""

from typing import Final

from shared.calendar_years import CALENDAR_YEARS
from shared.contracts.calendar import CALENDAR_YEAR, SCHOOL_YEAR
from shared.contracts.registry import INSTITUTION_STATE
from shared.messaging.topology import SCHEDULE_INSTITUTION_STATE_READER
from shared.states import StateRecord

YEARS: Final = StateRecord(channel=CALENDAR_YEAR, collection=CALENDAR_YEARS)
SCHOOL_YEARS: Final = StateRecord(channel=SCHOOL_YEAR, collection="school_years")
STATES = (
    StateRecord(
        channel=INSTITUTION_STATE,
        collection="institutions",
        reader=SCHEDULE_INSTITUTION_STATE_READER,
    ),
    YEARS,
    SCHOOL_YEARS,
)
