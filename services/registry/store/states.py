"""What the register announces as state, and where it keeps it."""

from shared.calendar_years import calendar_record
from shared.contracts.registry import INSTITUTION_STATE
from shared.states import StateRecord

STATES = (
    StateRecord(channel=INSTITUTION_STATE, collection="institutions"),
    calendar_record("registry"),
)
