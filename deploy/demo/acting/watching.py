"""Bring in what is not money: school years, timetables, held sessions, sightings, answers."""

from collections.abc import Mapping

from deploy.demo.acting.bus_desk import Bus
from deploy.demo.acting.doors import Doors
from deploy.demo.acting.exchange import answer_leads
from deploy.demo.acting.filing import file_timetables, load_school_year
from deploy.demo.acting.holding import make_platforms, tell_held
from deploy.demo.acting.reporting import report_sightings
from deploy.demo.acting.secret_file import SecretFile
from deploy.demo.sample.model import Sample
from deploy.demo.sample.watched.held import build_tellings
from deploy.demo.sample.watched.model import Watched
from deploy.demo.sample.watched.sightings import build_sightings
from deploy.demo.sample.watched.timetables import build_filings


def watched_in(sample: Sample) -> Watched:
    """Return the timetables, held sessions and sightings that belong to a sample."""
    filings = build_filings(sample.seed, sample.city)
    return Watched(
        filings=filings,
        tellings=build_tellings(sample.seed, filings),
        sightings=build_sightings(sample.seed, sample.city),
    )


async def bring_watched(
    doors: Doors,
    watched: Watched,
    ids: Mapping[str, str],
    *,
    secrets: SecretFile,
    bus: Bus | None,
    seed: int,
) -> tuple[str, ...]:
    """Bring everything in, given the register's ids; return why some sightings were refused."""
    await load_school_year(doors)
    await file_timetables(doors, watched.filings, ids)
    platforms = await make_platforms(doors, seed, secrets)
    await tell_held(doors, watched.tellings, ids, secrets=platforms)
    reported = await report_sightings(doors, watched.sightings, ids)
    await answer_leads(doors, reported.plans, bus=bus, seed=seed)
    return reported.refused
