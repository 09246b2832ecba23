"""Signed webhooks by the Standard Webhooks specification: one POST, no redirect, 15 seconds."""

import asyncio
import json
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus

import httpcore
from standardwebhooks import Webhook

from shared.clock import machine_now
from shared.notify.addresses import AddressRefused, AddressRules, GuardedBackend
from shared.notify.model import EndpointGone, Job, Undelivered
from shared.sealing import Sealer

TIMEOUT = timedelta(seconds=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedMessage:
    """What is posted, to where, and the sealed secrets that its receiver knows it by."""

    id: str
    target: str
    body: str
    sealed_secrets: Sequence[str]


class SignedPost:
    """Posts one message to an address that the rules admit: the one way out for every webhook."""

    def __init__(self, *, sealer: Sealer, rules: AddressRules) -> None:
        self._sealer = sealer
        self._rules = rules
        self._trust = ssl.create_default_context()

    async def send(self, message: SignedMessage) -> None:
        """Send a message once; ``Undelivered`` says why it did not arrive."""
        try:
            async with asyncio.timeout(TIMEOUT.total_seconds()):
                status = await self._post(message.target, message.body, self._headers(message))
        except AddressRefused as error:
            raise Undelivered(str(error)) from error
        except TimeoutError as error:
            raise Undelivered(f"{TIMEOUT.seconds} 秒内没有应答") from error
        except (httpcore.NetworkError, httpcore.ProtocolError, OSError) as error:
            raise Undelivered(f"连接失败（{type(error).__name__}）") from error
        if status == HTTPStatus.GONE:
            raise EndpointGone("接收方答复 410，不再接收")
        if not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            raise Undelivered(f"接收方答复 HTTP {status}")

    async def _post(self, url: str, body: str, headers: Mapping[bytes | str, bytes | str]) -> int:
        # A pool for each message: no connection outlives the check of its address.
        async with (
            httpcore.AsyncConnectionPool(
                ssl_context=self._trust, network_backend=GuardedBackend(self._rules)
            ) as pool,
            # The answer's body is nobody's business and may be endless, so it is not read.
            pool.stream("POST", url, headers=headers, content=body.encode()) as answer,
        ):
            return answer.status

    def _headers(self, message: SignedMessage) -> Mapping[bytes | str, bytes | str]:
        now = machine_now()
        signatures = (
            Webhook(self._sealer.open(sealed)).sign(message.id, now, message.body)
            for sealed in message.sealed_secrets
        )
        return {
            "content-type": "application/json",
            "user-agent": "haining-notifier",
            "webhook-id": message.id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": " ".join(signatures),
        }


class WebhookCarrier:
    """Posts a message to a department's own address, signed with the secrets it was given."""

    def __init__(self, *, service: str, sealer: Sealer, rules: AddressRules) -> None:
        self._service = service
        self._post = SignedPost(sealer=sealer, rules=rules)

    async def carry(self, job: Job) -> None:
        body = _body(job, service=self._service)
        await self._post.send(
            SignedMessage(
                id=job.id, target=job.target, body=body, sealed_secrets=job.sealed_secrets
            )
        )


def _body(job: Job, *, service: str) -> str:
    """Return what is posted, the same at every attempt: type, timestamp and data."""
    content = {
        "type": f"cn.haining.{service}.{job.kind}.v1",
        "timestamp": job.made_at.isoformat(),
        "data": {
            "department": job.department,
            "title": job.title,
            "text": job.text,
            "details": dict(job.data),
        },
    }
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))
