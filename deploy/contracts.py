"""The documents that other departments and banks read, generated from the code."""

import json
import sys
from pathlib import Path
from typing import Any, cast

from deploy import duties_document, rules_document
from deploy.bank_interface import document as bank_interface
from deploy.bank_interface import sample
from services.ads_watch import application as ads_watch
from services.fund_monitor import application as fund_monitor
from services.registry import application as registry
from services.schedule_monitor import application as schedule_monitor
from shared.access.tokens import Verifier
from shared.audit.log import AuditLog, DigestKey
from shared.clock import Clock
from shared.kernel import Kernel
from shared.messaging.publish import Publisher
from shared.mongo import Database, connect

FOLDER = Path(__file__).parents[1] / "docs"


def documents() -> dict[Path, str]:
    """Return the text of every generated document with its place below ``docs``."""
    found = {
        Path("duties.md"): duties_document.text(),
        Path("rules.md"): rules_document.text(),
        Path("guides") / "bank-interface.md": bank_interface.text(),
        Path("guides") / "signing" / "body.json": sample.body(),
    }
    for name, app in applications().items():
        found[Path("openapi") / f"{name}.json"] = _text(app.openapi())
        found[Path("asyncapi") / f"{name}.json"] = _text(app.state.asyncapi)
    return found


def write() -> list[Path]:
    """Write what differs from the code; return which files changed."""
    changed = [(path, text) for path, text in documents().items() if _committed(path) != text]
    for path, text in changed:
        target = FOLDER / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    return [path for path, _ in changed]


def lagging() -> list[Path]:
    """Return which committed documents differ from the code."""
    return [path for path, text in documents().items() if _committed(path) != text]


def _committed(path: Path) -> str | None:
    target = FOLDER / path
    return target.read_text() if target.exists() else None


def _text(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def applications() -> dict[str, Any]:
    """Return the four applications without their servers: documents need none."""
    verifier = Verifier(jwks="", issuer="", audience="")
    client = connect("mongodb://127.0.0.1:1", username=None, password=None, database="documents")
    db: Database = client["documents"]

    audit = AuditLog(db, DigestKey("documents", b""))

    def kernel(service: str) -> Kernel:
        return Kernel(service=service, db=db, verifier=verifier, clock=Clock(), audit=audit)

    made: dict[str, Any] = {
        module.SERVICE: module.application(kernel(module.SERVICE))
        for module in (registry, schedule_monitor, ads_watch)
    }

    async def waiting() -> int:
        return 0

    made[fund_monitor.SERVICE] = fund_monitor.application(
        kernel(fund_monitor.SERVICE),
        bus=cast("Publisher", None),
        waiting=waiting,
    )
    return made


if __name__ == "__main__":
    if "--check" not in sys.argv:
        for changed in write():
            print(f"docs/{changed}")
    elif found := lagging():
        sys.exit(f"接口文档落后于代码：{'、'.join(map(str, found))}；请运行 ./run contracts")
