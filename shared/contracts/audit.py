"""What each service tells two others about its audit chain. Owner: whose chain it is."""

from typing import Annotated

from pydantic import AwareDatetime, Field

from shared.contracts.base import Channel, Contract

Digest = Annotated[
    str,
    Field(
        max_length=160,
        pattern=r"^[a-z0-9-]+:[0-9a-f]+$",
        description="A digest with its algorithm's name before it.",
        examples=["sha-256:" + "0" * 64],
    ),
]


class AuditHeadSealed(Contract):
    """How far a service's audit chain reached at a moment, for others to keep beside it."""

    service: Annotated[str, Field(max_length=64, pattern=r"^[a-z_]+$")]
    sequence: Annotated[int, Field(ge=1, lt=2**53, description="Place of the last sealed row.")]
    hash: Digest
    read_at: AwareDatetime = Field(description="When the head was read, by the machine's clock.")


def _head_of(service: str, word: str) -> Channel[AuditHeadSealed]:
    return Channel(
        f"{word}.audit-head-sealed.v1.{{service}}",
        word.upper(),
        AuditHeadSealed,
        service=service,
        title=f"AuditHeadSealed.{service}",
    )


AUDIT_CHANNELS: dict[str, Channel[AuditHeadSealed]] = {
    "registry": _head_of("registry", "registry"),
    "schedule_monitor": _head_of("schedule_monitor", "schedule"),
    "fund_monitor": _head_of("fund_monitor", "fund"),
    "ads_watch": _head_of("ads_watch", "ads"),
}
