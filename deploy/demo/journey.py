"""The demo's journey through the public doors: register, push, wait, read the record."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from deploy.demo.doors import Doors
from deploy.demo.figures import Figures, figures, read, settled_figures
from deploy.demo.model import Sample
from deploy.demo.push import Progress as Pushed
from deploy.demo.push import push
from deploy.demo.registering import make_banks, register_institutions
from deploy.demo.secret_file import SecretFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What the journey came to, and whether it brought anything the record did not have."""

    figures: Figures
    nothing_new: bool


async def travel(doors: Doors, sample: Sample, *, folder: Path, console: Console) -> Outcome:
    """Bring the sample in and return the figures of the record once all of it is judged."""
    sent = len(sample.sendings)
    summary, alerts = await read(doors)
    before = figures(summary, alerts, sent=sent) if summary else None
    console.print("正在登记机构、建立银行…")
    await register_institutions(doors, sample)
    secrets = await make_banks(doors, sample, SecretFile(folder / "banks.json"))
    with _progress(console, total=sent) as pushed:
        for wave in sample.waves:
            await push(doors, wave, secrets=secrets, progress=pushed)
            after = await settled_figures(doors, sent=sent)
    return Outcome(figures=after, nothing_new=after == before)


@contextmanager
def _progress(console: Console, *, total: int) -> Iterator[Pushed]:
    """Show a bar on a terminal; elsewhere a line at the start must do."""
    if not console.is_terminal:
        console.print(f"正在报送 {total:,} 笔资金事件…")
    columns = (TextColumn("报送"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("push", total=total)
        yield lambda events: bar.update(task, advance=events)
