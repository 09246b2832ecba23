"""What runs, and whether it works: asked of the processes themselves."""

import asyncio
from dataclasses import dataclass

from deploy.local import mongo_server, nats_server, record
from deploy.local.keys import MONGO_ADMIN, Keys
from deploy.local.layout import Layout
from deploy.local.mongo_server import Login
from deploy.local.record import ProcessRecord
from deploy.local.services import Ready, ready_file
from shared.messaging.permissions import OPERATOR


@dataclass(frozen=True, slots=True)
class Status:
    """One process as seen now."""

    process: ProcessRecord
    ready: bool

    def as_json(self) -> dict[str, object]:
        """Return what scripts read."""
        process = self.process
        return {
            "name": process.name,
            "pid": process.pid,
            "port": process.port,
            "ready": self.ready,
            "restarts": process.restarts,
        }


async def look(layout: Layout | None = None) -> tuple[Status, ...]:
    """Return every process of the running stack; nothing when there is none."""
    layout = layout or Layout()
    found = record.running(layout)
    if found is None:
        return ()
    ready = await asyncio.gather(*(_works(layout, process) for process in found.processes))
    return tuple(
        Status(process=process, ready=works)
        for process, works in zip(found.processes, ready, strict=True)
    )


async def _works(layout: Layout, process: ProcessRecord) -> bool:
    if not process.lives:
        return False
    try:
        await _ask(layout, process)
    except Exception:  # noqa: BLE001  (whatever fails, it does not work now)
        return False
    return True


async def _ask(layout: Layout, process: ProcessRecord) -> None:
    keys = Keys(layout.keys)
    if process.name == "nats-server":
        await nats_server.ready(f"nats://127.0.0.1:{process.port}", seed=keys.nats_seed(OPERATOR))
    elif process.name == "mongod":
        password = keys.mongo_password(MONGO_ADMIN).read_text()
        admin = Login(user=MONGO_ADMIN, password=password)
        await mongo_server.ready(f"127.0.0.1:{process.port}", admin=admin)
    else:
        await Ready(port=process.port, ready_file=ready_file(layout, process.name))()
