"""The channels ads_watch announces on; its relay is the only one who publishes."""

from faststream.nats import NatsRouter

from shared.contracts.ads import CHANNELS
from shared.contracts.alerts import ALERT_CHANNELS
from shared.contracts.audit import AUDIT_CHANNELS
from shared.messaging.subscribe import announce

router = NatsRouter()

for channel in CHANNELS:
    announce(router, channel)
announce(router, ALERT_CHANNELS["ads_watch"])
announce(router, AUDIT_CHANNELS["ads_watch"])
