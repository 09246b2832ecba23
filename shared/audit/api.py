"""The audit chain over HTTP, the same in every service: its head, and who did what."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel

from shared import problem
from shared.access.enforcement import CallerDep
from shared.audit.book import Asked, AuditBook
from shared.audit.log import Detail
from shared.errors import Forbidden, Malformed, Unauthenticated, Unavailable

_EVERYWHERE = (Unauthenticated, Forbidden, Malformed, Unavailable)
_MOST_PER_PAGE = 200


class AuditHeadView(BaseModel):
    """How far the chain reaches, and how many rows wait to be sealed."""

    service: str
    sequence: int
    hash: str
    waiting: int


class AuditAboutView(BaseModel):
    """The thing a write changed."""

    kind: str
    id: str


class WhoView(BaseModel):
    """Who wrote: the role, the body they acted for, and a keyed digest of the person."""

    role: str
    office: str | None
    person: str | None


class AuditEntryView(BaseModel):
    """One sealed row of the chain."""

    id: str
    sequence: int
    at: datetime
    action: str
    about: AuditAboutView
    who: WhoView
    why: str | None
    details: dict[str, Detail]
    sealed_at: datetime
    previous: str
    hash: str


class AuditPage(BaseModel):
    """A page of sealed rows, newest first."""

    entries: list[AuditEntryView]
    next_cursor: str | None = None


async def _book(request: Request) -> AuditBook:
    book: AuditBook = request.app.state.audit_book
    return book


async def _office(caller: CallerDep) -> str | None:
    """Return whose acts may be read: an administrator reads all, staff those of their office."""
    return caller.office


Text = Annotated[str | None, Query(min_length=1, max_length=512)]


async def _asked(
    office: Annotated[str | None, Depends(_office)],
    about_kind: Text = None,
    about_id: Text = None,
    cursor: Annotated[str | None, Query(pattern=r"^[1-9][0-9]{0,15}$")] = None,
    limit: Annotated[int, Query(ge=1, le=_MOST_PER_PAGE)] = 50,
) -> Asked:
    if about_id is not None and about_kind is None:
        raise Malformed("查询 about_id 时须同时给出 about_kind")
    return Asked(
        office=office,
        about_kind=about_kind,
        about_id=about_id,
        before=None if cursor is None else int(cursor),
        limit=limit,
    )


BookDep = Annotated[AuditBook, Depends(_book)]


def audit_router(service: str) -> APIRouter:
    """Return the routes of a service's audit chain."""
    router = APIRouter(prefix="/v1/audit", tags=["audit"])

    @router.get("/head", responses=problem.responses(*_EVERYWHERE))
    async def read_audit_head(book: BookDep) -> AuditHeadView:
        """查询审计链的链头：最后一行的序号与摘要，以及待封存的行数。"""
        sequence, digest, waiting = await book.head()
        return AuditHeadView(service=service, sequence=sequence, hash=digest, waiting=waiting)

    @router.get("/entries", responses=problem.responses(*_EVERYWHERE))
    async def list_audit_entries(
        asked: Annotated[Asked, Depends(_asked)], book: BookDep
    ) -> AuditPage:
        """列出已封存的审计记录，新的在前；管理员可查全部，部门只能查本部门所为。"""
        rows = await book.entries(asked)
        return AuditPage(
            entries=[AuditEntryView(id=row["_id"], **row) for row in rows],
            next_cursor=str(rows[-1]["sequence"]) if len(rows) == asked.limit else None,
        )

    return router
