"""The channels this service announces on; its relay is the only one who publishes."""

from shared.contracts.alerts import ALERT_CHANNELS

ANNOUNCED = (ALERT_CHANNELS["ads_watch"],)
