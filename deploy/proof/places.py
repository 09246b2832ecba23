"""Where a proof looks, and what it knew of the streams before it looked into any store."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy.proof.day import CityDay
from deploy.proof.streams import Bounds, StreamReader
from shared.messaging.topology import CONSUMERS, STREAMS
from shared.mongo import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """The streams as their operator reads them, and every service's database."""

    streams: StreamReader
    databases: Mapping[str, Database]
    scratch: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """The day asked for, and how far streams and readers were when the proof began.

    Whatever a reader had acknowledged by then was in its store by then, so that a store read later
    must have it; what came later is looked at by the next proof.
    """

    day: CityDay
    bounds: Mapping[str, Bounds]
    floors: Mapping[str, int]


async def moment_of(day: CityDay, places: Places) -> Moment:
    """Read bounds of streams and acknowledgements of the services' durables."""
    bounds = {stream.name: await places.streams.bounds(stream) for stream in STREAMS}
    floors = {
        consumer.name: await places.streams.floor(consumer.stream, consumer.name)
        for consumer in CONSUMERS
        if consumer.reader in places.databases
    }
    return Moment(day=day, bounds=bounds, floors=floors)
