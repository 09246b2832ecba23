"""The stack's own mongod: made once, moved with its port, closed to whoever has no key."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from pymongo.errors import OperationFailure

from deploy.local import mongo_server, servers
from deploy.local.keys import Keys
from deploy.local.layout import Layout
from deploy.local.mongo_server import Login, client_of
from deploy.local.ports import Ports
from deploy.local.problem import StackProblem
from deploy.local.servers import Place
from deploy.local.spawning import spawn
from shared.messaging.permissions import SERVICES
from tests.support.servers import free_port, run_apart, wait_for

_LIFETIME = "transactionLifetimeLimitSeconds"

pytestmark = [pytest.mark.integration, pytest.mark.timeout(60)]


def _a_place(layout: Layout) -> Place:
    # mongod has the sixth of a stack's ports.
    ports = Ports(free_port() - 5)
    return Place(layout=layout, keys=Keys(layout.keys), ports=ports, docker=False)


@contextmanager
def _running(place: Place) -> Iterator[str]:
    """Run the stack's own mongod, made ready."""
    program = servers.mongo_program(place)
    process = spawn(program.command, log=program.log, environment=program.environment)
    try:
        wait_for(program.check)
        run_apart(lambda: servers.make_ready(place))
        yield servers.mongo_host(place.ports)
    finally:
        process.terminate()
        process.wait()


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Place:
    layout = Layout(tmp_path_factory.mktemp("stack"))
    layout.make()
    Keys(layout.keys).make()
    return _a_place(layout)


@pytest.fixture(scope="module")
def host(place) -> Iterator[str]:
    """Serve on data that was made on another port."""
    with _running(_a_place(place.layout)):
        pass
    with _running(place) as host:
        yield host


class TestMakeReady:
    async def test_keeps_data_and_users_when_the_port_changes(self, place, host):
        async with client_of(host, place.admin) as client:
            config = (await client.admin.command("replSetGetConfig"))["config"]
            counted = await client["stack"]["checks"].find_one({"_id": "ready"})

        assert [member["host"] for member in config["members"]] == [host]
        assert counted["count"] == 2

    async def test_gives_a_service_its_own_database_only(self, place, host):
        password = place.keys.mongo_password("registry").read_text()
        registry = Login(user="registry", password=password, source="registry")

        async with client_of(host, registry) as client:
            await client["registry"]["things"].insert_one({"_id": 1})
            for other in (*(name for name in SERVICES if name != "registry"), "admin", "stack"):
                with pytest.raises(OperationFailure, match="not authorized"):
                    await client[other]["things"].find_one({})
            await client["registry"].drop_collection("things")

    async def test_lets_nobody_in_without_a_password(self, host):
        async with client_of(host, None) as client:
            with pytest.raises(OperationFailure, match="requires authentication"):
                await client["registry"]["things"].find_one({})

    async def test_says_so_when_the_keys_are_of_another_stack(self, place, host):
        stranger = Login(user=place.admin.user, password="another")

        with pytest.raises(StackProblem, match="--fresh"):
            await mongo_server.initiate(host, admin=stranger)

    async def test_ends_a_forgotten_transaction_within_seconds(self, place, host):
        async with client_of(host, place.admin) as client:
            found = await client.admin.command(
                {"getParameter": 1, "transactionLifetimeLimitSeconds": 1}
            )
            defaults = await client.admin.command("getDefaultRWConcern")

        assert found[_LIFETIME] == 5
        assert defaults["defaultWriteConcern"]["w"] == "majority"
        assert defaults["defaultReadConcern"]["level"] == "majority"
