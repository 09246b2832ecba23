"""A worker of the file door is killed around each of its steps, and every result is as without."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from signal import SIGKILL
from typing import Any

import httpx
import pytest

from deploy.local.issuer import Issuer
from deploy.local.ports import Ports
from shared.mongo import Database, connect
from shared.senders.detached import sign_file
from tests.deploy.demo.test_journey import free_port_base
from tests.support.dooming import Doomed, doomed, environments
from tests.support.fund import SEEN_AT, money, opened
from tests.support.waiting import until

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

STEPS = ("held", "copied", "taken", "answers", "answered", "result", "given", "moved", "done")
POINTS = [
    *((f"file-{step}", when) for step in STEPS for when in ("before", "after")),
    *(("door", when) for when in ("before", "after")),
]
LINES = 600


@dataclass
class Worker:
    """fund_monitor's worker with its drop folder and its store."""

    service: Doomed
    db: Database
    folder: Path
    secret: str

    def drop(self, number: int) -> str:
        name = f"events-20260302-{number:06d}.jsonl"
        events = [
            opened(f"A{number}"),
            *(money("deposit", f"d{n}", 5, account_no=f"A{number}") for n in range(LINES - 1)),
        ]
        content = "".join(json.dumps(event) + "\n" for event in events).encode()
        signature = sign_file([content], secret=self.secret, name=name, signed_at=datetime.now(UTC))
        (self.folder / "in" / name).write_bytes(content)
        (self.folder / "in" / f"{name}.sig").write_bytes(signature.text())
        return name

    def result(self, name: str) -> list[dict[str, Any]]:
        path = self.folder / "out" / f"{name}.result.jsonl"
        return [json.loads(line) for line in path.read_bytes().splitlines()]

    async def has(self, collection: str, state: str, expected: int) -> bool:
        return await self.db[collection].count_documents({"state": state}) == expected

    async def lease_ends(self) -> None:
        """Let the minute pass for which a killed worker holds the folder."""
        await self.db["dropped_folders"].update_many({}, {"$set": {"until": None}})


@pytest.fixture
async def worker(mongo, bus, tmp_path: Path) -> AsyncIterator[Worker]:
    base = free_port_base()
    offset = int((SEEN_AT - datetime.now(UTC)).total_seconds())
    told, keys = environments(tmp_path, bus=bus, mongo=mongo, port_base=base, offset_seconds=offset)
    environment = {**told["fund_monitor"], "FUND_MONITOR_DROP_FOLDER": str(tmp_path / "drop")}
    (tmp_path / "drop" / "alpha" / "in").mkdir(parents=True)
    client = connect(mongo.url, username=None, password=None, database="admin")
    async with doomed("fund_monitor", environment=environment, folder=tmp_path) as service:
        await service.begin("serve")
        secret = await _bank(Ports(base).of("fund_monitor"), Issuer(keys.issuer_key))
        await service.stop()
        yield Worker(service, client["fund_monitor"], tmp_path / "drop" / "alpha", secret)
    await client.drop_database("fund_monitor")
    await client.close()


async def _bank(port: int, issuer: Issuer) -> str:
    headers = {"Authorization": f"Bearer {issuer.token(role='bank_admin')}"}
    async with httpx.AsyncClient(trust_env=False, timeout=20) as http, asyncio.timeout(60):
        while True:
            try:
                answer = await http.post(
                    f"http://127.0.0.1:{port}/v1/banks", json={"code": "alpha"}, headers=headers
                )
            except httpx.TransportError:
                await asyncio.sleep(0.1)
                continue
            return str(answer.json()["secret"])


async def test_a_kill_at_any_step_changes_no_result(worker: Worker):
    codes, names = [], []
    for number, (point, when) in enumerate(POINTS, start=1):
        names.append(worker.drop(number))
        await worker.service.begin("work", point=point, when=when)
        codes.append(await worker.service.ended())
        await worker.lease_ends()
    await worker.service.begin("work")
    await until(lambda: worker.has("dropped_files", "done", len(names)), seconds=120)
    await until(lambda: worker.has("events", "posted", LINES * len(names)), seconds=120)
    await worker.service.stop()

    assert codes == [-SIGKILL] * len(POINTS)
    for name in names:
        *lines, last = worker.result(name)
        assert {line["status"] for line in lines} == {"accepted"}
        assert [line["line"] for line in lines] == list(range(1, LINES + 1))
        assert (last["summary"]["accepted"], last["summary"]["missing"]) == (LINES, 0)
    for place in ("in", "taken"):
        assert list((worker.folder / place).iterdir()) == []
    lying = {one.name for one in (worker.folder / "done").iterdir()}
    assert lying == {f"{name}{end}" for name in names for end in ENDINGS}
    balances = [row["balance_fen"] async for row in worker.db["accounts"].find()]
    assert balances == [5 * (LINES - 1)] * len(names)
    assert await worker.db["dropped_answers"].count_documents({}) == 0


ENDINGS = ("", ".sig", ".result.jsonl", ".result.jsonl.sig")
