"""The channels fund_monitor announces on: the door's batches, facts and alerts by the relay."""

from faststream.nats import NatsRouter

from shared.contracts.alerts import ALERT_CHANNELS
from shared.contracts.audit import AUDIT_CHANNELS
from shared.contracts.bank import BANK_BATCH, BANK_BATCHES
from shared.contracts.fund import CONTRACT_FILED, DAY_CLOSED
from shared.messaging.subscribe import announce

router = NatsRouter()

announce(router, BANK_BATCH)
announce(router, BANK_BATCHES)
announce(router, ALERT_CHANNELS["fund_monitor"])
announce(router, CONTRACT_FILED)
announce(router, DAY_CLOSED)
announce(router, AUDIT_CHANNELS["fund_monitor"])
