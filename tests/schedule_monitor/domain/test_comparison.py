"""Which filed class a held session stands for, and what the two differ in."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from services.schedule_monitor.domain.held.comparison import FiledClass, Tolerances, pairs_of
from services.schedule_monitor.domain.held.held import HeldSession, Kept, Sender
from services.schedule_monitor.domain.held.held_month import Basis, judge_month
from services.schedule_monitor.domain.judge import judge_sessions
from services.schedule_monitor.domain.premises import Premises, Site
from shared.city_time import CITY_TIME
from tests.schedule_monitor.builders import (
    INSTITUTION,
    TUESDAY,
    a_registered,
    a_session,
    at,
    calendars,
    on,
)

SATURDAY = "2026-03-07"
LICENSED = Premises(
    sites=(
        Site(site_id="s1", address="海宁市硖石街道文苑路8号", town="xiashi"),
        Site(
            site_id="s2",
            address="海宁市硖石街道水月亭西路9号",
            town="xiashi",
            closed_on=on("2026-03-02"),
        ),
    ),
    licensed_from=on("2018-01-01"),
    licensed_until=on("2027-12-31"),
)


def moment(day: str, wall: str) -> datetime:
    return datetime.combine(on(day), at(wall), CITY_TIME)


def a_held(reference: str = "L1", **more: Any) -> Kept:
    day, start, end = (
        more.pop("day", TUESDAY),
        more.pop("start", "18:00"),
        more.pop("end", "18:30"),
    )
    defaults: dict[str, Any] = {
        "sender": Sender("institution", INSTITUTION),
        "version": 1,
        "institution_id": INSTITUTION,
        "started_at": moment(day, start),
        "ended_at": moment(day, end),
        "class_group": "三年级1班",
        "stage": "compulsory",
        "head_count": 12,
    }
    return Kept(f"id-{reference}", HeldSession(reference=reference, **(defaults | more)))


def filed(*sessions: Any, dropped_at: datetime | None = None) -> list[FiledClass]:
    judged = judge_sessions(list(sessions), calendars())
    return [FiledClass(judged=one, dropped_at=dropped_at) for one in judged]


def codes(held: list[Kept], classes: list[FiledClass], **more: Any) -> list[set[str]]:
    basis = Basis(
        registered=a_registered(),
        premises=LICENSED,
        calendars=calendars(),
        tolerances=more.get("tolerances", Tolerances()),
    )
    return [
        {found.rule.card.code.removeprefix("schedule.") for found in one.findings}
        for one in judge_month("2026-03", held, classes, basis)
    ]


def doubt(**more: Any) -> str | None:
    basis = Basis(
        registered=a_registered(),
        premises=more.pop("premises", LICENSED),
        calendars=calendars(),
        tolerances=Tolerances(),
    )
    [found] = judge_month("2026-03", [a_held(**more)], filed(a_session()), basis)
    return found.doubt


class TestPairsOf:
    def test_the_closest_of_the_group_and_day(self):
        classes = filed(a_session(start="17:00", end="17:30"), a_session())

        pairs = pairs_of([a_held(start="17:40", end="18:10")], classes)

        assert pairs["id-L1"].session.start == at("18:00")

    def test_one_for_one_and_the_earlier_class_of_equally_close_ones(self):
        classes = filed(a_session(start="17:00"), a_session(start="18:00"))
        held = [a_held("b", start="17:30"), a_held("a", start="17:30")]

        pairs = pairs_of(held, classes)

        assert {name: one.session.start for name, one in pairs.items()} == {
            "id-a": at("17:00"),
            "id-b": at("18:00"),
        }

    def test_a_named_class_comes_first_on_whatever_day(self):
        classes = filed(a_session("2026-03-05"), a_session())
        named = a_held("n", planned_on=on("2026-03-05"), planned_start=at("18:00"))

        pairs = pairs_of([named, a_held("p")], classes)

        assert pairs["id-n"].session.on == on("2026-03-05")
        assert pairs["id-p"].session.on == on(TUESDAY)

    def test_two_senders_may_tell_of_one_class(self):
        check = a_held("c", sender=Sender("town", "xiashi"))

        assert set(pairs_of([a_held(), check], filed(a_session()))) == {"id-L1", "id-c"}

    def test_another_group_is_another_class(self):
        assert not pairs_of([a_held(class_group="三年级2班")], filed(a_session()))

    def test_the_order_of_what_came_says_nothing(self):
        classes = filed(*(a_session(start=f"{hour}:00", end=f"{hour}:30") for hour in (14, 15, 16)))
        held = [a_held(f"r{n}", start=f"{hour}:20") for n, hour in enumerate((14, 14, 15, 17))]

        assert pairs_of(held, classes) == pairs_of(held[::-1], classes[::-1])


class TestDifferences:
    def test_as_filed(self):
        assert codes([a_held()], filed(a_session())) == [set()]

    def test_unfiled(self):
        assert codes([a_held()], []) == [{"held_unfiled"}]

    def test_withdrawn_is_not_looked_at(self):
        assert codes([a_held(withdrawn=True)], []) == []

    @pytest.mark.parametrize(
        ("start", "found"),
        [
            ("17:50:00", set()),
            ("17:49:59", {"held_moved", "held_overran"}),
            ("18:10:00", set()),
            ("18:10:01", {"held_moved"}),
        ],
    )
    def test_moved_beyond_the_tolerance(self, start, found):
        assert codes([a_held(start=start)], filed(a_session())) == [found]

    def test_moved_to_another_day(self):
        held = a_held(day="2026-03-04", planned_on=on(TUESDAY), planned_start=at("18:00"))

        assert codes([held], filed(a_session())) == [{"held_moved"}]

    @pytest.mark.parametrize(
        ("end", "found"), [("18:40:00", set()), ("18:40:01", {"held_overran"})]
    )
    def test_overran(self, end, found):
        assert codes([a_held(end=end)], filed(a_session())) == [found]

    def test_moved_later_is_not_overrun_by_that(self):
        held = a_held(start="19:00", end="19:30")

        assert codes([held], filed(a_session())) == [{"held_moved"}]

    def test_the_tolerance_is_dated(self):
        decided = Tolerances(((on("2026-03-01"), timedelta(minutes=15)),))
        held = a_held(start="18:15", end="18:45")

        assert codes([held], filed(a_session()), tolerances=decided) == [set()]
        assert codes([held], filed(a_session())) == [{"held_moved"}]

    def test_held_although_judged_unlawful(self):
        held = a_held(day=SATURDAY)

        assert codes([held], filed(a_session(SATURDAY))) == [{"held_unlawful"}]

    def test_dropped_before_it_began_is_cancelled(self):
        classes = filed(a_session(), dropped_at=moment(TUESDAY, "18:00"))

        assert codes([a_held()], classes) == [{"held_cancelled"}]

    def test_dropped_afterwards_had_been_filed(self):
        classes = filed(a_session(), dropped_at=moment(TUESDAY, "18:00:01"))

        assert codes([a_held()], classes) == [set()]


class TestPlaces:
    @pytest.mark.parametrize(
        ("told", "found"),
        [
            ({}, None),
            ({"site": "s1"}, None),
            ({"site": "s2"}, "site_unknown"),
            ({"site": "s2", "day": "2026-03-02"}, None),
            ({"site": "s9"}, "site_unknown"),
            ({"site": "s9", "mode": "online"}, None),
            ({"address": "浙江省海宁市硖石街道文苑路８号 2楼203室"}, None),
            ({"address": "文苑路8号"}, None),
            ({"address": "碧云花园3幢"}, "address_unknown"),
        ],
    )
    def test_where(self, told, found):
        assert doubt(**told) == found

    @pytest.mark.parametrize(
        ("premises", "found"),
        [
            (Premises(), "no_licence"),
            (
                Premises(licensed_from=on("2018-01-01"), licensed_until=on("2026-03-02")),
                "licence_expired",
            ),
            (
                Premises(licensed_from=on("2018-01-01"), licensed_until=on(TUESDAY)),
                None,
            ),
            (
                Premises(
                    licensed_from=on("2018-01-01"),
                    licensed_until=on("2027-01-01"),
                    revoked_on=on(TUESDAY),
                ),
                "revoked",
            ),
        ],
    )
    def test_licence(self, premises, found):
        assert doubt(premises=premises) == found
