"""Which states of other services schedule_monitor keeps, and where."""

from shared.contracts.registry import INSTITUTION_STATE
from shared.messaging.topology import SCHEDULE_INSTITUTION_STATE_READER
from shared.states import StateRecord

STATES = (
    StateRecord(
        channel=INSTITUTION_STATE,
        collection="institutions",
        reader=SCHEDULE_INSTITUTION_STATE_READER,
    ),
)
