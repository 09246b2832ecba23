"""What a run found, as a person, a program and a signed report read it."""

import hashlib
import json
from collections import Counter
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cached_property
from typing import Final

from rich.table import Table
from rich.text import Text

from deploy.bank_kit.case import Ended
from deploy.bank_kit.plan import Plan
from shared.city_time import CITY_TIME

KIT_VERSION: Final = "1"
NAMES: Final = {"passed": "通过", "failed": "未通过", "skipped": "未做"}
_MARKS: Final = {
    "passed": ("✓ 通过", "green"),
    "failed": ("✗ 未通过", "bold red"),
    "skipped": ("– 未做", "yellow"),
}


@dataclass(frozen=True)
class Result:
    """A run of the kit: its plan without secrets, when it was, and how every case ended."""

    plan: Plan
    at: datetime
    service_version: str
    cases: tuple[Ended, ...]

    @property
    def passed(self) -> bool:
        """Nothing failed, and something was tried; what was not tried is told in the report."""
        totals = self.totals
        return totals["failed"] == 0 and totals["passed"] > 0

    @property
    def totals(self) -> dict[str, int]:
        counted = Counter(case.outcome for case in self.cases)
        return {outcome: counted[outcome] for outcome in ("passed", "failed", "skipped")}

    @cached_property
    def document(self) -> bytes:
        """The JSON of this run: these very bytes are written, and digested."""
        told = {
            "bank": self.plan.bank,
            "url": self.plan.url,
            "run": self.plan.run,
            "day": self.plan.day.isoformat(),
            "identity_fields": list(self.plan.identity_fields),
            "at": self.at.astimezone(CITY_TIME).isoformat(timespec="seconds"),
            "kit_version": KIT_VERSION,
            "service_version": self.service_version,
            "passed": self.passed,
            "totals": self.totals,
            "cases": [asdict(case) for case in self.cases],
        }
        return (json.dumps(told, ensure_ascii=False, indent=2) + "\n").encode()

    @property
    def digest(self) -> str:
        """The digest by which a certificate of the bank names this run."""
        return "sha256:" + hashlib.sha256(self.document).hexdigest()


def table(result: Result) -> Table:
    """Return the conformance table for a person at a terminal."""
    totals = "，".join(f"{NAMES[name]} {count}" for name, count in result.totals.items())
    shown = Table(title=f"银行 {result.plan.bank} 接口一致性（{totals}）")
    for header in ("编号", "检验", "应为", "所见", "结果"):
        shown.add_column(header, overflow="fold")
    for case in result.cases:
        mark, style = _MARKS[case.outcome]
        shown.add_row(
            case.number,
            Text(case.shows),
            Text(case.expected),
            Text(case.seen),
            Text(mark, style=style),
        )
    return shown
