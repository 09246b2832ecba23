"""The file door: what banks drop into their folders is taken by the rules of the HTTP door.

Each step bears a repeat, and the next one rests on what the one before left in the store or on
disk: a worker that dies anywhere is followed by one that ends with the same result.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import ClassVar, Final

from services.fund_monitor.app.banks.admit import admit
from services.fund_monitor.app.banks.drop_folder import (
    BankFolder,
    FileChanged,
    Look,
    Signing,
    Spooled,
    short,
)
from services.fund_monitor.app.banks.take_file import (
    FileIntake,
    problem_row,
    result_line,
    take_events,
)
from services.fund_monitor.app.sight import FundSight
from services.fund_monitor.app.statements.take_statement import StatementFile, take_statement
from services.fund_monitor.domain.banks.bank import Bank
from services.fund_monitor.domain.banks.dropped import dropped_name
from services.fund_monitor.store.banks.dropped_files import Dropped, FolderLost
from services.fund_monitor.store.statements.statements import StatementStore
from shared.audit.log import Who
from shared.cancelling import ended
from shared.clock import machine_now
from shared.errors import Refusal, Rejected, Unavailable
from shared.logs import log
from shared.mongo import Row, unreachable
from shared.problem import problem_of
from shared.sealing import Sealer
from shared.senders.detached import FileCheck, FileSignature

_POLL_SECONDS: Final = 2.0
_LEASE: Final = timedelta(seconds=60)


class FileNameRefused(Rejected):
    """The file's name does not say what it is."""

    code: ClassVar[str] = "file-name-refused"
    title: ClassVar[str] = "文件名不符合规定"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileDesk:
    """What the file door works on."""

    intake: FileIntake
    statements: StatementStore
    sealer: Sealer
    now: Callable[[], datetime]
    seen: FundSight
    sandbox: bool = False
    lease: timedelta = _LEASE


class FileDoor:
    """Looks through the drop folders of banks; several workers may run beside each other."""

    def __init__(self, root: Path, desk: FileDesk) -> None:
        self._root = root
        self._desk = desk
        self._files = desk.intake.files
        self._looks: dict[str, dict[str, Look]] = {}
        self.wrong: str | None = None

    async def run(self) -> None:
        """Take what is dropped until cancelled."""
        while True:
            await self.turn()
            await asyncio.sleep(_POLL_SECONDS)

    async def turn(self) -> int:
        """Look through every folder once; return how many files were looked at."""
        wrong: list[str] = []
        answered = await self._turn(wrong)
        self.wrong = wrong[0] if wrong else None
        return answered

    async def _turn(self, wrong: list[str]) -> int:
        try:
            codes = await asyncio.to_thread(self._codes)
        except OSError as error:
            wrong.append(f"投递目录无法读取：{type(error).__name__}")
            log.warning("files.not_readable", error=repr(error)[:200])
            return 0
        return sum([await self._folder_apart(code, wrong) for code in codes])

    async def _folder_apart(self, code: str, wrong: list[str]) -> int:
        """Look through one folder; what is wrong with it is not the others' trouble."""
        try:
            return await self._folder(code)
        except FolderLost:
            log.warning("files.folder_lost", bank=code)
        except Exception as error:  # noqa: BLE001 - the files stay where they are for the next turn
            wrong.append(f"银行 {code} 的投递文件无法处理：{type(error).__name__}")
            if isinstance(error, OSError | Unavailable) or unreachable(error):
                log.warning("files.not_taken", bank=code, error=repr(error)[:200])
            else:
                log.error("files.failed", bank=code, exc_info=error)
        return 0

    async def reaches(self) -> None:
        """Fail where the folders cannot be read or written: for readiness."""
        if self.wrong is not None:
            raise TimeoutError(self.wrong)

    def _codes(self) -> list[str]:
        return sorted(one.name for one in self._root.iterdir() if (one / "in").is_dir())

    async def _folder(self, code: str) -> int:
        bank = await self._desk.intake.banks.find(code)
        if bank is None or not bank.secrets:
            return 0
        async with self._held(code) as token:
            if token is None:
                return 0
            folder = BankFolder(self._root / code)
            await asyncio.to_thread(folder.make)
            await asyncio.to_thread(folder.clear)
            work = _Work(bank, folder, self._desk)
            for row in await self._files.unfinished(code):
                await work.finish(row)
            left = await asyncio.to_thread(folder.held)
            names = self._still(code, await asyncio.to_thread(folder.waiting))
            for name in (*left, *names):
                await self._files.keep_hold(code, token, self._desk.lease)
                if name in left or await asyncio.to_thread(folder.hold, name):
                    await work.take(name)
            return len(left) + len(names)

    def _still(self, code: str, waiting: dict[str, Look]) -> list[str]:
        """Return the files that look as in the turn before: nobody writes to them any more."""
        before = self._looks.get(code, {})
        still = [name for name, look in waiting.items() if before.get(name) == look]
        self._looks[code] = waiting
        return still

    @asynccontextmanager
    async def _held(self, code: str) -> AsyncIterator[str | None]:
        """Hold a bank's folder for as long as the block lasts; nothing when another has it."""
        token = await self._files.hold(code, self._desk.lease)
        if token is None:
            yield None
            return
        keeping = asyncio.create_task(self._keep(code, token))
        try:
            yield token
        finally:
            await ended(keeping)
            await self._files.let_go(code, token)

    async def _keep(self, code: str, token: str) -> None:
        while True:
            await asyncio.sleep(self._desk.lease.total_seconds() / 3)
            await self._files.keep_hold(code, token, self._desk.lease)


@dataclass(frozen=True, slots=True)
class _Work:
    """One bank's folder in hand."""

    bank: Bank
    folder: BankFolder
    desk: FileDesk

    async def take(self, name: str) -> None:
        """Take a file, or refuse it whole; only what is out of reach leaves it in hand."""
        spooled: Spooled | None = None
        try:
            check = self._check(name)
            spooled = await asyncio.to_thread(self.folder.spool, name, check)
            check.refuse_others(name)
            admit(self.bank, sandbox=self.desk.sandbox)
            await self.finish(await self._taken(name, spooled))
        except FileChanged:
            return
        except Refusal as refusal:
            if isinstance(refusal, Unavailable):
                raise
            await self._refuse(name, refusal, spooled)
        finally:
            if spooled is not None:
                spooled.content.close()

    async def finish(self, row: Row) -> None:
        """Write what a file is answered, and move it away; all of it again after a crash."""
        name = row["name"]
        kept = await asyncio.to_thread(self.folder.has_result, self.folder.done, name)
        if row["state"] == "answered" or not kept:
            await self._write_result(row)
        await asyncio.to_thread(self.folder.answer, self.folder.done, name, name)
        # What is in hand by now may be another file of this name, which is looked at for itself.
        if await asyncio.to_thread(self.folder.digest, name) in (row["digest"], None):
            await asyncio.to_thread(self.folder.move, name, self.folder.done, name)
        if row["state"] == "answered":
            await self.desk.intake.files.done(row["_id"])
            self.desk.seen.filed("taken")
            log.info("files.taken", bank=self.bank.code, file=name)

    def _check(self, name: str) -> FileCheck:
        signature = FileSignature.read(self.folder.signature(name))
        return FileCheck(signature, self.bank.secrets, self.desk.sealer, now=machine_now())

    async def _taken(self, name: str, spooled: Spooled) -> Row:
        """Bring a file whose signature is good as far as it has its answer."""
        parsed = dropped_name(name)
        if parsed is None:
            raise FileNameRefused(
                "须为 events-年月日-六位顺序号.jsonl，或 statement-年月日-六位顺序号.csv（.xlsx）"
            )
        files = self.desk.intake.files
        file = Dropped(self.bank.code, parsed, spooled.digest, spooled.size)
        known = await files.find(file)
        if known is not None and known["state"] != "taking":
            return known
        if parsed.kind == "statement":
            found = await self._statement(file, spooled)
            return await files.take(file, now=self.desk.now(), found=found)
        row = known or await files.take(file, now=self.desk.now())
        counts = await take_events(spooled.content, row, bank=self.bank, intake=self.desk.intake)
        return await files.answered(row["_id"], counts)

    async def _statement(self, file: Dropped, spooled: Spooled) -> Row:
        statement = await take_statement(
            StatementFile(file.bank, file.name.day, spooled.content),
            statements=self.desk.statements,
            who=Who(role="bank", office=file.bank),
            now=self.desk.now(),
        )
        return {"statement_id": statement["_id"], "rows": statement["rows"]}

    async def _write_result(self, row: Row) -> None:
        summary = {
            "file": row["name"],
            "status": "accepted",
            "digest": row["digest"],
            **row["found"],
            "missing": row["missing"],
            "first_missing": row["first_missing"],
        }
        with self.folder.blank() as content:
            async for answer in self.desk.intake.files.answers(row["_id"]):
                content.write(result_line(answer))
            content.write(result_line({"summary": summary}))
            await asyncio.to_thread(
                self.folder.write_result,
                self.folder.done,
                row["name"],
                content,
                self._signing(row["name"], row["answered_at"]),
            )

    async def _refuse(self, name: str, refusal: Refusal, spooled: Spooled | None) -> None:
        """Answer a file that is not taken, and put it aside; its number stays free."""
        digest = spooled.digest if spooled else await asyncio.to_thread(self.folder.digest, name)
        if digest is None:
            return
        told = problem_row(problem_of(refusal))
        summary = {"file": name, "status": "refused", "digest": digest, **told}
        stem = f"{name}.{short(digest)}"
        with self.folder.blank() as content:
            content.write(result_line({"summary": summary}))
            await asyncio.to_thread(
                self.folder.write_result,
                self.folder.refused,
                stem,
                content,
                self._signing(name, machine_now()),
            )
        await asyncio.to_thread(self.folder.answer, self.folder.refused, stem, name)
        await asyncio.to_thread(self.folder.move, name, self.folder.refused, stem)
        self.desk.seen.filed("refused")
        log.info("files.refused", bank=self.bank.code, file=name, number=told["number"])

    def _signing(self, name: str, signed_at: datetime) -> Signing:
        """Return the signing of a result: by the bank's newest secret it knows what is ours."""
        secret = self.desk.sealer.open(self.bank.secrets[0].sealed)
        return Signing(secret=secret, name=name, signed_at=signed_at)
