"""The documents that other departments and banks read, generated from the code."""

import json
import sys
from pathlib import Path
from typing import Any, cast

from joserfc.jwk import OctKey

from services.ads_watch import main as ads_watch
from services.fund_monitor import main as fund_monitor
from services.registry import main as registry
from services.schedule_monitor import main as schedule_monitor
from shared.access.tokens import Verifier
from shared.audit.log import AuditLog, DigestKey
from shared.clock import Clock
from shared.kernel import Kernel
from shared.messaging.publish import Publisher
from shared.mongo import Database, connect
from shared.sealing import Sealer

FOLDER = Path(__file__).parents[1] / "docs"


def documents() -> dict[Path, dict[str, Any]]:
    """Return every generated document with its place below ``docs``."""
    found: dict[Path, dict[str, Any]] = {}
    for name, app in _applications().items():
        found[Path("openapi") / f"{name}.json"] = app.openapi()
        found[Path("asyncapi") / f"{name}.json"] = app.state.asyncapi
    return found


def write() -> list[Path]:
    """Write what differs from the code; return which files changed."""
    changed = []
    for path, document in documents().items():
        text = json.dumps(document, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
        target = FOLDER / path
        if not target.exists() or target.read_text() != text:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)
            changed.append(path)
    return changed


def lagging() -> list[Path]:
    """Return which committed documents differ from the code."""
    return [
        path
        for path, document in documents().items()
        if not (FOLDER / path).exists() or json.loads((FOLDER / path).read_text()) != document
    ]


def _applications() -> dict[str, Any]:
    """Return the four applications without their servers: documents need none."""
    verifier = Verifier(jwks="", issuer="", audience="")
    client = connect("mongodb://127.0.0.1:1", username=None, password=None, database="documents")
    db: Database = client["documents"]

    audit = AuditLog(db, DigestKey("documents", b""))

    def kernel(service: str) -> Kernel:
        return Kernel(service=service, db=db, verifier=verifier, clock=Clock(), audit=audit)

    made: dict[str, Any] = {
        module.SERVICE: module.application(kernel(module.SERVICE))
        for module in (registry, ads_watch)
    }

    async def waiting() -> int:
        return 0

    sealer = Sealer(OctKey.generate_key(256))
    made[schedule_monitor.SERVICE] = schedule_monitor.application(
        kernel(schedule_monitor.SERVICE), sealer=sealer
    )
    made[fund_monitor.SERVICE] = fund_monitor.application(
        kernel(fund_monitor.SERVICE),
        bus=cast("Publisher", None),
        sealer=sealer,
        waiting=waiting,
    )
    return made


if __name__ == "__main__":
    if "--check" not in sys.argv:
        for changed in write():
            print(f"docs/{changed}")
    elif found := lagging():
        sys.exit(f"接口文档落后于代码：{'、'.join(map(str, found))}；请运行 ./run contracts")
