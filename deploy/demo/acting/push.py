"""Push the sample's requests through the bank's door, signed, several at once, until all are in."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime

from standardwebhooks.webhooks import Webhook

from deploy.demo.acting.doors import Call, Doors, as_json, expect, patiently
from deploy.demo.sample.model import Request

_AT_ONCE = 2
"""Requests that one bank has on the way at the same time."""
_ACCEPTED = 202

Progress = Callable[[int], None]
"""Told how many more events the door has taken."""


async def push(
    doors: Doors, requests: tuple[Request, ...], *, secrets: Mapping[str, str], progress: Progress
) -> None:
    """Push requests, each bank its own in their order, and return when the door has them all."""
    try:
        async with asyncio.TaskGroup() as group:
            for code in dict.fromkeys(each.bank.code for each in requests):
                queue = iter([each for each in requests if each.bank.code == code])
                for _ in range(_AT_ONCE):
                    group.create_task(_sender(doors, queue, Webhook(secrets[code]), progress))
    except ExceptionGroup as failed:
        # The first one says what is wrong; the others were told to stop, or failed alike.
        raise failed.exceptions[0] from None


async def _sender(
    doors: Doors, queue: Iterator[Request], webhook: Webhook, progress: Progress
) -> None:
    for request in queue:
        await _send(doors, request, webhook)
        progress(len(request.sendings))


async def _send(doors: Doors, request: Request, webhook: Webhook) -> None:
    events = [each.body for each in request.sendings]
    body = as_json({"events": events})

    url = doors.url("fund_monitor", f"/v1/banks/{request.bank.code}/events")
    call = Call(url=url, headers=signed(webhook, request.webhook_id, body), content=body)
    expect(await patiently(doors, call), _ACCEPTED)


def signed(webhook: Webhook, webhook_id: str, body: bytes) -> Callable[[], Mapping[str, str]]:
    """Return what makes the headers of a signed request, each time with the time it is sent."""

    def headers() -> Mapping[str, str]:
        now = datetime.now(UTC)
        return {
            "content-type": "application/json",
            "webhook-id": webhook_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": webhook.sign(webhook_id, now, body.decode()),
        }

    return headers
