"""How a route takes a filled-in sheet, and how it answers what is wrong in it."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager
from http import HTTPStatus
from tempfile import SpooledTemporaryFile
from typing import IO, Annotated, Any, ClassVar, Final

from fastapi import Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from shared import problem
from shared.errors import Rejected, TooLarge, TooSlow
from shared.in_hand import Bounds, Busy, InHand
from shared.problem import status_of
from shared.spreadsheets.forms import error_sheet, template
from shared.spreadsheets.refusals import Refusals
from shared.spreadsheets.sheet import Sheet, T
from shared.spreadsheets.taking import Taking
from shared.spreadsheets.writing import CSV_MEDIA_TYPE, MEDIA_TYPE

_IN_MEMORY: Final = 1024 * 1024
_CHUNK: Final = 64 * 1024
# The largest sheet at 110 KiB a second. Whoever sends slower keeps others from sending at all.
UPLOAD_SECONDS: Final = 300.0
_UPLOAD_AGAIN_SECONDS: Final = 10
_FILE: Final = {"schema": {"type": "string", "format": "binary"}}

FILE_BODY: Final[dict[str, Any]] = {
    "requestBody": {"required": True, "content": {CSV_MEDIA_TYPE: _FILE, MEDIA_TYPE: _FILE}}
}
"""What the document of a route says of its body: the file itself, and nothing around it."""

Partial = Annotated[
    bool, Query(description="true：合格的行照收，只退回有误的行；默认整份接收或整份退回")
]


class SheetRefused(Rejected):
    """A filled-in sheet with something wrong anywhere; nothing of it is taken."""

    code: ClassVar[str] = "sheet-refused"
    title: ClassVar[str] = "表格有误，整份未接收"


class CellErrorView(BaseModel):
    """One cell that breaks one rule."""

    row: int
    cell: str
    header: str
    value: str
    reason: str


def uploads_in_hand(bounds: Bounds) -> InHand:
    """Return what counts a process's uploads: each is kept on disk and read twice."""
    said = "正在处理的上传已满；本次文件没有接收，请稍后重新上传"
    return InHand(most=bounds.uploads, said=said, retry_after_seconds=_UPLOAD_AGAIN_SECONDS)


@asynccontextmanager
async def received(request: Request) -> AsyncIterator[IO[bytes]]:
    """Give the body of a request as a file that is not held in memory, one of a few at once."""
    uploads: InHand = request.app.state.uploads
    with uploads.take(), SpooledTemporaryFile(max_size=_IN_MEMORY) as content:
        try:
            async with asyncio.timeout(UPLOAD_SECONDS):
                async for chunk in request.stream():
                    content.write(chunk)
        except TimeoutError:
            raise TooSlow(f"文件须在 {UPLOAD_SECONDS:.0f} 秒内到齐，请重新上传") from None
        yield content


class _Report:
    """An error sheet that is being written, for a caller who asked for one."""

    def __init__(self, sheet: Sheet[Any]) -> None:
        self.file = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - sent after the route
        self._open = ExitStack()
        self.sheet = self._open.enter_context(error_sheet(self.file, sheet))

    def finish(self) -> None:
        """Write the rest of it."""
        self._open.close()

    def sent(self) -> Iterator[bytes]:
        """Give the file piece by piece, and let go of it."""
        with self.file as file:
            file.seek(0)
            while chunk := file.read(_CHUNK):
                yield chunk


class Upload(Taking[T]):
    """A sheet that came by HTTP: what is refused of it goes back to who sent it."""

    def __init__(
        self, file: IO[bytes], sheet: Sheet[T], *, partial: bool, report: _Report | None = None
    ) -> None:
        refusals = Refusals(None if report is None else report.sheet)
        super().__init__(file, sheet, partial=partial, refusals=refusals)
        self._report = report

    async def answer(self) -> Response | None:
        """Return the error sheet if there is one to send; nothing where the route itself answers.

        Raises ``SheetRefused`` where nothing of the file was taken and no error sheet is wanted.
        """
        if self.refusals.wrong_cells == 0:
            return None
        if self._report is None:
            if self.stopped:
                raise self._refusal()
            return None
        await asyncio.to_thread(self._report.finish)
        counts = {"X-Rows-Read": self.refusals.rows, "X-Rows-Refused": self.refusals.count}
        return StreamingResponse(
            self._report.sent(),
            status_of(SheetRefused) if self.stopped else HTTPStatus.OK,
            media_type=MEDIA_TYPE,
            headers={
                "Content-Disposition": 'attachment; filename="errors.xlsx"',
                **{name: str(count) for name, count in counts.items()},
            },
        )

    def _refusal(self) -> SheetRefused:
        found = self.refusals
        return SheetRefused(
            f"共读取 {found.rows} 行，其中 {found.count} 行有误（{found.wrong_cells} 处），"
            f"列出前 {len(found.told)} 处；请更正后重新上传",
            fields=[(one.pointer, str(one)) for one in found.told],
            counts={
                "rows": found.rows,
                "wrong_rows": found.count,
                "wrong_cells": found.wrong_cells,
            },
        )


@asynccontextmanager
async def uploaded(request: Request, sheet: Sheet[T], *, partial: bool) -> AsyncIterator[Upload[T]]:
    """Take the body of a request as a filled-in sheet.

    Who accepts a workbook gets what is wrong as an error sheet, and everybody else as a problem.
    """
    async with received(request) as content:
        wanted = MEDIA_TYPE in request.headers.get("accept", "")
        report = _Report(sheet) if wanted else None
        try:
            yield Upload(content, sheet, partial=partial, report=report)
        finally:
            if report is not None:
                await asyncio.to_thread(report.finish)


def told(refusals: Refusals) -> list[CellErrorView]:
    """Return the first things that are wrong, as an answer tells them beside what was taken."""
    return [
        CellErrorView(
            row=one.row, cell=one.at, header=one.header, value=one.shown, reason=one.reason
        )
        for one in refusals.told
    ]


def template_answer(sheet: Sheet[Any], *, name: str) -> Response:
    """Answer with the template of a sheet; ``name`` is the file's, without its ending."""
    headers = {"Content-Disposition": f'attachment; filename="{name}.xlsx"'}
    return Response(template(sheet), media_type=MEDIA_TYPE, headers=headers)


def sheet_responses() -> dict[int | str, dict[str, Any]]:
    """Return the OpenAPI ``responses=`` of a route that takes a filled-in sheet."""
    found = problem.responses(SheetRefused, TooLarge, TooSlow, Busy)
    found[int(status_of(SheetRefused))]["content"][MEDIA_TYPE] = _FILE
    found[int(HTTPStatus.OK)] = {"content": {MEDIA_TYPE: _FILE}}
    return found


TEMPLATE_RESPONSES: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {MEDIA_TYPE: _FILE}, "description": "The empty form."}
}
