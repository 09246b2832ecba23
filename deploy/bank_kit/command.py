"""``./run bank-kit``: read what the run needs, try the cases, leave the result and the report."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from rich.console import Console

from deploy.bank_kit import report
from deploy.bank_kit.connecting import Trust, connected
from deploy.bank_kit.plan import KIT_INSTITUTION, Plan
from deploy.bank_kit.result import Result, table
from deploy.bank_kit.running import run
from deploy.local.files import write_private
from deploy.local.problem import StackProblem
from deploy.local.stack import Stack
from shared.city_time import city_date
from shared.clock import machine_now

_DAYS_AGO: Final = 3
_DECLARABLE: Final = ("booked_on", "entry_no")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a person asked of the kit."""

    url: str
    bank: str
    secret_file: Path
    token_file: Path | None = None
    admin_token_file: Path | None = None
    identity_fields: tuple[str, ...] = ()
    institution_code: str | None = None
    drop_folder: Path | None = None
    day: date | None = None
    json_file: Path | None = None
    report_file: Path | None = None
    trust: Trust = field(default_factory=Trust)


def bank_kit(asked: Asked, *, stacks: tuple[Stack, ...], console: Console) -> bool:
    """Try the cases, show the table, write the files; tell whether everything passed."""
    result = asyncio.run(_run(_plan(asked, stacks), asked.trust))
    console.print(table(result))
    console.print(f"结果摘要 {result.digest}")
    if asked.json_file is not None:
        asked.json_file.write_bytes(result.document)
    if asked.report_file is not None:
        report.write(result, asked.report_file)
    return result.passed


async def _run(plan: Plan, trust: Trust) -> Result:
    async with connected(plan.url, trust) as client:
        return await run(client, plan)


def _plan(asked: Asked, stacks: tuple[Stack, ...]) -> Plan:
    url = asked.url.rstrip("/")
    if urlsplit(url).scheme not in {"http", "https"}:
        raise StackProblem("--url 须以 http:// 或 https:// 开头")
    unknown = sorted(set(asked.identity_fields) - set(_DECLARABLE))
    if unknown:
        raise StackProblem(f"--identity-fields 只能是 {' '.join(_DECLARABLE)}")
    return Plan(
        url=url,
        bank=asked.bank,
        secret=_line_of(asked.secret_file),
        reader=_reader(asked, url, stacks),
        day=asked.day or city_date(machine_now()) - timedelta(days=_DAYS_AGO),
        identity_fields=tuple(sorted(asked.identity_fields)),
        administrator=_line_of(asked.admin_token_file) if asked.admin_token_file else None,
        keep_secret=lambda secret: write_private(asked.secret_file, secret + "\n"),
        institution_code=asked.institution_code or KIT_INSTITUTION,
        drop_folder=asked.drop_folder,
    )


def _reader(asked: Asked, url: str, stacks: tuple[Stack, ...]) -> str:
    """Return the token given, or one of the local stack that has this very address."""
    if asked.token_file is not None:
        return _line_of(asked.token_file)
    for stack in stacks:
        if stack.urls.get("fund_monitor") == url:
            return stack.issuer.token(role="bank", bank=asked.bank)
    raise StackProblem("查询入账结果需要银行的令牌：用 --token-file 给出（本地栈之外的地址）")


def _line_of(file: Path) -> str:
    with suppress(OSError, UnicodeDecodeError):
        text = file.read_text(encoding="utf-8").strip()
        if text:
            return text
    raise StackProblem(f"读不到 {file}，或文件是空的")
