"""The streams and durable consumers of the suite, declared once as data.

``apply.py`` makes them, every service checks them at its start, and the tests hold the channels of
``shared/contracts`` against them. Nothing here speaks to a server.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from shared.duties.departments import ALL_CODES

PARTITIONS = 16
ACK_WAIT = timedelta(seconds=30)

_KIB = 1024
_MIB = 1024 * _KIB
_GIB = 1024 * _MIB
_KEPT = timedelta(days=400)

# What the server accepts in one message. A request of the bank's door is at most 768 KiB, and the
# message made of it carries the events' partition, bank and times as well.
MAX_PAYLOAD_BYTES = 2 * _MIB


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """One stream: on disk, kept by limits, closed to deletion, refusing what does not fit."""

    name: str
    subjects: tuple[str, ...]
    max_age: timedelta | None = _KEPT
    max_bytes: int = 16 * _GIB
    max_msg_size: int = 1 * _MIB
    max_msgs_per_subject: int = -1
    # A relay that could not mark its row as sent publishes it again within seconds; whoever reads
    # keeps identities for what comes later.
    duplicate_window: timedelta = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Consumer:
    """One durable pull consumer: acknowledged one by one, delivered without limit, never idle out.

    ``max_deliver`` is unlimited because a limited one loses what could not be handled while the
    store was away; content that fails is counted by its reader.
    """

    name: str
    stream: str
    filter_subject: str
    reader: str
    max_ack_pending: int = 1_000


def _facts(word: str) -> Stream:
    return Stream(name=word.upper(), subjects=(f"{word}.*.v1.*",))


def _state(word: str) -> Stream:
    """Declare the stream of last values: one message a subject, replaced and never aged out."""
    return Stream(
        name=f"{word.upper()}_STATE",
        subjects=(f"state.{word}.*.v1.*",),
        max_age=None,
        max_msgs_per_subject=1,
    )


BANK_INTAKE = Stream(
    name="BANK_INTAKE",
    subjects=("bank.intake.v1.*",),
    max_bytes=256 * _GIB,
    max_msg_size=MAX_PAYLOAD_BYTES,
)
ALERTS = Stream(name="ALERTS", subjects=("alerts.v1.*.*.*",))
EXCHANGE = Stream(name="EXCHANGE", subjects=("exchange.v1.*.*",))
EXCHANGE_IN = Stream(
    name="EXCHANGE_IN",
    subjects=("exchange-in.v1.*.*",),
    max_msg_size=256 * _KIB,
    # The smallest window a server takes: a Msg-Id is stream-wide, and one department's must not
    # hide another's. What is repeated is told apart by (from, id) where it is handled.
    duplicate_window=timedelta(milliseconds=100),
)

SERVICE_WORDS = {
    "registry": "registry",
    "schedule_monitor": "schedule",
    "fund_monitor": "fund",
    "ads_watch": "ads",
}
FACT_WORDS = tuple(SERVICE_WORDS.values())

STREAMS: tuple[Stream, ...] = (
    BANK_INTAKE,
    *(_facts(word) for word in FACT_WORDS),
    *(_state(word) for word in FACT_WORDS),
    ALERTS,
    EXCHANGE,
    EXCHANGE_IN,
)


def intake_subject(partition: int) -> str:
    """Return the subject on which a partition's bank events travel."""
    return f"bank.intake.v1.{partition}"


def intake_consumer(partition: int) -> str:
    """Return the name of the durable that reads a partition."""
    return f"fund-monitor-intake-{partition}"


def alerts_consumer(department: str) -> str:
    """Return the name of the durable with which a department or town reads its alerts."""
    return f"alerts-{department}"


def exchange_consumer(department: str) -> str:
    """Return the name of the durable with which a department or town reads what is sent to it."""
    return f"exchange-{department}"


def chains_kept_by(service: str) -> tuple[str, str]:
    """Return the two services whose audit heads a service keeps: the two before it in the ring."""
    ring = tuple(SERVICE_WORDS)
    place = ring.index(service)
    return ring[place - 1], ring[place - 2]


def audit_head_subject(service: str) -> str:
    """Return the subjects on which a service tells the head of its audit chain."""
    return f"{SERVICE_WORDS[service]}.audit-head-sealed.v1.*"


def audit_head_consumer(keeper: str, chain: str) -> str:
    """Return the name of the durable with which a service reads the heads of another's chain."""
    return f"{keeper}-audit-head-{chain}".replace("_", "-")


def calendar_consumer(service: str) -> str:
    """Return the name of the durable with which a service is told of calendar years."""
    return f"{service}-calendar-year".replace("_", "-")


def _for_calendar() -> Iterator[Consumer]:
    for service in SERVICE_WORDS:
        if service != "schedule_monitor":
            yield Consumer(
                name=calendar_consumer(service),
                stream="SCHEDULE_STATE",
                filter_subject="state.schedule.calendar-year.v1.*",
                reader=service,
            )


def _for_audit() -> Iterator[Consumer]:
    for keeper in SERVICE_WORDS:
        for chain in chains_kept_by(keeper):
            yield Consumer(
                name=audit_head_consumer(keeper, chain),
                stream=SERVICE_WORDS[chain].upper(),
                filter_subject=audit_head_subject(chain),
                reader=keeper,
            )


def _for_departments() -> Iterator[Consumer]:
    for code in ALL_CODES:
        yield Consumer(
            name=alerts_consumer(code),
            stream=ALERTS.name,
            filter_subject=f"alerts.v1.{code}.*.*",
            reader=code,
        )
        yield Consumer(
            name=exchange_consumer(code),
            stream=EXCHANGE.name,
            filter_subject=f"exchange.v1.{code}.*",
            reader=code,
        )


INSTITUTION_STATE_READER = "fund-monitor-institution-state"
SESSION_HELD_READER = "fund-monitor-session-held"
UNAPPROVED_SITE_READER = "registry-unapproved-site"
EXCHANGE_IN_READER = "ads-watch-exchange-in"
SCHEDULE_INSTITUTION_STATE_READER = "schedule-monitor-institution-state"
VISIT_RESULT_READER = "schedule-monitor-visit-result"

CONSUMERS: tuple[Consumer, ...] = (
    *(
        Consumer(
            name=intake_consumer(partition),
            stream=BANK_INTAKE.name,
            filter_subject=intake_subject(partition),
            reader="fund_monitor",
            max_ack_pending=64,
        )
        for partition in range(PARTITIONS)
    ),
    Consumer(
        name=INSTITUTION_STATE_READER,
        stream="REGISTRY_STATE",
        filter_subject="state.registry.institution.v1.*",
        reader="fund_monitor",
    ),
    Consumer(
        name=SESSION_HELD_READER,
        stream="SCHEDULE",
        filter_subject="schedule.session-held.v1.*",
        reader="fund_monitor",
    ),
    Consumer(
        name=UNAPPROVED_SITE_READER,
        stream="SCHEDULE",
        filter_subject="schedule.unapproved-site.v1.*",
        reader="registry",
    ),
    # One durable for all that departments answer: a feedback stays behind its acceptance.
    Consumer(
        name=EXCHANGE_IN_READER,
        stream=EXCHANGE_IN.name,
        filter_subject="exchange-in.v1.*.*",
        reader="ads_watch",
        max_ack_pending=64,
    ),
    Consumer(
        name=SCHEDULE_INSTITUTION_STATE_READER,
        stream="REGISTRY_STATE",
        filter_subject="state.registry.institution.v1.*",
        reader="schedule_monitor",
    ),
    Consumer(
        name=VISIT_RESULT_READER,
        stream="REGISTRY",
        filter_subject="registry.visit-result.v1.*",
        reader="schedule_monitor",
    ),
    *_for_calendar(),
    *_for_audit(),
    *_for_departments(),
)


def stream_named(name: str) -> Stream:
    """Return the declaration of a stream."""
    return next(stream for stream in STREAMS if stream.name == name)


def consumers_of(reader: str) -> tuple[Consumer, ...]:
    """Return the durables that a service or department reads."""
    return tuple(consumer for consumer in CONSUMERS if consumer.reader == reader)
