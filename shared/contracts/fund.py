"""What fund_monitor tells the others. Owner: 市金融办 with 市人民银行."""

from datetime import date
from typing import Annotated

from pydantic import AwareDatetime, Field

from shared.contracts.audit import Digest
from shared.contracts.base import Channel, Contract

Fen = Annotated[int, Field(gt=-(2**53), lt=2**53, description="In fen.")]
Count = Annotated[int, Field(ge=0, lt=2**53)]


class DayClosed(Contract):
    """The journal was closed for a day: what was recorded up to then has this hash.

    The hash covers the closing before, so that whoever keeps one of them can tell a change of any
    entry before it.
    """

    day: date
    sequence: Annotated[int, Field(ge=1, lt=2**53, description="Place in the row of closings.")]
    closed_at: AwareDatetime = Field(description="By the machine's clock.")
    entries: Annotated[Count, Field(description="Entries recorded since the closing before.")]
    late: Annotated[Count, Field(description="How many of them belong to an earlier day.")]
    balance_fen: Annotated[Fen, Field(description="All bank balances together.")]
    hash: Digest


DAY_CLOSED = Channel("fund.day-closed.v1.{day}", "FUND", DayClosed, service="fund_monitor")
