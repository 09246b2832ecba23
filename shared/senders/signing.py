"""Signatures of senders: Standard Webhooks, any of the live secrets, five minutes of tolerance."""

import base64
import binascii
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final, Protocol, TypeVar

from standardwebhooks import Webhook, WebhookVerificationError

from shared.access.throttle import Throttle
from shared.clock import machine_now, milliseconds
from shared.errors import Unauthenticated
from shared.ids import new_id
from shared.in_hand import Bounds, InHand
from shared.sealing import Sealer
from shared.senders.lockout import Lockout
from shared.senders.model import Secret

MOST_LIVE: Final = 2
_SECRET_BYTES = 32
_MOST_OPENED = 1_024
_LONGEST_SIGNATURE = 1_024
# What arrives costs memory alone.
_MOST_ARRIVING = 8
_BUSY = "本次请求没有保存；请按 Retry-After 以新的时间戳和签名整批重发"


class Sender(Protocol):
    """Whoever signs what it sends."""

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """Its signing secrets, the newest first."""


S = TypeVar("S", bound=Sender)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A request as its sender signed it, and the address it came from."""

    webhook_id: str
    timestamp: str
    signature: str
    body: bytes
    address: str


def new_signing_secret() -> str:
    """Return a new signing secret as its sender is to keep it."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def sealed_secret(secret: str, sealer: Sealer) -> Secret:
    """Return a signing secret as it is stored."""
    return Secret(id=new_id(), sealed=sealer.seal(secret), created_at=milliseconds(machine_now()))


class SenderDoor:
    """Tells senders by their signatures; an unknown one and a wrong signature answer alike."""

    def __init__(
        self,
        sealer: Sealer,
        *,
        throttle: Throttle,
        lockout: Lockout | None = None,
        bounds: Bounds | None = None,
        now: Callable[[], datetime] = machine_now,
    ) -> None:
        bounds = bounds or Bounds()
        # Two hands: whoever sends slowly, or signs nothing, keeps nobody from being worked for.
        self.arriving = InHand(
            most=_MOST_ARRIVING * bounds.requests,
            most_bytes=_MOST_ARRIVING * bounds.request_bytes,
            said=_BUSY,
        )
        self.in_hand = InHand(most=bounds.requests, most_bytes=bounds.request_bytes, said=_BUSY)
        self._throttle = throttle
        self._lockout = lockout or Lockout()
        self._now = now
        # Opening costs more than a signature; the text says all, and what is revoked is not asked.
        self._opened = lru_cache(_MOST_OPENED)(lambda sealed: Webhook(sealer.open(sealed)))
        self._decoy = Webhook(new_signing_secret())

    def refuse_locked_out(self, code: str, address: str) -> None:
        """Refuse an address that gave this sender too many bad signatures, before it is read."""
        self._lockout.refuse(code, address)

    def count_refused(self, code: str, address: str) -> None:
        """Count a request that was refused for where it came from, like a bad signature."""
        self._lockout.count(code, address)

    def verify(self, code: str, sender: S | None, signed: Signed) -> S:
        """Let a request in that one of the sender's live secrets signed, within its rate.

        There are always as many comparisons, none of them cut short: how long the answer takes
        does not tell whether the sender is known.
        """
        now = self._now()
        known = () if sender is None else sender.secrets
        live = [self._opened(one.sealed) for one in known if one.is_live(now)][:MOST_LIVE]
        decoys = [self._decoy] * (MOST_LIVE - len(live))
        good = [_verified(one, signed) for one in (*live, *decoys)]
        if sender is None or not any(good[: len(live)]):
            self._lockout.count(code, signed.address)
            raise Unauthenticated("签名无效、已过期，或未登记（Standard Webhooks，容差5分钟）")
        self._throttle.sender(code)
        return sender


def _verified(by: Webhook, signed: Signed) -> bool:
    headers = {
        "webhook-id": signed.webhook_id,
        "webhook-timestamp": signed.timestamp,
        "webhook-signature": signed.signature[:_LONGEST_SIGNATURE],
    }
    try:
        by.verify(signed.body, headers, json_parse=False)
    except (WebhookVerificationError, UnicodeError, ValueError, binascii.Error):
        return False
    return True
