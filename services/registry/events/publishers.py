"""The channels the register announces on; its relay is the only one who publishes."""

from shared.contracts.alerts import ALERT_CHANNELS
from shared.contracts.registry import CHANNELS

ANNOUNCED = (*CHANNELS, ALERT_CHANNELS["registry"])
