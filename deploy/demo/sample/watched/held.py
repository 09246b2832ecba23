"""What was held of the filed classes, as platforms, institutions and towns tell of it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import islice
from random import Random
from typing import Final

from deploy.demo.sample.model import Institution, Trouble
from deploy.demo.sample.names import TOWNS
from deploy.demo.sample.term import REVOKED_ON
from deploy.demo.sample.watched.held_mistakes import MISTAKES
from deploy.demo.sample.watched.model import Filing, HeldBody, Lesson, Teller, Telling
from deploy.demo.sample.watched.timetable_troubles import TROUBLED_GROUPS
from shared.city_time import CITY_TIME

PLATFORMS: Final = {"haixue": "海学云课堂", "chaojiang": "潮讲直播"}
_LAST: Final = date(2026, 6, 28)
_ONLINE, _OWN, _CHECKED, _UNLAWFUL, _REVOKED = 170, 70, 50, 24, 3
_MOVED, _OVERRAN, _PUT_OFF, _UNFILED, _ELSEWHERE = 8, 7, 3, 6, 6
_REPEATED, _CONFLICTS, _CORRECTED = 20, 4, 6
_NAMED_SHARE = 0.8
_EVENING = time(18)
_HERE: Final = "二楼"
_EXTRA: Final = "临时加课"
_ELSEWHERE_AT: Final = "海宁市{town}金龙花园3幢101室"


@dataclass(frozen=True, slots=True)
class _Class:
    """One filed class with whose it is."""

    institution: Institution
    lesson: Lesson

    @property
    def mode(self) -> str:
        return self.lesson.get("mode", self.institution.mode)

    @property
    def on(self) -> date:
        return date.fromisoformat(self.lesson["date"])

    @property
    def start(self) -> datetime:
        return datetime.combine(self.on, time.fromisoformat(self.lesson["start"]), CITY_TIME)

    @property
    def end(self) -> datetime:
        return datetime.combine(self.on, time.fromisoformat(self.lesson["end"]), CITY_TIME)


def build_tellings(seed: int, filings: Sequence[Filing]) -> tuple[Telling, ...]:
    """Return what is told of held sessions, in the order in which each sends it."""
    # A source of its own: the fund events of a seed must not change with the sessions.
    rng = Random(f"{seed}:held")  # noqa: S311 - a sample must be repeatable, not secret
    taught = _taught(filings)
    regular = [each for each in taught if each.lesson["class_group"] not in TROUBLED_GROUPS]
    unlawful = [each for each in taught if each.lesson["class_group"] in TROUBLED_GROUPS]
    revoked = [
        each
        for each in regular
        if each.institution.trouble is Trouble.REVOKED and each.on >= REVOKED_ON
    ]
    healthy = [each for each in regular if each.institution.trouble is not Trouble.REVOKED]
    online = [each for each in healthy if each.mode == "online"]
    offline = [each for each in healthy if each.mode == "offline"]
    by_itself = {each.institution for each in filings if each.by_itself}
    own = [each for each in offline if each.institution in by_itself]
    made = [
        *_told(rng, rng.sample(online, min(_ONLINE, len(online))), _platform),
        *_told(rng, rng.sample(own, _OWN), _itself),
        *_checked(rng, rng.sample(offline, _CHECKED)),
        *(_as_filed(rng, each, _spot(each)) for each in rng.sample(unlawful, _UNLAWFUL)),
        *(_as_filed(rng, each, _town(each)) for each in rng.sample(revoked, _REVOKED)),
    ]
    first = _numbered(sorted(made, key=lambda each: str(each.body["started_at"])))
    return (*first, *_followed_up(rng, first))


def _taught(filings: Sequence[Filing]) -> list[_Class]:
    current = {each.institution: each for each in filings}
    found = [
        _Class(filing.institution, one) for filing in current.values() for one in filing.lessons
    ]
    return [each for each in found if each.on <= _LAST]


def _platform(each: _Class) -> Teller:
    # An institution is with one platform, whichever its code falls to.
    place = sum(map(ord, each.institution.uscc)) % len(PLATFORMS)
    return Teller(kind="platform", code=list(PLATFORMS)[place])


def _itself(each: _Class) -> Teller:
    return Teller(kind="institution", code=each.institution.uscc)


def _town(each: _Class) -> Teller:
    return Teller(kind="town", code=each.institution.town)


def _spot(each: _Class) -> Teller:
    return _platform(each) if each.mode == "online" else _town(each)


def _told(
    rng: Random, classes: Sequence[_Class], teller_of: Callable[[_Class], Teller]
) -> Iterator[Telling]:
    """Tell of classes: some were moved, overran or were put off, and some were never filed."""
    turns = iter(classes)
    for each in islice(turns, _MOVED):
        yield _moved(rng, each, teller_of(each))
    for each in islice(turns, _OVERRAN):
        yield _lasting(rng, each, teller_of(each), minutes=rng.randint(15, 25))
    for each in islice(turns, _PUT_OFF):
        yield _shifted(each, teller_of(each), timedelta(days=1))
    for each in islice(turns, _UNFILED):
        yield _unfiled(each, teller_of(each))
    for each in turns:
        yield _as_filed(rng, each, teller_of(each))


def _checked(rng: Random, classes: Sequence[_Class]) -> Iterator[Telling]:
    """Tell what towns see on the spot: where it is taught, and not always where it may be."""
    for number, each in enumerate(classes):
        town = dict(TOWNS)[each.institution.town]
        address = f"{each.institution.sites[0].address}{_HERE}"
        if number < _ELSEWHERE:
            address = _ELSEWHERE_AT.format(town=town)
        telling = _as_filed(rng, each, _town(each))
        yield _with(telling, address=address) if number % 2 == 0 else telling


def _as_filed(rng: Random, each: _Class, teller: Teller) -> Telling:
    return _lasting(rng, each, teller, minutes=-rng.randint(0, 3))


def _lasting(rng: Random, each: _Class, teller: Teller, *, minutes: int) -> Telling:
    """Tell of a class that began a little late and ended some minutes off its time."""
    began = each.start + timedelta(minutes=rng.randint(0, 4))
    named = rng.random() < _NAMED_SHARE
    return _telling(each, teller, began, each.end + timedelta(minutes=minutes), named=named)


def _moved(rng: Random, each: _Class, teller: Teller) -> Telling:
    """Tell of a class that was held earlier in the evening, or later where it was early."""
    minutes = rng.randint(15, 25)
    by = -minutes if each.start.time() >= _EVENING else minutes
    return _shifted(each, teller, timedelta(minutes=by))


def _shifted(each: _Class, teller: Teller, by: timedelta) -> Telling:
    return _telling(each, teller, each.start + by, each.end + by, named=True)


def _unfiled(each: _Class, teller: Teller) -> Telling:
    telling = _telling(each, teller, each.start, each.end, named=False)
    return _with(telling, class_group=_EXTRA)


def _telling(
    each: _Class, teller: Teller, began: datetime, ended: datetime, *, named: bool
) -> Telling:
    planned = {"planned_on": each.lesson["date"], "planned_start": each.lesson["start"]}
    body: HeldBody = {
        "started_at": began.isoformat(),
        "ended_at": ended.isoformat(),
        "class_group": each.lesson["class_group"],
        "stage": each.lesson["stage"],
        "head_count": 4 + each.start.toordinal() % 9,
        **(planned if named else {}),
    }
    return Telling(teller=teller, institution=each.institution, body=body)


def _numbered(tellings: Iterable[Telling]) -> list[Telling]:
    """Give each session the number that its teller knows it by."""
    return [_with(each, reference=f"S{number:04d}") for number, each in enumerate(tellings, 1)]


def _followed_up(rng: Random, first: Sequence[Telling]) -> Iterator[Telling]:
    """Tell again: repeats, other words under one version, corrections; and what is refused."""
    chosen = iter(rng.sample(first, _REPEATED + _CONFLICTS + _CORRECTED + len(MISTAKES)))
    yield from islice(chosen, _REPEATED)
    for each in islice(chosen, _CONFLICTS):
        yield _with(each, head_count=1)
    for number, each in enumerate(islice(chosen, _CORRECTED)):
        yield _with(each, version=2, **({"head_count": 3} if number % 2 else {"withdrawn": True}))
    for mistake in MISTAKES:
        yield mistake(next(chosen))


def _with(telling: Telling, **told: str | int | bool) -> Telling:
    return replace(telling, body={**telling.body, **told})
