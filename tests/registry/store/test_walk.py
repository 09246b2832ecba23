"""Random changes of random institutions, compared with a model that only remembers."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from random import Random

import pytest
from stdnum.cn import uscc

from services.registry.app.close_site import close_site
from services.registry.app.open_site import open_site
from services.registry.app.register_institution import NewIds, register_institution
from services.registry.app.renew_licence import renew_licence
from services.registry.app.revoke_institution import revoke_institution
from services.registry.domain.institution import Institution, Revocation
from services.registry.domain.stops import STOPS
from services.registry.store.asked import Asked
from shared.audit.log import Who
from shared.errors import Refusal
from tests.registry.builders import a_licence, a_site, particulars

pytestmark = [pytest.mark.integration, pytest.mark.timeout(240)]

START = datetime(2026, 1, 1, tzinfo=UTC)
STEPS = 60
WHO = Who(role="staff", office="education")
TOWNS = ("xiashi", "xucun", "haizhou")


@dataclass
class Remembered:
    """What the model knows: after each step, every institution by id."""

    now: datetime = START
    register: dict[str, Institution] = field(default_factory=dict)
    moments: list[tuple[datetime, dict[str, Institution]]] = field(default_factory=list)
    versions: dict[str, list[Institution]] = field(default_factory=dict)

    def keep(self, institution):
        before = self.register.get(institution.institution_id)
        if institution != before:
            assert institution.version == (1 if before is None else before.version + 1)
            self.versions.setdefault(institution.institution_id, []).append(institution)
        self.register[institution.institution_id] = institution

    def tick(self):
        self.moments.append((self.now, dict(self.register)))
        self.now += timedelta(hours=7)


async def step(rng, model, institutions):
    """Do one thing to one institution, in the service and in the model."""
    what = rng.choice(("enter", "renew", "open", "open", "close", "revoke"))
    if what == "enter" or not model.register:
        await enter(rng, model, institutions)
        return
    seen = model.register[rng.choice(sorted(model.register))]
    expected, doing = DOINGS[what](rng, seen)
    try:
        wanted = expected()
    except Refusal as refusal:
        with pytest.raises(type(refusal)):
            await doing(institutions=institutions, who=WHO, now=model.now)
        return
    await doing(institutions=institutions, who=WHO, now=model.now)
    assert await institutions.get(seen.institution_id) == wanted
    model.keep(wanted)


def renew(rng, seen):
    issued_on = date(2020 + rng.randrange(6), 1, 1)
    licence = a_licence(issued_on=issued_on, first_issued_on=date(2018, 1, 1))
    doing = partial(renew_licence, seen.institution_id, licence=licence, stops=STOPS)
    return lambda: seen.licensed(licence), doing


def open_one(rng, seen):
    site = a_site(f"s{len(seen.sites)}", address=f"{rng.randrange(3)}号", town="xucun")
    return lambda: seen.with_site(site), partial(open_site, seen.institution_id, site)


def close_one(rng, seen):
    site_id, day = f"s{rng.randrange(4)}", date(2026, 5, 1 + rng.randrange(2))
    doing = partial(close_site, seen.institution_id, site_id, closed_on=day)
    return lambda: seen.with_site_closed(site_id, day), doing


def revoke(rng, seen):
    revocation = Revocation(revoked_on=date(2026, 6, 1), reason=rng.choice("甲乙"))
    doing = partial(revoke_institution, seen.institution_id, revocation=revocation)
    return lambda: seen.revoked(revocation), doing


DOINGS = {"renew": renew, "open": open_one, "close": close_one, "revoke": revoke}


async def enter(rng, model, institutions):
    number = len(model.register) + 1
    stem = f"52330481MJ{number:06d}X"
    filed = particulars(uscc=stem + uscc.calc_check_digit(stem), town=rng.choice(TOWNS))
    entered, new = await register_institution(
        filed,
        stops=STOPS,
        institutions=institutions,
        ids=NewIds(institution=f"i{number:03d}", sites=()),
        who=WHO,
        now=model.now,
    )
    assert new
    model.keep(entered)


@pytest.mark.parametrize("seed", [1, 2])
async def test_the_register_and_its_history_are_what_a_model_remembers(institutions, db, seed):
    rng, model = Random(seed), Remembered()  # noqa: S311 - a walk must be repeatable
    for _ in range(STEPS):
        await step(rng, model, institutions)
        model.tick()

    everything = Asked(today=date(2026, 6, 30), limit=200)
    assert await institutions.page(everything) == newest_first(model.register)
    for moment, known in rng.sample(model.moments, 12):
        assert await institutions.history.page(everything, as_of=moment) == newest_first(known)
    for institution_id, versions in model.versions.items():
        kept = await institutions.history.versions(institution_id, before=None, limit=200)
        assert [each.institution for each in kept] == versions[::-1]
    for town in TOWNS:
        asked = Asked(today=date(2026, 6, 30), seen_by_town=town, limit=200)
        theirs = {key: each for key, each in model.register.items() if town in each.towns}
        assert await institutions.page(asked) == newest_first(theirs)
    # One fact, one state and one audit row a version, and no more.
    changes = sum(len(versions) for versions in model.versions.values())
    assert changes > STEPS / 3
    assert await db["outbox"].count_documents({}) == 2 * changes
    assert await db["audit"].count_documents({}) == changes


def newest_first(register):
    return [register[key] for key in sorted(register, reverse=True)]
