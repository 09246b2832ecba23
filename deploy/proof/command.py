"""``./run proof``: prove on the running stack that nothing of a day was lost."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import date
from pathlib import Path

from nats.errors import Error as NatsError
from pymongo.errors import PyMongoError
from rich.console import Console

from deploy.local import nats_server
from deploy.local.keys import Keys
from deploy.local.problem import StackProblem
from deploy.local.stack import Stack
from deploy.proof.day import CityDay
from deploy.proof.places import Places
from deploy.proof.proof import Proof, prove
from deploy.proof.report import show
from deploy.proof.streams import StreamReader
from shared.city_time import city_date
from shared.clock import machine_now
from shared.messaging.permissions import OPERATOR, SERVICES
from shared.mongo import Client, Database, connect


def proof(stack: Stack, *, day: date, json_file: Path | None, console: Console) -> bool:
    """Print the proof and write it where asked; ``False`` when it has a gap."""
    if day > city_date(machine_now()):
        raise StackProblem(f"{day} 还没有到：--day 按机器时钟的北京时间日期，与业务时钟无关")
    if json_file is not None and not json_file.parent.is_dir():
        raise StackProblem(f"--json 的文件夹不存在：{json_file.parent}")
    found = asyncio.run(prove_stack(stack, CityDay(day)))
    if json_file is not None:
        json_file.write_text(json.dumps(found.as_json(), ensure_ascii=False, indent=2) + "\n")
    show(console, found)
    return found.gaps == 0


async def prove_stack(stack: Stack, day: CityDay) -> Proof:
    """Prove a day on a running stack, with its own credentials."""
    keys = Keys(stack.layout.keys)
    try:
        async with (
            nats_server.operator(stack.urls["nats"], seed=keys.nats_seed(OPERATOR)) as client,
            _databases(stack.urls["mongo"], keys) as databases,
        ):
            places = Places(
                streams=StreamReader(client),
                databases=databases,
                scratch=stack.layout.temporary,
            )
            return await prove(places, day)
    except PyMongoError as error:
        raise StackProblem(f"读取数据库失败（{type(error).__name__}），请重新运行") from error
    except (NatsError, TimeoutError) as error:
        raise StackProblem(f"读取消息总线失败（{type(error).__name__}），请重新运行") from error


@asynccontextmanager
async def _databases(url: str, keys: Keys) -> AsyncIterator[Mapping[str, Database]]:
    """Open each service's own database as that service: nobody else has a user there."""
    async with AsyncExitStack() as opened:
        databases: dict[str, Database] = {}
        for service in SERVICES:
            client: Client = connect(
                url,
                username=service,
                password=keys.mongo_password(service).read_text().strip(),
                database=service,
            )
            opened.push_async_callback(client.close)
            databases[service] = client[service]
        yield databases
