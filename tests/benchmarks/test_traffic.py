"""What benchmarks send: the same every time, and nothing that the door would refuse."""

import random
from collections import Counter

from benchmarks.traffic import (
    BANK,
    INSTITUTIONS,
    SEEN_AT,
    money,
    opened,
    over_collected,
    requests,
    traffic,
)
from services.fund_monitor.app.banks.check_events import check_events


def test_a_series_is_the_same_every_time_and_shares_no_serial_number_with_another():
    first, again, other = (list(traffic(2_000, series=name)) for name in ("a-", "a-", "b-"))

    assert first == again
    assert {event["serial_no"] for event in first}.isdisjoint(e["serial_no"] for e in other)


def test_the_door_accepts_every_event():
    rare = [*(opened(number) for number in range(INSTITUTIONS)), over_collected(1)]
    chance = random.Random(0)  # noqa: S311 - a benchmark, not a secret
    old = [money(1, kind, chance, series="old-") for kind in ("deposit", "release")]

    checked = check_events([*traffic(5_000), *rare, *old], bank=BANK, declared=(), now=SEEN_AT)

    assert [one.problem for one in checked if one.problem is not None] == []


def test_a_term_has_payments_releases_refunds_reversals_repeats_and_some_over_collections():
    events = list(traffic(20_000))
    kinds = Counter(event["type"] for event in events)
    serials = Counter(event["serial_no"] for event in events)

    assert kinds.keys() == {"deposit", "release", "refund", "reversal"}
    assert any(times > 1 for times in serials.values())
    assert any(event.get("lessons") == "72.00" for event in events)
    assert len({event["account_no"] for event in events}) == INSTITUTIONS


def test_a_reversal_follows_its_original():
    sent: set[str] = set()
    for event in traffic(20_000):
        if event["type"] == "reversal":
            assert event["reverses_serial_no"] in sent
        sent.add(event["serial_no"])


def test_requests_hold_all_of_the_traffic_in_order():
    held = list(requests(1_100, series="a-"))

    assert [len(request) for request in held] == [500, 500, 100]
    assert [event for request in held for event in request] == list(traffic(1_100, series="a-"))
