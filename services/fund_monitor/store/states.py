"""Which states of other services fund_monitor keeps, and where."""

from shared.contracts.registry import INSTITUTION_STATE
from shared.messaging.topology import INSTITUTION_STATE_READER
from shared.states import StateRecord

STATES = (
    StateRecord(
        channel=INSTITUTION_STATE, collection="institutions", reader=INSTITUTION_STATE_READER
    ),
)
