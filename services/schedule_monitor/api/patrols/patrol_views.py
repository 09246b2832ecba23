"""How a proposal and what visits of its day came to are shown."""

from datetime import date, datetime

from pydantic import BaseModel, Field

from services.schedule_monitor.app.patrols.propose_patrol import PatrolDesk
from services.schedule_monitor.domain.patrols.patrol import place_visited
from services.schedule_monitor.domain.patrols.patrol_places import PlaceKind
from services.schedule_monitor.domain.patrols.patrol_weights import KIND_NAMES
from services.schedule_monitor.domain.patrols.visit import OUTCOME_NAMES, Outcome, Visit
from services.schedule_monitor.store.patrols.patrols import KeptProposal
from shared.contracts.patrol import PatrolReason, ProposedVisit
from shared.duties.departments import name_of
from shared.mongo import Row


class SeenView(BaseModel):
    """A class that was seen; the held session of this id is compared with what was filed."""

    reference: str
    started_at: datetime
    ended_at: datetime
    class_group: str
    head_count: int


class VisitView(BaseModel):
    """What a visit on the day came to."""

    visit_id: str
    version: int
    visited_by: str
    visited_at: datetime
    outcome: Outcome
    outcome_name: str
    seen: list[SeenView]
    held_session_ids: list[str] = Field(
        description="GET /v1/held-sessions/{session_id} compares each with what was filed."
    )
    confirmed: list[str] = Field(description="Rules that were found broken.")
    unfounded: list[str] = Field(description="Rules that were looked into and not found broken.")


class ReasonView(PatrolReason):
    """One reason with the name of its kind."""

    kind_name: str


class PlaceView(BaseModel):
    """A place worth a visit, and the visits that were made there on the day."""

    institution_id: str
    institution: str
    place: PlaceKind
    site_id: str | None
    address: str | None
    score: int = Field(description="The sum of the points of its reasons.")
    opens: str | None = Field(description="When a visit is worth it, city time.")
    closes: str | None
    last_visited_on: date | None
    reasons: list[ReasonView]
    visits: list[VisitView]


class PatrolView(BaseModel):
    """What a town is proposed for the day, the most worthwhile first."""

    town: str
    town_name: str
    version: int
    made_at: datetime
    weights: int = Field(description="Version of the weights that reasons are counted by.")
    places: list[PlaceView]
    left_out: int
    other_visits: list[VisitView] = Field(
        description="Visits on the day to places of these institutions that were not proposed."
    )


class PatrolsView(BaseModel):
    """The proposals of a day by town."""

    day: date
    patrols: list[PatrolView]


async def patrol_view(kept: KeptProposal, *, desk: PatrolDesk) -> PatrolView:
    """Show a proposal beside what visits came to on its day."""
    told = kept.told
    made = await _visits_of(told.day, told.town, desk)
    return PatrolView(
        town=told.town,
        town_name=name_of(told.town),
        version=told.version,
        made_at=kept.made_at,
        weights=told.weights,
        places=[_place_view(one, made.pop(_key(one), [])) for one in told.visits],
        left_out=told.left_out,
        other_visits=[one for some in made.values() for one in some],
    )


async def _visits_of(
    day: date, town: str, desk: PatrolDesk
) -> dict[tuple[str, str], list[VisitView]]:
    """Return the visits of a day to places of a town, by institution and place."""
    grounds = await desk.institutions.on_ground(town)
    known = {one.registered.institution_id: one for one in grounds}
    found: dict[tuple[str, str], list[VisitView]] = {}
    for institution, visits in (await desk.visits.on_day(known, day)).items():
        for visit, seen_as in visits:
            place = place_visited(visit, known[institution])
            if place.town == town:
                theirs = found.setdefault((institution, place.key), [])
                theirs.append(_visit_view(visit, seen_as))
    return found


def _key(one: ProposedVisit) -> tuple[str, str]:
    return one.institution_id, f"{one.place}:{one.site_id or one.address or ''}"


def _place_view(one: ProposedVisit, visits: list[VisitView]) -> PlaceView:
    return PlaceView(
        institution_id=one.institution_id,
        institution=one.institution,
        place=one.place,
        site_id=one.site_id,
        address=one.address,
        score=one.score,
        opens=None if one.opens is None else one.opens.isoformat(),
        closes=None if one.closes is None else one.closes.isoformat(),
        last_visited_on=one.last_visited_on,
        reasons=[_reason_view(reason) for reason in one.reasons],
        visits=visits,
    )


def _reason_view(reason: PatrolReason) -> ReasonView:
    # A version kept long ago may know kinds that this one no longer does.
    name = next((name for kind, name in KIND_NAMES.items() if kind == reason.kind), reason.kind)
    return ReasonView(**dict(reason), kind_name=name)


def _visit_view(visit: Visit, seen_as: tuple[str, ...]) -> VisitView:
    told: Row = {
        "visit_id": visit.visit_id,
        "version": visit.version,
        "visited_by": visit.visited_by,
        "visited_at": visit.visited_at,
    }
    return VisitView(
        **told,
        outcome=visit.outcome,
        outcome_name=OUTCOME_NAMES[visit.outcome],
        seen=[
            SeenView(
                reference=one.reference,
                started_at=one.started_at,
                ended_at=one.ended_at,
                class_group=one.class_group,
                head_count=one.head_count,
            )
            for one in visit.seen
        ],
        held_session_ids=list(seen_as),
        confirmed=list(visit.confirmed),
        unfounded=list(visit.unfounded),
    )
