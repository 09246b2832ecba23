"""The largest statement that a bank may send, through a process of its own over real HTTP."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
import openpyxl
import psutil
import pytest

from deploy.local.issuer import Issuer
from deploy.local.ports import Ports
from services.fund_monitor.domain.statements.statement_check import MOST_ROWS
from shared.mongo import Database, connect
from tests.deploy.demo.test_journey import free_port_base
from tests.support.dooming import doomed, environments
from tests.support.fund import SEEN_AT
from tests.support.waiting import until

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]

MIB = 1024 * 1024
ACCOUNTS = 400
HEADER = ["流水号", "账号", "日期", "金额"]
PATH = "/v1/banks/alpha/statements/2026-03-02"
MAPPING = dict(zip(("serial_no", "account_no", "booked_on", "amount"), HEADER, strict=True))


@dataclass
class Door:
    """fund_monitor as a process, asked as the bank alpha."""

    http: httpx.AsyncClient
    db: Database
    process: psutil.Process

    async def put(self, file: Path) -> httpx.Response:
        with file.open("rb") as content:
            return await self.http.put(PATH, content=_chunks(content.read()))

    def peak(self) -> int:
        """Return the most memory that the process has ever had."""
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
        raise LookupError("VmHWM")


async def _chunks(content: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(content), MIB):
        yield content[start : start + MIB]


def rows(count: int) -> Iterator[list[str]]:
    yield HEADER
    for number in range(count):
        yield [f"S{number:08d}", f"33048100{number % ACCOUNTS:04d}", "2026-03-02", "12.34"]


def as_csv(folder: Path, count: int) -> Path:
    file = folder / "statement.csv"
    text = "".join(",".join(row) + "\r\n" for row in rows(count))
    file.write_bytes(f"{text}合计,,,{count * 1234 / 100:.2f}\r\n".encode("gb18030"))
    return file


def as_workbook(folder: Path, count: int) -> Path:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in rows(count):
        sheet.append(row)
    file = folder / "statement.xlsx"
    book.save(file)
    return file


@pytest.fixture
async def door(mongo, bus, tmp_path: Path) -> AsyncIterator[Door]:
    base = free_port_base()
    offset = int((SEEN_AT - datetime.now(UTC)).total_seconds())
    told, keys = environments(tmp_path, bus=bus, mongo=mongo, port_base=base, offset_seconds=offset)
    client = connect(mongo.url, username=None, password=None, database="admin")
    issuer = Issuer(keys.issuer_key)
    url = f"http://127.0.0.1:{Ports(base).of('fund_monitor')}"
    async with (
        doomed("fund_monitor", environment=told["fund_monitor"], folder=tmp_path) as service,
        httpx.AsyncClient(base_url=url, trust_env=False, timeout=300) as http,
    ):
        pid = await service.begin("serve")
        http.headers["Authorization"] = f"Bearer {issuer.token(role='bank_admin')}"

        async def added() -> bool:
            try:
                return (await http.post("/v1/banks", json={"code": "alpha"})).status_code == 201
            except httpx.TransportError:
                return False

        await until(added, seconds=60)
        declared = {**MAPPING, "encoding": "gb18030"}
        answer = await http.put("/v1/banks/alpha/statement-mapping", json=declared)
        assert answer.status_code == 200, answer.text
        http.headers["Authorization"] = f"Bearer {issuer.token(role='bank', bank='alpha')}"
        yield Door(http, client["fund_monitor"], psutil.Process(pid))
    await client.drop_database("fund_monitor")
    await client.close()


@pytest.mark.parametrize("written", [as_csv, as_workbook])
async def test_is_taken_whole_in_bounded_memory(door: Door, tmp_path: Path, written):
    file = written(tmp_path, MOST_ROWS)
    before = door.peak()

    answer = await door.put(file)

    assert answer.status_code == 200, answer.text
    assert answer.json()["rows"] == MOST_ROWS
    assert await door.db["statement_lines"].count_documents({}) == MOST_ROWS
    # 49 MiB were seen: digests of the lines, and a batch of them; of the file itself, nothing.
    assert door.peak() - before < 96 * MIB


async def test_of_one_row_more_is_refused_and_nothing_of_it_is_kept(door: Door, tmp_path: Path):
    answer = await door.put(as_csv(tmp_path, MOST_ROWS + 2))

    assert answer.status_code == 422, answer.text
    assert answer.json()["type"] == "urn:haining:problem:statement-refused"
    assert str(MOST_ROWS) in answer.json()["errors"][0]["detail"]
    assert await door.db["statement_lines"].count_documents({}) == 0
    assert (await door.http.get(PATH)).status_code == 404
