"""The channels registry announces on; its relay is the only one who publishes."""

from faststream.nats import NatsRouter

from shared.contracts.alerts import ALERT_CHANNELS
from shared.contracts.audit import AUDIT_CHANNELS
from shared.contracts.registry import CHANNELS
from shared.messaging.subscribe import announce

router = NatsRouter()

for channel in (
    *CHANNELS,
    ALERT_CHANNELS["registry"],
    AUDIT_CHANNELS["registry"],
):
    announce(router, channel)
