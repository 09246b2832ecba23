"""Small messages published as one: who goes with whom, and what each is told."""

import asyncio

import pytest
from opentelemetry.sdk.trace import TracerProvider

from shared.errors import Unavailable
from shared.messaging import bundling
from shared.messaging.bundling import MOST_BYTES, SMALL_BYTES, Bundling

SUBJECT = "bank.intake.v1.0"


class Bus:
    """Keeps what is published, in order; refuses while it is away."""

    def __init__(self) -> None:
        self.stored: list[tuple[str, bytes, str]] = []
        self.away = False

    async def publish(self, subject: str, body: bytes, *, message_id: str) -> None:
        if self.away:
            raise Unavailable("away")
        self.stored.append((subject, body, message_id))

    def bodies(self) -> list[bytes]:
        return [body for _, body, _ in self.stored]


@pytest.fixture
def bus():
    return Bus()


@pytest.fixture
def bundles(bus, monkeypatch):
    monkeypatch.setattr(bundling, "REST_SECONDS", 0.2)
    return Bundling(bus, join=b"+".join)


async def sent(bundles, *bodies, subject=SUBJECT):
    each = (bundles.publish(subject, body, message_id=f"id-{body[:9]!r}") for body in bodies)
    return await asyncio.gather(*each, return_exceptions=True)


async def test_who_comes_alone_goes_at_once_and_as_it_is(bundles, bus):
    await bundles.publish(SUBJECT, b"a", message_id="a1")

    assert bus.stored == [(SUBJECT, b"a", "a1")]


async def test_what_comes_while_a_subject_rests_goes_together_when_it_has(bundles, bus):
    await sent(bundles, b"a")
    resting = asyncio.create_task(sent(bundles, b"b", b"c"))
    await sent(bundles, b"d", subject="bank.intake.v1.1")
    assert bus.bodies() == [b"a", b"d"]

    await resting

    assert bus.bodies() == [b"a", b"d", b"b+c"]


async def test_a_bundle_is_named_by_all_that_is_in_it(bundles, bus):
    for bodies in ((b"b", b"c"), (b"b", b"d"), (b"b", b"c")):
        await sent(bundles, *bodies)

    first, other, again = (name for _, _, name in bus.stored)
    assert first == again != other


async def test_all_learn_that_the_bus_has_not_stored_it(bundles, bus):
    bus.away = True

    told = await sent(bundles, b"a", b"b")

    assert [type(each) for each in told] == [Unavailable, Unavailable]


async def test_who_gives_up_waiting_takes_nothing_from_the_others(bundles, bus):
    await sent(bundles, b"a")
    gone = asyncio.create_task(bundles.publish(SUBJECT, b"b", message_id="b1"))
    stays = asyncio.create_task(bundles.publish(SUBJECT, b"c", message_id="c1"))
    await asyncio.sleep(0)

    gone.cancel()
    await stays

    assert bus.bodies() == [b"a", b"b+c"]


async def test_no_bundle_grows_beyond_its_bound(bundles, bus):
    bodies = [bytes([65 + n]) * SMALL_BYTES for n in range(MOST_BYTES // SMALL_BYTES + 1)]

    await sent(bundles, *bodies)

    assert bus.bodies() == [b"+".join(bodies[:-1]), bodies[-1]]


async def test_what_is_not_small_waits_for_nobody(bundles, bus):
    large = b"x" * (SMALL_BYTES + 1)
    await sent(bundles, large, b"a", large)

    assert bus.bodies() == [large, large, b"a"]


async def test_what_is_traced_goes_alone(bundles, bus):
    with TracerProvider().get_tracer("test").start_as_current_span("request"):
        await sent(bundles, b"a", b"b")

    assert bus.bodies() == [b"a", b"b"]
