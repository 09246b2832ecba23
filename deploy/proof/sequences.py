"""No message is missing from the middle or from the beginning of a stream."""

from datetime import datetime

from deploy.proof.check import Check
from deploy.proof.day import CityDay
from deploy.proof.places import Moment
from deploy.proof.streams import Bounds
from shared.city_time import CITY_TIME
from shared.messaging.topology import STREAMS


def check_sequences(moment: Moment) -> Check:
    """Name the sequences that streams have lost; where only last values stay, it is meant."""
    check = Check("sequences", "各流的序号连续")
    for stream in STREAMS:
        if stream.max_msgs_per_subject == 1:
            continue
        bounds = moment.bounds[stream.name]
        check.checked += bounds.last
        for sequence in bounds.deleted:
            check.gaps.add(f"{stream.name} 第 {sequence} 条：已被删除")
        if _begins_too_late(bounds, moment.day):
            check.gaps.add(
                f"{stream.name}：第 {bounds.first} 条之前的消息已不在流中"
                f"（此前最近的时间为 {_shown(bounds)}），无法核对这一天"
            )
    return check


def _begins_too_late(bounds: Bounds, day: CityDay) -> bool:
    """Tell whether messages of the day, or after it, may have gone from the stream's beginning."""
    if bounds.first <= 1:
        return False
    empty = bounds.first > bounds.last
    return (bounds.last_at if empty else bounds.first_at) >= day.start


def _shown(bounds: Bounds) -> str:
    moment: datetime = bounds.last_at if bounds.first > bounds.last else bounds.first_at
    return f"{moment.astimezone(CITY_TIME):%Y-%m-%d %H:%M:%S}"
