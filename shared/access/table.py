"""The one table of who may do what. A route that stands in no row is closed to everybody.

A row names a route, who may use it within which bound, and the scope it needs. What depends on the
thing itself (was this alert delivered to me, is this institution in my town) is the handler's.
The rows of each service stand in a file of their own below ``rows``.
"""

from typing import Final

from shared.access.grants import Row
from shared.access.rows import ads_watch, everywhere, fund_monitor, registry, schedule_monitor

ROWS: Final = (
    *everywhere.ROWS,
    *registry.ROWS,
    *fund_monitor.ROWS,
    *ads_watch.ROWS,
    *schedule_monitor.ROWS,
)


def rows_of(service: str) -> dict[tuple[str, str], Row]:
    """Return the rows of one service by method and path."""
    return {(row.method, row.path): row for row in ROWS if row.service in ("*", service)}
