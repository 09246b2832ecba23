"""The services' databases, as those who look after a stack read them."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

from pymongo.errors import PyMongoError

from deploy.local.keys import Keys
from deploy.local.problem import StackProblem
from deploy.local.stack import Stack
from shared.messaging.permissions import SERVICES
from shared.mongo import Database, connect


@asynccontextmanager
async def stores_of(stack: Stack) -> AsyncIterator[dict[str, Database]]:
    """Open the databases of a running stack, each with its service's own credentials."""
    keys = Keys(stack.layout.keys)
    passwords = {service: keys.mongo_password(service).read_text() for service in SERVICES}
    async with stores_at(stack.urls["mongo"], passwords=passwords) as stores:
        yield stores


@asynccontextmanager
async def stores_at(
    url: str, *, passwords: Mapping[str, str]
) -> AsyncIterator[dict[str, Database]]:
    """Open every service's database; without passwords the address carries the credentials."""
    stores: dict[str, Database] = {}
    async with AsyncExitStack() as opened:
        for service in SERVICES:
            password = passwords.get(service)
            username = None if password is None else service
            client = connect(url, username=username, password=password, database=service)
            opened.push_async_callback(client.close)
            stores[service] = client[service]
        try:
            yield stores
        except PyMongoError as error:
            raise StackProblem(
                f"读不了数据库（{type(error).__name__}）：请检查地址与账号"
            ) from error
