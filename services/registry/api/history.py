"""The route of an institution's history."""

from fastapi import APIRouter

from services.registry.api.deps import InstitutionPath, RoomsDep, check_town
from services.registry.api.views import InstitutionVersionPage, version_view
from services.registry.domain.institution import InstitutionNotFound
from shared.access.enforcement import CallerDep
from shared.errors import Forbidden, Malformed, Unauthenticated
from shared.paging import USUAL_LIMIT, Cursor, Limit, cursor_to_version, version_of
from shared.problem import responses

router = APIRouter(prefix="/v1/institutions/{institution_id}", tags=["培训机构"])


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
    before = None if cursor is None else version_of(cursor)
    found = await rooms.institutions.history.versions(institution_id, before=before, limit=limit)
    last = found[-1].institution.version if len(found) == limit else None
    return InstitutionVersionPage(
        versions=[version_view(version) for version in found],
        next_cursor=None if last is None else cursor_to_version(last),
    )
