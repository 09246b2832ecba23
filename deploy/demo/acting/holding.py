"""Tell of held sessions: platforms by signature, institutions and towns with their own tokens."""

import asyncio
import hashlib
from collections.abc import Mapping, Sequence

from standardwebhooks.webhooks import Webhook

from deploy.demo.acting.doors import Call, Doors, as_json, expect, patiently
from deploy.demo.acting.push import signed
from deploy.demo.acting.registering import make_sender
from deploy.demo.acting.secret_file import SecretFile
from deploy.demo.sample.watched.held import PLATFORMS
from deploy.demo.sample.watched.model import Teller, Telling

_AT_ONCE = 4
_BATCH = 40
_OK = 200


async def make_platforms(doors: Doors, seed: int, secrets: SecretFile) -> dict[str, str]:
    """Make the teaching platforms, or take the secrets of an earlier run; return the secrets."""
    url = doors.url("schedule_monitor", "/v1/platforms")
    return {
        code: await make_sender(
            doors, url, {"code": code, "name": name}, who="平台", seed=seed, secrets=secrets
        )
        for code, name in PLATFORMS.items()
    }


async def tell_held(
    doors: Doors,
    tellings: Sequence[Telling],
    ids: Mapping[str, str],
    *,
    secrets: Mapping[str, str],
) -> None:
    """Tell of sessions, several tellers at once, each its own batches in their order.

    What is refused of a batch is in the record, and the rest of it is taken all the same.
    """
    at_once = asyncio.Semaphore(_AT_ONCE)
    by_teller: dict[Teller, list[Mapping[str, object]]] = {}
    for each in tellings:
        body = {**each.body, "institution_id": ids[each.institution.uscc]}
        by_teller.setdefault(each.teller, []).append(body)

    async def one(teller: Teller, bodies: list[Mapping[str, object]]) -> None:
        async with at_once:
            for start in range(0, len(bodies), _BATCH):
                content = as_json({"sessions": bodies[start : start + _BATCH]})
                call = _call(doors, teller, content, ids, secrets)
                expect(await patiently(doors, call), _OK)

    await asyncio.gather(*(one(teller, bodies) for teller, bodies in by_teller.items()))


def _call(
    doors: Doors,
    teller: Teller,
    content: bytes,
    ids: Mapping[str, str],
    secrets: Mapping[str, str],
) -> Call:
    if teller.kind == "platform":
        # The same batch has the same id in every run.
        webhook_id = f"msg_{hashlib.sha256(content).hexdigest()[:32]}"
        return Call(
            url=doors.url("schedule_monitor", f"/v1/platforms/{teller.code}/sessions"),
            headers=signed(Webhook(secrets[teller.code]), webhook_id, content),
            content=content,
        )
    url = doors.url("schedule_monitor", "/v1/held-sessions")
    if teller.kind == "town":
        return Call(
            url=url, headers=lambda: doors.bearer(role="staff", town=teller.code), content=content
        )
    institution = ids[teller.code]
    return Call(
        url=url,
        headers=lambda: doors.bearer(role="institution", institution=institution),
        content=content,
    )
