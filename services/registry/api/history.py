"""The route of an institution's history."""

from typing import Final
from uuid import UUID

from fastapi import APIRouter

from services.registry.api.deps import (
    USUAL_LIMIT,
    Cursor,
    InstitutionPath,
    Limit,
    RoomsDep,
    check_town,
)
from services.registry.api.views import InstitutionVersionPage, version_view
from services.registry.domain.institution import InstitutionNotFound
from shared.access.enforcement import CallerDep
from shared.alerts.callers import cursor_to, id_of
from shared.errors import Forbidden, Malformed, Unauthenticated
from shared.problem import responses

router = APIRouter(prefix="/v1/institutions/{institution_id}", tags=["培训机构"])

_MOST_VERSIONS: Final = 2**53


@router.get(
    "/history", responses=responses(Unauthenticated, Forbidden, InstitutionNotFound, Malformed)
)
async def read_history(
    institution_id: InstitutionPath,
    caller: CallerDep,
    rooms: RoomsDep,
    *,
    cursor: Cursor = None,
    limit: Limit = USUAL_LIMIT,
) -> InstitutionVersionPage:
    """列出一个机构的各个版本，最新的在前：何时、由哪个部门、做了什么。"""
    check_town(caller, await rooms.institutions.get(institution_id))
    before = None if cursor is None else _version_of(cursor)
    found = await rooms.institutions.history.versions(institution_id, before=before, limit=limit)
    last = found[-1].institution.version if len(found) == limit else None
    return InstitutionVersionPage(
        versions=[version_view(version) for version in found],
        next=None if last is None else _cursor_to(last),
    )


def _cursor_to(version: int) -> str:
    """Return the cursor after a version, in the form that every cursor has."""
    return cursor_to(str(UUID(int=version)))


def _version_of(cursor: str) -> int:
    version = UUID(id_of(cursor)).int
    if version >= _MOST_VERSIONS:
        raise Malformed("翻页游标无效")
    return version
