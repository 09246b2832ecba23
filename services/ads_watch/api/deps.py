"""What a route of ads_watch may ask for, and for which office somebody asks."""

from typing import Annotated, Final

from fastapi import Depends, Query, Request

from services.ads_watch.app.desk import Desk
from shared.alerts.callers import MOST_PER_PAGE, cursor_to, id_of

Cursor = Annotated[str | None, Query(max_length=64, description="`next` of the page before.")]
Limit = Annotated[int, Query(ge=1, le=MOST_PER_PAGE)]
USUAL_LIMIT: Final = 50


def _desk(request: Request) -> Desk:
    found: Desk = request.app.state.desk
    return found


DeskDep = Annotated[Desk, Depends(_desk)]


def before_of(cursor: str | None) -> str | None:
    """Return the id that the page before ended with."""
    return None if cursor is None else id_of(cursor)


def cursor_after(ids: list[str], *, limit: int) -> str | None:
    """Return the cursor after a full page; a page that is not full is the last."""
    return None if len(ids) < limit else cursor_to(ids[-1])
