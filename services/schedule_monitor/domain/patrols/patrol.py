"""Which places of a town are worth a visit on a day: a function of the record before that day."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from typing import ClassVar, Final

from services.schedule_monitor.domain.held.whereabouts import HeldThere
from services.schedule_monitor.domain.patrols.patrol_day import DayClass
from services.schedule_monitor.domain.patrols.patrol_places import Ground, Place
from services.schedule_monitor.domain.patrols.patrol_reason import Hours, Known, Reason
from services.schedule_monitor.domain.patrols.patrol_reasons import reasons_for
from services.schedule_monitor.domain.patrols.patrol_weights import Weights
from services.schedule_monitor.domain.patrols.visit import Visit
from services.schedule_monitor.domain.practices.reported import Reported
from services.schedule_monitor.domain.session import Mode
from shared.errors import NotFound, Rejected

MOST_AHEAD: Final = timedelta(days=7)
MOST_SITES: Final = 60
MOST_REASONS: Final = 10
LONGEST_STAY: Final = timedelta(hours=3)


class PatrolDayTooFar(Rejected):
    """A day so far ahead that what is filed for it says little."""

    code: ClassVar[str] = "patrol-day-too-far"
    title: ClassVar[str] = "日期过远，尚不能提出巡查建议"


class PatrolNotProposed(NotFound):
    """Nothing was proposed for a past day while it lay ahead, or not in this version."""

    code: ClassVar[str] = "patrol-not-proposed"
    title: ClassVar[str] = "没有这份巡查建议"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What is known of an institution; ``filed_lately`` counts classes by mode and site."""

    ground: Ground
    classes: Sequence[DayClass] = ()
    filed_lately: Mapping[tuple[Mode, str | None], int] = field(default_factory=dict)
    held: Sequence[HeldThere] = ()
    visits: Sequence[Visit] = ()
    reported: Sequence[Reported] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedPlace:
    """A place worth a visit: when, why, and how much, which is the sum of its reasons' points."""

    institution_id: str
    institution: str
    place: Place
    score: int
    hours: Hours | None
    last_visited_on: date | None
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Patrol:
    """What is proposed to a town for a day; ``left_out`` counts places of lower scores."""

    day: date
    town: str
    weights: int
    places: tuple[ProposedPlace, ...]
    left_out: int = 0


def propose(day: date, town: str, cases: Iterable[Case], weights: Weights) -> Patrol:
    """Propose the places of a town, the highest score first.

    Of equal scores comes first where nobody has been for longest, then the earliest hour, then ids.
    """
    found = [
        proposed
        for case in cases
        for place, known in _known(case, day).items()
        if place.town == town
        for proposed in _proposed(case, place, known, day, weights)
    ]
    found.sort(key=_order)
    return Patrol(
        day=day,
        town=town,
        weights=weights.version,
        places=tuple(found[:MOST_SITES]),
        left_out=max(len(found) - MOST_SITES, 0),
    )


def place_visited(visit: Visit, ground: Ground) -> Place:
    """Return the place that a visit went to."""
    return ground.place(visit.on, visit.mode, visit.site, visit.address)


def _known(case: Case, day: date) -> dict[Place, Known]:
    known: dict[Place, Known] = {}
    ground = case.ground

    def at(on: date, mode: Mode, site: str | None, address: str | None) -> Known:
        return known.setdefault(ground.place(on, mode, site, address), Known())

    for one in case.classes:
        session = one.judged.session
        at(day, session.mode, session.setting.site, None).classes.append(one)
    for (mode, site), count in case.filed_lately.items():
        at(day, mode, site, None).filed_lately += count
    for held in case.held:
        if held.on < day:
            at(held.on, held.mode, held.site, held.address).held.append(held)
    for visit in case.visits:
        if visit.on < day and not visit.withdrawn:
            at(visit.on, visit.mode, visit.site, visit.address).visits.append(visit)
    return known


def _proposed(
    case: Case, place: Place, known: Known, day: date, weights: Weights
) -> list[ProposedPlace]:
    # A report names no place: it is looked into wherever the institution may be met.
    known.reported += [one for one in case.reported if one.may_be_at(place, day)]
    reasons = reasons_for(known, day, weights)
    less = [one for one in reasons if one.points < 0]
    more = [one for one in reasons if one.points >= 0][: MOST_REASONS - len(less)]
    score = sum(one.points for one in (*more, *less))
    if score <= 0:
        return []
    registered = case.ground.registered
    return [
        ProposedPlace(
            institution_id=registered.institution_id,
            institution=registered.name,
            place=place,
            score=score,
            hours=_stay(more),
            last_visited_on=max((one.on for one in known.visits), default=None),
            reasons=(*more, *less),
        )
    ]


def _stay(reasons: Iterable[Reason]) -> Hours | None:
    """Return the hours of the weightiest reasons that have any, as long as one can stay."""
    timed = [(one.points, one.hours) for one in reasons if one.hours is not None]
    if not timed:
        return None
    most, stay = timed[0]
    for points, hours in timed[1:]:
        wider = Hours(opens=min(stay.opens, hours.opens), closes=max(stay.closes, hours.closes))
        if points < most:
            break
        if _length(wider) <= LONGEST_STAY:
            stay = wider
    return stay


def _length(hours: Hours) -> timedelta:
    return _since_midnight(hours.closes) - _since_midnight(hours.opens)


def _since_midnight(moment: time) -> timedelta:
    return timedelta(hours=moment.hour, minutes=moment.minute, seconds=moment.second)


def _order(one: ProposedPlace) -> tuple[object, ...]:
    opens = time.max if one.hours is None else one.hours.opens
    last = one.last_visited_on or date.min
    return -one.score, last, opens, one.institution_id, one.place.key
