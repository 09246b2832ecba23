"""Which states of other services fund_monitor keeps, and where."""

from shared.calendar_years import calendar_record
from shared.contracts.registry import INSTITUTION_STATE
from shared.messaging.topology import INSTITUTION_STATE_READER
from shared.states import StateRecord

STATES = (
    StateRecord(
        channel=INSTITUTION_STATE, collection="institutions", reader=INSTITUTION_STATE_READER
    ),
    calendar_record("fund_monitor"),
)
