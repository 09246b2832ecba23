"""The declared streams and consumers, against the contracts and on a real server."""

import importlib
import pkgutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import pytest
from nats.js import JetStreamContext
from nats.js.errors import APIError

from shared import contracts
from shared.contracts.audit import AUDIT_CHANNELS
from shared.contracts.base import Channel
from shared.duties.departments import ALL_CODES
from shared.messaging.apply import TopologyDrift, apply, verify
from shared.messaging.permissions import SERVICES, streams_of
from shared.messaging.topology import CONSUMERS, PARTITIONS, STREAMS, consumers_of, stream_named
from tests.support.servers import NatsServer, nats_for_tests


def _channels() -> Iterator[Channel]:
    for found in pkgutil.iter_modules(contracts.__path__):
        module = importlib.import_module(f"{contracts.__name__}.{found.name}")
        for value in vars(module).values():
            yield from _channels_in(value)


def _channels_in(value: object) -> Iterator[Channel]:
    if isinstance(value, Channel):
        yield value
    elif isinstance(value, dict):
        yield from (one for one in value.values() if isinstance(one, Channel))
    elif isinstance(value, tuple):
        yield from (one for one in value if isinstance(one, Channel))


CHANNELS = sorted({channel.subject: channel for channel in _channels()}.items())


def _inside(subject: str, pattern: str) -> bool:
    """Say whether every subject of one pattern belongs to the other; neither uses ``>``."""
    words, allowed = subject.split("."), pattern.split(".")
    return len(words) == len(allowed) and all(
        there in ("*", here) for here, there in zip(words, allowed, strict=True)
    )


def _overlap(one: str, other: str) -> bool:
    words, others = one.split("."), other.split(".")
    return len(words) == len(others) and all(
        "*" in pair or pair[0] == pair[1] for pair in zip(words, others, strict=True)
    )


class TestDeclaration:
    @pytest.mark.parametrize(("subject", "channel"), CHANNELS, ids=[name for name, _ in CHANNELS])
    def test_has_a_place_for_every_channel(self, subject, channel):
        allowed = stream_named(channel.stream).subjects

        assert any(_inside(channel.wildcard, pattern) for pattern in allowed), subject

    def test_lets_no_subject_belong_to_two_streams(self):
        declared = [(stream.name, each) for stream in STREAMS for each in stream.subjects]

        shared = [
            (name, other)
            for index, (name, subject) in enumerate(declared)
            for other, another in declared[index + 1 :]
            if _overlap(subject, another)
        ]

        assert shared == []

    def test_gives_every_department_and_town_its_two_durables(self):
        readers = Counter(consumer.reader for consumer in CONSUMERS)

        assert {code: readers[code] for code in ALL_CODES} == dict.fromkeys(ALL_CODES, 2)

    def test_gives_every_partition_its_durable(self):
        subjects = {each.filter_subject for each in consumers_of("fund_monitor")}

        assert {f"bank.intake.v1.{number}" for number in range(PARTITIONS)} < subjects

    def test_gives_every_audit_chain_its_two_keepers(self):
        keepers = {
            service: [
                consumer.reader
                for consumer in CONSUMERS
                if consumer.filter_subject == AUDIT_CHANNELS[service].wildcard
            ]
            for service in SERVICES
        }

        assert all(len(set(found) - {service}) == 2 for service, found in keepers.items())

    def test_names_every_durable_once(self):
        names = Counter(consumer.name for consumer in CONSUMERS)

        assert [name for name, times in names.items() if times > 1] == []

    def test_filters_only_what_its_stream_holds(self):
        strays = [
            consumer.name
            for consumer in CONSUMERS
            if not any(
                _inside(consumer.filter_subject, pattern)
                for pattern in stream_named(consumer.stream).subjects
            )
        ]

        assert strays == []


@pytest.fixture(scope="module")
def bus() -> Iterator[NatsServer]:
    with nats_for_tests() as server:
        yield server


@pytest.fixture
async def js(bus):
    client = await bus.connect("operator")
    yield client.jetstream()
    await client.close()


@pytest.fixture
async def broken(js):
    """A server that the test may break; what is declared stands again afterwards."""
    yield js
    await apply(js, replicas=1)


pytestmark = pytest.mark.timeout(60)


@pytest.mark.integration
class TestApply:
    async def test_makes_what_is_declared(self, js):
        await verify(js, replicas=1)

    async def test_changes_nothing_a_second_time(self, js):
        before = await _created(js)

        await apply(js, replicas=1)

        assert await _created(js) == before

    async def test_brings_a_drifted_consumer_back(self, broken):
        await _drift_consumer(broken)

        await apply(broken, replicas=1)

        await verify(broken)

    async def test_keeps_only_the_last_value_of_a_state(self, js):
        subject = "state.registry.institution.v1.kept-once"
        for value in (b"1", b"2", b"3"):
            await js.publish(subject, value, stream="REGISTRY_STATE")

        kept = await js.streams_info()

        [state] = [each.state for each in kept if each.config.name == "REGISTRY_STATE"]
        assert state.messages == 1
        assert (await js.get_last_msg("REGISTRY_STATE", subject)).data == b"3"

    async def test_lets_nobody_delete_what_is_kept(self, js):
        ack = await js.publish("fund.day-closed.v1.x", b"{}", stream="FUND")

        with pytest.raises(APIError):
            await js.delete_msg("FUND", ack.seq)
        with pytest.raises(APIError):
            await js.purge_stream("FUND")


@pytest.mark.integration
class TestVerify:
    async def test_names_a_missing_stream(self, broken):
        await broken.delete_stream("SCHEDULE_STATE")

        with pytest.raises(TopologyDrift, match="缺少流 SCHEDULE_STATE"):
            await verify(broken)

    async def test_names_a_missing_consumer(self, broken):
        await broken.delete_consumer("ALERTS", "alerts-pboc")

        with pytest.raises(TopologyDrift, match="缺少消费者 alerts-pboc"):
            await verify(broken)

    async def test_names_every_field_of_a_drifted_consumer(self, broken):
        await _drift_consumer(broken)

        with pytest.raises(TopologyDrift) as drift:
            await verify(broken)

        [difference] = drift.value.differences
        assert "fund-monitor-intake-3" in difference
        assert "ack_wait 应为 30.0，实为 1.0" in difference
        assert "max_deliver 应为 -1，实为 5" in difference

    async def test_names_a_drifted_stream(self, broken):
        found = (await broken.stream_info("ADS")).config
        await broken.update_stream(replace(found, max_age=60.0, duplicate_window=1.0))

        with pytest.raises(TopologyDrift, match=r"流 ADS：max_age 应为 34560000\.0，实为 60\.0"):
            await verify(broken)

    @pytest.mark.parametrize("service", SERVICES)
    async def test_needs_no_more_than_a_service_may_ask(self, bus, service):
        client = await bus.connect(service)
        try:
            await verify(
                client.jetstream(),
                streams=streams_of(service),
                consumers=consumers_of(service),
            )
        finally:
            await client.close()


async def _created(js: JetStreamContext) -> dict[str, str]:
    return {
        each.config.name: f"{each.created} {each.state.consumer_count}"
        for each in await js.streams_info()
    }


async def _drift_consumer(js: JetStreamContext) -> None:
    found = (await js.consumer_info("BANK_INTAKE", "fund-monitor-intake-3")).config
    await js.add_consumer("BANK_INTAKE", replace(found, ack_wait=1.0, max_deliver=5))
