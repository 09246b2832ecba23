"""One request with everything fixed, so that a bank can hold its own signature against ours."""

import json
from datetime import UTC, datetime
from typing import Final

from standardwebhooks import Webhook

from deploy.bank_interface import fields
from shared.contracts.bank import AccountOpened, Deposit

# Anybody may read this secret: it is for this sample and belongs to no bank.
SECRET: Final = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="  # noqa: S105 - printed in the guide, no bank has it
MESSAGE_ID: Final = "msg_20260302000017"
TIMESTAMP: Final = 1772415000


def body() -> str:
    """Return the body: two events, one with Chinese in it, and no line end after them."""
    opened = {**fields.example_of(AccountOpened), "serial_no": "20260302-000016"}
    events = [opened, fields.example_of(Deposit)]
    return json.dumps({"events": events}, ensure_ascii=False, separators=(",", ":"))


def signature() -> str:
    """Return what stands in ``webhook-signature``, by the library that the door itself uses."""
    return Webhook(SECRET).sign(MESSAGE_ID, datetime.fromtimestamp(TIMESTAMP, UTC), body())
