"""Where findings of the register go."""

from typing import Final

from shared.duties.parties import COMPETENT, ITS_TOWN, Party, Route

ROUTES: Final[dict[str, Route]] = {
    "registry.unapproved_site": Route(
        lead=Party(
            COMPETENT,
            ("task.17", "task.18"),
            "核查所主管机构为何在未经许可的地点或无有效许可上课。",
        ),
        town=ITS_TOWN,
    ),
}
