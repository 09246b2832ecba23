"""The demo's journey through the public doors: register, report, push, wait, read the record."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from deploy.demo.acting.bus_desk import Bus
from deploy.demo.acting.doors import Doors
from deploy.demo.acting.push import Progress as Pushed
from deploy.demo.acting.push import push
from deploy.demo.acting.registering import make_banks, register_institutions
from deploy.demo.acting.secret_file import SecretFile
from deploy.demo.acting.watching import bring_watched, watched_in
from deploy.demo.sample.model import Sample
from deploy.demo.showing.city_figures import CityFigures, Sent, city_figures, settled_city
from deploy.demo.showing.figures import settled_figures
from deploy.demo.showing.record import read_record


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What the journey came to, and whether it brought anything the record did not have."""

    figures: CityFigures
    alerts: Sequence[Mapping[str, Any]]
    nothing_new: bool


async def travel(
    doors: Doors, sample: Sample, *, folder: Path, console: Console, bus: Bus | None = None
) -> Outcome:
    """Bring the sample in and return the figures of the record once all of it is judged.

    Where the bus can be reached, some departments answer their leads over it; the record comes to
    the same without.
    """
    before = await read_record(doors)
    console.print("正在登记机构、建立银行…")
    ids = await register_institutions(doors, sample)
    secrets = await make_banks(doors, sample, SecretFile(folder / "banks.json"))
    watched = watched_in(sample)
    size = (
        f"{len(watched.filings)} 份课表，{len(watched.tellings)} 条上课记录，"
        f"{len(watched.sightings)} 则广告"
    )
    console.print(f"正在报送 {size}，办理移送的线索…")
    platforms = SecretFile(folder / "platforms.json")
    refused = await bring_watched(doors, watched, ids, secrets=platforms, bus=bus, seed=sample.seed)
    await _push_all(doors, sample, secrets, console)
    sent = Sent(
        events=len(sample.sendings),
        sessions=len(watched.tellings),
        sightings=len(watched.sightings),
        refused_sightings=len(refused),
    )
    record, figures = await settled_city(doors, sent)
    return Outcome(
        figures=figures,
        alerts=[alert for theirs in record.alerts.values() for alert in theirs],
        nothing_new=figures == city_figures(before, sent),
    )


async def _push_all(
    doors: Doors, sample: Sample, secrets: Mapping[str, str], console: Console
) -> None:
    sent = len(sample.sendings)
    with _progress(console, total=sent) as pushed:
        for wave in sample.waves:
            await push(doors, wave, secrets=secrets, progress=pushed)
            await settled_figures(doors, sent=sent)


@contextmanager
def _progress(console: Console, *, total: int) -> Iterator[Pushed]:
    """Show a bar on a terminal; elsewhere a line at the start must do."""
    if not console.is_terminal:
        console.print(f"正在报送 {total:,} 笔资金事件…")
    columns = (TextColumn("报送"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("push", total=total)
        yield lambda events: bar.update(task, advance=events)
