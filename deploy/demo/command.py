"""``./run demo``: the whole city on this machine, from an empty store to a table."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from deploy.console import console as plain_console
from deploy.demo.access import show_access
from deploy.demo.acting.bus_desk import Bus
from deploy.demo.acting.doors import DemoFailed, Doors, client
from deploy.demo.journey import travel
from deploy.demo.sample.build import build_sample
from deploy.demo.sample.model import Sample
from deploy.demo.sample.term import AS_OF
from deploy.demo.showing.city_figures import CityFigures
from deploy.demo.showing.report import show
from deploy.local import service_clock
from deploy.local.keys import Keys
from deploy.local.layout import Layout
from deploy.local.options import Options
from deploy.local.problem import StackProblem
from deploy.local.running import interruptible
from deploy.local.stack import Stack, attached, local_stack
from shared.duties.departments import DEPARTMENTS, TOWNS

SEED = 2026


def demo(
    *,
    once: bool = False,
    json_file: Path | None = None,
    seed: int = SEED,
    options: Options | None = None,
) -> None:
    """Run the demo until it is stopped, or once; a ``StackProblem`` says what is in the way."""
    if json_file is not None and not json_file.parent.is_dir():
        raise DemoFailed(f"--json 的文件夹不存在：{json_file.parent}")
    given = replace(options or Options(), as_of=AS_OF)
    console = plain_console()
    interruptible(
        lambda: _demo(given, console, once=once, json_file=json_file, seed=seed),
        say=console.print,
    )


async def _demo(
    options: Options, console: Console, *, once: bool, json_file: Path | None, seed: int
) -> None:
    sample = build_sample(seed)
    async with _stack(options, console) as (stack, ours), client() as http:
        doors = Doors(http=http, urls=stack.urls, tokens=stack.issuer.token)
        bus = Bus(url=stack.urls["nats"], seed_of=Keys(stack.layout.keys).nats_seed)
        outcome = await travel(
            doors, sample, folder=stack.layout.root / "demo", console=console, bus=bus
        )
        if json_file is not None:
            _write(json_file, outcome.figures)
        show(
            console,
            outcome.figures,
            outcome.alerts,
            names=_names(sample),
            nothing_new=outcome.nothing_new,
        )
        if not once:
            show_access(console, urls=stack.urls, issuer=stack.issuer)
        if ours and not once:
            console.print("按 Ctrl-C 停止全部进程。", style="bold cyan")
            # Ctrl-C is how this is meant to end; before this point it is an interruption.
            with suppress(asyncio.CancelledError):
                await asyncio.Event().wait()


@asynccontextmanager
async def _stack(options: Options, console: Console) -> AsyncIterator[tuple[Stack, bool]]:
    """Take the stack of the demo's day that runs already, or run one; tell whether it is ours."""
    running = attached(Layout())
    if not options.fresh:
        _check_day(Layout())
    if running is None:
        async with local_stack(options, say=console.print) as stack:
            yield stack, True
        return
    if options.fresh:
        raise DemoFailed("本地栈正在运行：--fresh 之前请先执行 ./run down")
    console.print("使用正在运行的本地栈；示例结束后它继续运行。")
    yield running, False


def _check_day(layout: Layout) -> None:
    """Refuse data of another day in the demo's own words: there is no ``--as-of`` to leave out."""
    if not layout.clock.exists():
        return
    try:
        service_clock.settle(layout, as_of=AS_OF)
    except StackProblem:
        raise DemoFailed(
            f"现有数据不属于示例（示例的日期是 {AS_OF}）：加 --fresh 清空后再运行，"
            "若本地栈正在运行，请先执行 ./run down"
        ) from None


def _names(sample: Sample) -> dict[str, str]:
    """Return what a reader calls the offices, and whose the sample's accounts are."""
    offices = {each.code: each.name for each in (*DEPARTMENTS, *TOWNS)}
    owners = {
        f"{each.bank.code}/{each.account_no}": f"{each.institution.name}（账户）"
        for each in sample.city.accounts
    }
    return {**offices, **owners}


def _write(path: Path, figures: CityFigures) -> None:
    path.write_text(json.dumps(figures.as_json(), ensure_ascii=False, indent=2) + "\n")
