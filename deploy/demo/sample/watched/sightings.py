"""Two hundred sightings of advertisements: lawful and unlawful ones, repeated ones, bad ones."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from random import Random
from typing import Final

from deploy.demo.sample.model import City, Institution
from deploy.demo.sample.names import TOWNS
from deploy.demo.sample.term import day_between, moment
from deploy.demo.sample.watched import advert_texts as texts
from deploy.demo.sample.watched.model import Answer, Office, Plan, Sighting

SIGHTINGS: Final = 200
_REPEATED, _BAD = 22, 10
_OFFENDERS = 6
_SEEN = (date(2026, 3, 2), date(2026, 6, 29))
_TOWN_SHARE = 0.6
_REGISTERED_SHARE = 0.6
_REWRITTEN_SHARE = 0.5
_DEPARTMENTS = ("market_regulation", "urban_enforcement", "publicity", "education")
_ANYWHERE = (texts.OWN, texts.OWN, *texts.NEWS, *texts.OUTDOOR, *texts.SCHOOL)
_BANNED = (*texts.NEWS, *texts.OUTDOOR, *texts.SCHOOL)
_HARMLESS, _ON_LEAFLETS, _SHOPS, _PUBLIC = 30, 12, 12, 12
_MISPLACED, _POSTERS = 26, 8
_PROMISES, _OF_SUBJECTS, _WORST = 26, 28, 14

Body = dict[str, str]


def build_sightings(seed: int, city: City) -> tuple[Sighting, ...]:
    """Return what the offices report, in the order in which they send it."""
    # A source of its own: the fund events of a seed must not change with the sightings.
    rng = Random(f"{seed}:sightings")  # noqa: S311 - a sample must be repeatable, not secret
    registered = [each for each in city.institutions if each.registered]
    offenders = rng.sample(registered, _OFFENDERS)
    good = [
        *(_of_training(rng, registered, texts.ARTS, [texts.OWN]) for _ in range(_HARMLESS)),
        *(_of_training(rng, registered, texts.ARTS, [texts.UNCODED]) for _ in range(_ON_LEAFLETS)),
        *(_of_training(rng, offenders, texts.ARTS, _BANNED) for _ in range(_MISPLACED)),
        *(_poster(_of_training(rng, offenders, texts.POSTERS, _BANNED)) for _ in range(_POSTERS)),
        *(_of_training(rng, offenders, texts.GUARANTEES, _ANYWHERE) for _ in range(_PROMISES)),
        *(_of_training(rng, offenders, texts.SUBJECTS, _ANYWHERE) for _ in range(_OF_SUBJECTS)),
        *(_of_training(rng, offenders, texts.BOTH, _ANYWHERE) for _ in range(_WORST)),
        *(_of_a_shop(rng) for _ in range(_SHOPS)),
        *(_public_notice(rng) for _ in range(_PUBLIC)),
    ]
    planned = [replace(each, plan=_plan(rng)) for each in good]
    repeated = [_again(rng, each) for each in rng.sample(planned, _REPEATED)]
    bad = [_MISTAKES[n % len(_MISTAKES)](each) for n, each in enumerate(rng.sample(good, _BAD))]
    everything = [*planned, *repeated, *bad]
    return tuple(rng.sample(everything, len(everything)))


def _of_training(
    rng: Random,
    institutions: Sequence[Institution],
    wordings: Sequence[str],
    media: Sequence[str],
) -> Sighting:
    """Return an advertisement of a training institution, or of one that is nowhere registered."""
    institution = rng.choice(institutions) if rng.random() < _REGISTERED_SHARE else None
    name = institution.name if institution else rng.choice(texts.INVENTED)
    body = _seen(rng, town=institution.town if institution else None, medium=rng.choice(media))
    body |= {"advertiser": "training_institution", "advertiser_name": name}
    body |= {"text": rng.choice(wordings).format(name=name)}
    return Sighting(office=_office(rng, body["town"]), body=body, institution=institution)


def _poster(sighting: Sighting) -> Sighting:
    """Return the same without words: what it showed is described."""
    body = dict(sighting.body)
    return replace(sighting, body={**body, "description": body.pop("text")})


def _of_a_shop(rng: Random) -> Sighting:
    medium = rng.choice((*texts.OUTDOOR, *texts.NEWS, "school"))
    text = rng.choice(texts.SHOPS).format(name=rng.choice(texts.SHOP_NAMES))
    body = {**_seen(rng, town=None, medium=medium), "advertiser": "other", "text": text}
    return Sighting(office=_office(rng, body["town"]), body=body)


def _public_notice(rng: Random) -> Sighting:
    speaker, text = rng.choice(texts.PUBLIC)
    body = {**_seen(rng, town=None, medium=rng.choice(_BANNED))}
    body |= {"advertiser": speaker, "text": text}
    return Sighting(office=_office(rng, body["town"]), body=body)


def _seen(rng: Random, *, town: str | None, medium: str) -> Body:
    return {
        "medium": medium,
        "town": town or rng.choice(TOWNS)[0],
        "place": f"{rng.choice(texts.PLACES)}{rng.randrange(1, 300)}号",
        "seen_at": moment(rng, day_between(rng, *_SEEN)).isoformat(),
    }


def _office(rng: Random, town: str) -> Office:
    if rng.random() < _TOWN_SHARE:
        return Office(code=town, town=True)
    return Office(code=rng.choice(_DEPARTMENTS), town=False)


def _plan(rng: Random) -> Plan:
    """Return how leads are answered: many are, some still wait, some are sent back."""
    accepted = Answer(kind="accepted")
    outcome, reason = rng.choice(texts.OUTCOMES)
    feedback = Answer(kind="feedback", outcome=outcome, reason=reason)
    returned = Answer(kind="returned", reason=rng.choice(texts.RETURNS))
    plans = (
        Plan(),
        Plan(answers=(accepted,)),
        Plan(answers=(accepted, feedback)),
        Plan(returned=returned),
        Plan(returned=returned, answers=(accepted, feedback)),
    )
    return rng.choices(plans, weights=(30, 20, 35, 5, 10))[0]


def _again(rng: Random, sighting: Sighting) -> Sighting:
    """Return the same report once more, sometimes with its time in another zone."""
    if rng.random() > _REWRITTEN_SHARE:
        return sighting
    at = datetime.fromisoformat(sighting.body["seen_at"]).astimezone(UTC)
    return replace(sighting, body={**sighting.body, "seen_at": at.isoformat()})


def _with(**fields: str) -> Callable[[Sighting], Sighting]:
    def change(sighting: Sighting) -> Sighting:
        return replace(sighting, body={**sighting.body, **fields})

    return change


def _without(*names: str) -> Callable[[Sighting], Sighting]:
    def change(sighting: Sighting) -> Sighting:
        body: Mapping[str, str] = sighting.body
        kept = {name: value for name, value in body.items() if name not in names}
        return replace(sighting, body=kept)

    return change


def _of_another_town(sighting: Sighting) -> Sighting:
    other = next(code for code, _ in TOWNS if code != sighting.body["town"])
    return replace(sighting, office=Office(code=other, town=True))


_MISTAKES: Final = (
    _without("text", "description"),
    _without("seen_at"),
    _with(seen_at="2026-08-15T10:00:00+08:00"),
    _with(seen_at="2026-05-06T10:00:00"),
    _with(town="hangzhou"),
    _with(medium="电梯"),
    _with(advertiser="somebody"),
    _with(url="www.example.cn"),
    _with(phone="0573-00000000"),
    _of_another_town,
)
"""What an office gets wrong: each is refused at the door, and the answer says why."""
