"""A bank that drops files into a real folder, and the door that looks through it."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from standardwebhooks import Webhook

from services.fund_monitor.app.banks.file_door import FileDesk, FileDoor
from services.fund_monitor.app.banks.take_file import FileIntake
from services.fund_monitor.app.sight import FundSight
from services.fund_monitor.store.banks.banks import BankStore
from services.fund_monitor.store.banks.dropped_files import DroppedFileStore
from services.fund_monitor.store.ledger.records import RecordStore
from services.fund_monitor.store.statements.statements import StatementStore
from shared.messaging.publish import Publisher
from shared.senders.detached import FileSignature, sign_file
from shared.telemetry.sight import Sight
from tests.support.audit import audit_log
from tests.support.fund import SEEN_AT, Event, FundMonitor


class DroppingBank:
    """The bank alpha and its drop folder."""

    def __init__(self, fund: FundMonitor, root: Path, bank: str = "alpha") -> None:
        self.fund = fund
        self.root = root
        self.bank = bank
        self.folder = root / bank
        (self.folder / "in").mkdir(parents=True, exist_ok=True)

    def door(self, *, lease: timedelta = timedelta(seconds=60)) -> FileDoor:
        """Return a worker's door, with everything of a worker's own."""
        audit = audit_log(self.fund.db)
        intake = FileIntake(
            banks=BankStore(self.fund.db, audit),
            records=RecordStore(self.fund.db),
            files=DroppedFileStore(self.fund.db, audit),
            bus=Publisher(self.fund.bus.jetstream(), stream="BANK_INTAKE"),
        )
        desk = FileDesk(
            intake=intake,
            statements=StatementStore(self.fund.db, audit),
            sealer=self.fund.app.state.rooms.sealer,
            now=lambda: SEEN_AT,
            seen=FundSight(Sight()),
            lease=lease,
        )
        return FileDoor(self.root, desk)

    async def taken(self, door: FileDoor | None = None) -> int:
        """Look through the folder twice: what looks the same is taken."""
        found = door or self.door()
        await found.turn()
        return await found.turn()

    def drop(
        self,
        name: str,
        content: bytes,
        *,
        webhook_id: str | None = None,
        signed_at: datetime | None = None,
        signed_after: timedelta = timedelta(),
        secret: str | None = None,
    ) -> None:
        """Put a file with its signature into the folder, the signature last."""
        moment = signed_at or datetime.now(UTC) + signed_after
        signature = sign_file(
            [content],
            secret=secret or self.fund.secrets[self.bank],
            name=webhook_id or name,
            signed_at=moment,
        )
        (self.folder / "in" / name).write_bytes(content)
        (self.folder / "in" / f"{name}.sig").write_bytes(signature.text())

    def drop_events(self, number: int, *events: object, day: str = "20260302") -> str:
        name = f"events-{day}-{number:06d}.jsonl"
        self.drop(name, lines_of(*events))
        return name

    def result(self, name: str) -> list[dict[str, Any]]:
        """Read a result, which must be signed by the bank's own secret."""
        path = self.folder / "out" / f"{name}.result.jsonl"
        content = path.read_bytes()
        signature = FileSignature.read(path.with_name(f"{path.name}.sig").read_bytes())
        headers = {
            "webhook-id": signature.webhook_id,
            "webhook-timestamp": signature.timestamp,
            "webhook-signature": " ".join(signature.signatures),
        }
        Webhook(self.fund.secrets[self.bank]).verify(content, headers, json_parse=False)
        assert signature.webhook_id == path.name
        return [json.loads(line) for line in content.splitlines()]

    def summary(self, name: str) -> dict[str, Any]:
        return dict(self.result(name)[-1]["summary"])

    def lying(self, place: str) -> set[str]:
        """Return what lies in one part of the folder."""
        return {one.name for one in (self.folder / place).iterdir()}


def lines_of(*events: Event | object) -> bytes:
    return b"".join(json.dumps(event).encode() + b"\n" for event in events)
