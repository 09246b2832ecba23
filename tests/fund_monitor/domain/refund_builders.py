"""Refunds for tests of the domain."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from services.fund_monitor.domain.refunds.refund import Refund

_REFUND = Refund(
    id="r1",
    institution_id="inst-1",
    contract_no="C1",
    requested_on=date(2026, 3, 2),
    reason="搬家",
    wanted_fen=None,
    refundable_fen=1_000,
    received_at=datetime(2026, 3, 2, 4, tzinfo=UTC),
)


def a_refund(**more: Any) -> Refund:
    return replace(_REFUND, **more)
