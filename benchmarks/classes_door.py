"""schedule_monitor as its callers meet it: one class a request, and a term of five hundred."""

import asyncio
import json
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx

from benchmarks.city import City, any_port, ended_early, programs
from benchmarks.classes_city import fill, headers_of, rows_of, settings_for
from benchmarks.door import percentile
from benchmarks.sender import Connection
from services.schedule_monitor.app.recheck_current import CurrentTimetables
from services.schedule_monitor.application import SERVICE
from services.schedule_monitor.domain.rules.columns import wall_time
from services.schedule_monitor.store.indexes import INDEXES
from shared.wiring import wired

_COMMAND = ("services.schedule_monitor.main", "both")
_CHECK = "/v1/timetables/check"
_AT_ONCE = 4
_PATIENCE_SECONDS = 300
_WARM = 3


async def at_the_door(
    servers: City, file: Path, *, institutions: int, seconds: int, terms: int
) -> dict[str, Mapping[str, float]]:
    """Tell how fast the store's classes are judged again, and how fast checks are answered."""
    settings = settings_for(servers, port=any_port())
    async with wired(settings, service=SERVICE, indexes=INDEXES) as wires:
        db = wires.kernel.db
        await fill(db, file, institutions=institutions)
        began = time.perf_counter()
        found = await CurrentTimetables(db).recheck()
        mongo = {"sessions_per_second": found.sessions / (time.perf_counter() - began)}
        with programs(_COMMAND, settings, processes=1) as running:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                await _ready(settings.port)
                # What is marked is judged first: nothing else works when answers are timed.
                while await db["to_judge"].find_one({}) is not None:
                    await ended_early(running)
                    await asyncio.sleep(0.1)
            door = _Door(settings.port, headers_of(servers))
            rows = rows_of(file, institutions=institutions)
            single = await door.single(rows, seconds=seconds)
            term = await door.terms(rows, count=terms)
    return {"mongo": mongo, "single": single, "term_500": term}


class _Door:
    """The service's door, and who asks at it."""

    def __init__(self, port: int, headers: Mapping[str, str]) -> None:
        self._port = port
        self._headers = headers

    async def single(self, rows: Sequence[Mapping[str, Any]], *, seconds: int) -> dict[str, float]:
        """Check one class a request, a few callers at once, each as fast as it is answered."""
        bodies = [_body([row]) for row in rows]
        latencies: list[float] = []
        until = time.perf_counter() + seconds

        async def ask(caller: int) -> None:
            turn = caller
            async with Connection(self._port) as line:
                while time.perf_counter() < until:
                    latencies.append(await self._asked(line, bodies[turn % len(bodies)]))
                    turn += _AT_ONCE

        await asyncio.gather(*(ask(caller) for caller in range(_AT_ONCE)))
        return {
            "checks_per_second": len(latencies) / seconds,
            "p50_ms": percentile(latencies, 50) * 1_000,
            "p95_ms": percentile(latencies, 95) * 1_000,
        }

    async def terms(self, rows: Sequence[Mapping[str, Any]], *, count: int) -> dict[str, float]:
        """Check an institution's term a request, one after the other."""
        names = sorted({str(row["institution"]) for row in rows})
        bodies = [_body([it for it in rows if it["institution"] == name]) for name in names]
        latencies: list[float] = []
        async with Connection(self._port) as line:
            for turn in range(count + _WARM):
                took = await self._asked(line, bodies[turn % len(bodies)])
                if turn >= _WARM:
                    latencies.append(took)
        return {
            "p50_ms": percentile(latencies, 50) * 1_000,
            "p95_ms": percentile(latencies, 95) * 1_000,
        }

    async def _asked(self, line: Connection, body: bytes) -> float:
        began = time.perf_counter()
        status = await line.post(_CHECK, self._headers, body)
        if status != httpx.codes.OK:
            raise RuntimeError(f"the door answered {status}")
        return time.perf_counter() - began


def _body(rows: Sequence[Mapping[str, Any]]) -> bytes:
    sessions = [
        {
            "date": row["on"].isoformat(),
            "start": wall_time(row["start"]).isoformat(),
            "end": wall_time(row["end"]).isoformat(),
            **{name: row[name] for name in _TOLD if row[name] is not None},
        }
        for row in rows
    ]
    asked = {"institution_id": rows[0]["institution"], "sessions": sessions}
    return json.dumps(asked, ensure_ascii=False).encode()


_TOLD = (
    *("class_group", "stage", "course", "teacher", "room"),
    *("site", "students", "roster", "delivery"),
)


async def _ready(port: int) -> None:
    async with httpx.AsyncClient(trust_env=False) as client:
        while True:
            with suppress(httpx.TransportError):
                answer = await client.get(f"http://127.0.0.1:{port}/health/ready")
                if answer.is_success:
                    return
            await asyncio.sleep(0.1)
