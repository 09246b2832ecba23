"""Servers that somebody else runs and whose addresses were given."""

from dataclasses import dataclass

from pymongo.errors import PyMongoError
from pymongo.uri_parser import parse_uri

from deploy.local import mongo_server, nats_server
from deploy.local.mongo_server import Login
from deploy.local.problem import StackProblem
from deploy.local.servers import Place
from shared.messaging.permissions import SERVICES


async def prepare_nats(url: str, *, place: Place) -> None:
    """Check that a given nats-server knows this stack's operator."""
    try:
        await nats_server.ready(url, seed=place.operator_seed)
    except Exception as error:
        raise StackProblem(
            f"连不上 {url}（{_reason(error)}）：那台 nats-server 必须用本栈的账号配置启动"
            f"（{_config_for_others(place)}）"
        ) from error


def _config_for_others(place: Place) -> str:
    config = place.layout.root / "nats-server.conf"
    nats_server.write_config(
        config,
        public_keys=place.keys.nats_public_keys(),
        store_dir="/data/jetstream",
        port=4222,
        host="0.0.0.0",  # noqa: S104  (a file for another machine to start from)
    )
    return str(config)


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenMongo:
    """A replica set that somebody else runs, and whoever may make users there."""

    host: str
    replica_set: str
    admin: Login

    @classmethod
    def parse(cls, url: str, *, place: Place) -> "GivenMongo":
        """Read the address; its credentials, if any, are the administrator's."""
        try:
            parts = parse_uri(url)
        except PyMongoError as error:
            raise StackProblem(f"--mongo-url 不是 MongoDB 地址（{_reason(error)}）") from error
        options = {str(name).lower(): value for name, value in parts["options"].items()}
        if "replicaset" not in options:
            raise StackProblem("--mongo-url 里要有 ?replicaSet=名称：事务需要复制集")
        admin = place.admin
        if parts["username"]:
            source = str(options.get("authsource", "admin"))
            admin = Login(user=parts["username"], password=parts["password"] or "", source=source)
        return cls(
            host=",".join(f"{host}:{port}" for host, port in parts["nodelist"]),
            replica_set=str(options["replicaset"]),
            admin=admin,
        )

    @property
    def url(self) -> str:
        """The address without credentials: each service has its own."""
        return f"mongodb://{self.host}/?replicaSet={self.replica_set}"

    async def prepare(self, *, place: Place) -> None:
        """Make the services' users there, and write once."""
        passwords = {name: place.keys.mongo_password(name).read_text() for name in SERVICES}
        try:
            await mongo_server.make_users(
                self.host, admin=self.admin, passwords=passwords, replica_set=self.replica_set
            )
            await mongo_server.ready(self.host, admin=self.admin, replica_set=self.replica_set)
        except PyMongoError as error:
            raise StackProblem(
                f"{self.url} 不能使用（{_reason(error)}）：请检查地址，以及其中的管理员账号和密码"
            ) from error


def _reason(error: Exception) -> str:
    # The driver repeats the server's whole answer behind its message.
    return (str(error) or type(error).__name__).partition(", full error")[0][:200]
