"""Who may send and receive what on the bus, as data, and the server configuration made of it.

Two accounts. CITY holds JetStream and the services; DEPARTMENTS holds the departments' and towns'
users, who reach CITY only through the exported services named here. Reply subjects of allowed
requests are not checked by the server: in one account a department could have an answer stored in
any stream, across accounts it cannot.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from shared.duties.departments import ALL_CODES
from shared.messaging.topology import (
    ALERTS,
    BANK_INTAKE,
    EXCHANGE,
    EXCHANGE_IN,
    MAX_PAYLOAD_BYTES,
    SERVICE_WORDS,
    STREAMS,
    Consumer,
    Stream,
    consumers_of,
    stream_named,
)

CITY = "CITY"
DEPARTMENTS_ACCOUNT = "DEPARTMENTS"
OPERATOR = "operator"

# Departments say ``nc.jetstream(domain=CITY_DOMAIN)``. Every account imports ``$JS.API.>`` from the
# system account, also one without JetStream: under the plain prefix INFO is answered twice, first
# with "JetStream not enabled for account" (nats-server 2.15).
CITY_DOMAIN = "CITY"
_API = "$JS.API"
_API_FOR_DEPARTMENTS = f"$JS.{CITY_DOMAIN}.API"

SERVICES = tuple(SERVICE_WORDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """One user of the bus with all it may publish and subscribe to."""

    name: str
    account: str
    publish: tuple[str, ...]
    subscribe: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """One subject of CITY that DEPARTMENTS may call, and the name under which they call it."""

    subject: str
    called: str
    response_type: str = "single"


def inbox_prefix(user: str) -> str:
    """Return the prefix under which a user, and nobody else, receives answers."""
    return f"_INBOX_{user}"


def streams_of(service: str) -> tuple[Stream, ...]:
    """Return the streams a service writes to or reads from: what it compares at its start."""
    word = SERVICE_WORDS[service].upper()
    names = {word, f"{word}_STATE", ALERTS.name}
    names.update(consumer.stream for consumer in consumers_of(service))
    if service == "ads_watch":
        names.update((EXCHANGE.name, EXCHANGE_IN.name))
    return tuple(stream for stream in STREAMS if stream.name in names)


def _service_user(service: str) -> User:
    word = SERVICE_WORDS[service]
    announces = [
        *stream_named(word.upper()).subjects,
        *stream_named(f"{word.upper()}_STATE").subjects,
        f"alerts.v1.*.*.{service}",
    ]
    if service == "fund_monitor":
        announces.extend(BANK_INTAKE.subjects)
    if service == "ads_watch":
        announces.extend(EXCHANGE.subjects)
    return User(
        name=service,
        account=CITY,
        publish=(
            *announces,
            *(f"$JS.API.STREAM.INFO.{stream.name}" for stream in streams_of(service)),
            *_reading(service, api=_API),
        ),
        subscribe=(f"{inbox_prefix(service)}.>",),
    )


def _department_user(code: str) -> User:
    return User(
        name=code,
        account=DEPARTMENTS_ACCOUNT,
        publish=(*_reading(code, api=_API_FOR_DEPARTMENTS), f"exchange-in.v1.{code}.*"),
        subscribe=(f"{inbox_prefix(code)}.>",),
    )


def _reading(reader: str, *, api: str) -> Iterator[str]:
    for consumer in consumers_of(reader):
        yield from _requests(consumer, api=api)


def _requests(consumer: Consumer, *, api: str) -> tuple[str, str, str]:
    """Return what a reader of a durable must publish: INFO, MSG.NEXT and its acknowledgements."""
    place = f"{consumer.stream}.{consumer.name}"
    return (
        f"{api}.CONSUMER.INFO.{place}",
        f"{api}.CONSUMER.MSG.NEXT.{place}",
        f"$JS.ACK.{place}.>",
    )


USERS: tuple[User, ...] = (
    User(name=OPERATOR, account=CITY, publish=(">",), subscribe=(">",)),
    *(_service_user(service) for service in SERVICES),
    *(_department_user(code) for code in ALL_CODES),
)


def _exported() -> Iterator[Export]:
    for code in ALL_CODES:
        for consumer in consumers_of(code):
            info, next_message, ack = _requests(consumer, api=_API)
            called_info, called_next, _ = _requests(consumer, api=_API_FOR_DEPARTMENTS)
            yield Export(subject=info, called=called_info)
            yield Export(subject=next_message, called=called_next, response_type="stream")
            yield Export(subject=ack, called=ack)
        own = f"exchange-in.v1.{code}.*"
        yield Export(subject=own, called=own)


# What joins the accounts: one import for each export, and nothing that is not named in full.
EXPORTED: tuple[Export, ...] = tuple(_exported())


def server_config(
    *,
    public_keys: Mapping[str, str],
    store_dir: str,
    port: int,
    host: str = "127.0.0.1",
    server_name: str = "haining",
    monitor: str | None = None,
) -> str:
    """Return the configuration of a nats-server, given each user's public nkey.

    ``monitor`` is an address for health checks of the server itself; it answers without a login.
    """
    config = {
        **({} if monitor is None else {"http": monitor}),
        "server_name": server_name,
        "host": host,
        "port": port,
        "max_payload": MAX_PAYLOAD_BYTES,
        "jetstream": {
            "store_dir": store_dir,
            # An acknowledged message is on the disk: with the server's default it need not be for
            # two minutes, and a power cut loses it.
            "sync_interval": "always",
            # The server reserves what streams may grow to; this is that sum and not a disk size.
            "max_file_store": sum(stream.max_bytes for stream in STREAMS),
        },
        "accounts": {
            CITY: {
                "jetstream": "enabled",
                "users": _users(CITY, public_keys),
                "exports": [
                    {
                        "service": export.subject,
                        "response_type": export.response_type,
                        "accounts": [DEPARTMENTS_ACCOUNT],
                    }
                    for export in EXPORTED
                ],
            },
            DEPARTMENTS_ACCOUNT: {
                "users": _users(DEPARTMENTS_ACCOUNT, public_keys),
                "imports": [
                    {
                        "service": {"account": CITY, "subject": export.subject},
                        "to": export.called,
                    }
                    for export in EXPORTED
                ],
            },
        },
    }
    return json.dumps(config, indent=2) + "\n"


def _users(account: str, public_keys: Mapping[str, str]) -> list[dict[str, object]]:
    return [
        {
            "nkey": public_keys[user.name],
            "permissions": {
                "publish": {"allow": list(user.publish)},
                "subscribe": {"allow": list(user.subscribe)},
            },
        }
        for user in USERS
        if user.account == account
    ]
