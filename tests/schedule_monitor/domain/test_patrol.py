"""Which places are proposed, why, and in which order: pure, from what is known."""

import random
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

import pytest

from services.schedule_monitor.domain.held.whereabouts import HeldThere
from services.schedule_monitor.domain.patrols.patrol import (
    MOST_REASONS,
    MOST_SITES,
    Case,
    place_visited,
    propose,
)
from services.schedule_monitor.domain.patrols.patrol_day import judge_day
from services.schedule_monitor.domain.patrols.patrol_places import Ground
from services.schedule_monitor.domain.patrols.patrol_weights import weights_on
from services.schedule_monitor.domain.patrols.visit import Visit
from services.schedule_monitor.domain.practices.reported import reported_in
from services.schedule_monitor.domain.premises import Site
from services.schedule_monitor.domain.session import Setting
from services.schedule_monitor.domain.timetables.surroundings import (
    NOTHING_FILED,
    FiledCourse,
    FiledRoom,
    Surroundings,
)
from tests.schedule_monitor.builders import (
    a_registered,
    a_report,
    a_session,
    an_opinion,
    calendars,
    on,
)

DAY = on("2026-03-03")
S1 = Site(site_id="s1", address="海宁市硖石街道文苑路8号", town="xiashi")
S2 = Site(site_id="s2", address="海宁市海洲街道水月亭路1号", town="haizhou")
LATE = {"start": "19:40", "end": "20:31"}


def a_ground(*sites, **more):
    return Ground(registered=a_registered(**more), sites=sites or (S1,))


def a_case(*sessions, beside=NOTHING_FILED, **more):
    [classes] = judge_day([(sessions, beside)], calendars())
    return Case(**{"ground": a_ground(), "classes": classes, **more})


def held(days_before=10, *rules, **more):
    defaults = {
        "on": DAY - timedelta(days=days_before),
        "mode": "offline",
        "site": "s1",
        "address": None,
        "sessions": 1,
        "earliest": time(18),
        "latest": time(19),
        "rules": rules,
    }
    return HeldThere(**(defaults | more))


def a_visit(days_before=5, **more):
    defaults = {
        "visit_id": "v1",
        "version": 1,
        "institution_id": a_registered().institution_id,
        "visited_by": "xiashi",
        "visited_at": datetime(2026, 3, 3, 4, tzinfo=UTC) - timedelta(days=days_before),
        "outcome": "open",
        "site": "s1",
    }
    return Visit(**(defaults | more))


def proposed(*cases, town="xiashi", day=DAY):
    return propose(day, town, cases, weights_on(day))


def kinds(*cases, **more):
    return [
        [(reason.kind, reason.rule) for reason in place.reasons]
        for place in proposed(*cases, **more).places
    ]


UNFILED = ("schedule.held_unfiled", "yellow")
OVERRAN = ("schedule.held_overran", "yellow")


class TestFiledForTheDay:
    def test_nothing_to_see_is_not_proposed(self):
        assert proposed(a_case(a_session())).places == ()

    def test_what_is_unlawful_on_paper_weighs_by_its_gravity(self):
        late = proposed(a_case(a_session(**LATE))).places[0]
        [small] = proposed(a_case(a_session(stage="preschool"))).places

        assert (late.score, small.score) == (25, 40)
        assert late.reasons[0].rule == "schedule.offline_end"
        assert "20:31" in late.reasons[0].message
        assert late.reasons[0].article.clause.startswith("任务21")

    @pytest.mark.parametrize(
        ("session", "near"),
        [
            (a_session(end="20:20:00"), False),
            (a_session(end="20:20:01"), True),
            (a_session(end="20:30:00"), True),
            (a_session(start="20:20", end="20:50:00", mode="online"), False),
            (a_session(start="20:31", end="20:50:01", mode="online"), True),
            (a_session(start="20:31", end="21:00:00", mode="online"), True),
        ],
    )
    def test_near_the_end_is_from_ten_minutes_on(self, session, near):
        found = kinds(a_case(session))

        assert found == ([[("near_limit", None)]] if near else [])

    @pytest.mark.parametrize(("start", "near"), [("18:40", True), ("18:43", False)])
    def test_near_the_gap(self, start, near):
        first = a_session(start="18:00", end="18:30", mode="online")
        second = a_session(start=start, end="19:00", mode="online")

        assert bool(proposed(a_case(first, second)).places) is near

    @pytest.mark.parametrize(
        ("students", "near"), [(27, False), (28, True), (30, True), (31, False)]
    )
    def test_near_the_capacity_of_the_room(self, students, near):
        room = FiledRoom(site="s1", room="301", area_m2=Decimal(90))
        beside = Surroundings(rooms={("s1", "301"): room})
        session = a_session(setting=Setting(site="s1", room="301", students=students))

        found = [kind for place in kinds(a_case(session, beside=beside)) for kind, _ in place]

        assert ("near_limit" in found) is near
        assert ("filed_unlawful" in found) is (students > 30)

    def test_a_clue_counts_as_one(self):
        course = FiledCourse(
            code="A", name="小学数学", kind="culture_arts", stage="compulsory", mode="offline"
        )
        session = a_session(kind="culture_arts", setting=Setting(course="A"))
        beside = Surroundings(courses={"A": course})

        assert kinds(a_case(session, beside=beside)) == [[("clue", "schedule.subject_content")]]

    def test_the_hours_are_those_around_a_late_end(self):
        [place] = proposed(a_case(a_session(**LATE))).places

        assert (place.hours.opens, place.hours.closes) == (time(20, 1), time(20, 46))


class TestToldBefore:
    def test_what_was_held_otherwise_than_filed_counts_for_sixty_days(self):
        lawful = a_session()

        assert kinds(a_case(lawful, held=[held(60, UNFILED)])) == [[("held_before", UNFILED[0])]]
        assert kinds(a_case(lawful, held=[held(61, UNFILED)])) == []

    def test_counts_where_somebody_is_likely_to_be_met(self):
        assert kinds(a_case(held=[held(6, UNFILED)])) == []
        [place] = proposed(a_case(held=[held(7, UNFILED), held(6, UNFILED)])).places
        assert (place.hours.opens, place.hours.closes) == (time(18), time(19))
        [filed] = proposed(a_case(a_session(), held=[held(6, UNFILED)])).places
        assert filed.hours is None

    def test_the_day_itself_and_later_ones_do_not_count(self):
        assert kinds(a_case(held=[held(0, UNFILED), held(-1, UNFILED)])) == []

    def test_in_two_months_it_is_a_repeat(self):
        found = kinds(a_case(a_session(), held=[held(10, UNFILED), held(50, UNFILED)]))

        assert found == [[("held_before", UNFILED[0]), ("repeat", UNFILED[0])]]
        same_month = [held(1, OVERRAN), held(2, OVERRAN)]
        assert kinds(a_case(a_session(), held=same_month)) == [[("held_before", OVERRAN[0])]]

    def test_a_place_that_the_register_does_not_know_is_a_place_of_its_own(self):
        there = held(7, site=None, address="海宁市硖石街道工人路9号", doubt="address_unknown")

        [place] = proposed(a_case(held=[there])).places

        assert (place.place.kind, place.place.address) == ("unregistered", there.address)
        assert (place.score, place.reasons[0].rule) == (20, "registry.unapproved_site")

    def test_where_nothing_was_ever_held_though_filed(self):
        filed = {("offline", "s1"): 4}

        lawful = a_session()

        assert kinds(a_case(lawful, filed_lately=filed)) == [[("never_held", None)]]
        assert kinds(a_case(filed_lately=filed)) == []
        assert kinds(a_case(lawful, filed_lately={("offline", "s1"): 3})) == []
        assert kinds(a_case(lawful, filed_lately=filed, held=[held(170)])) == []


class TestVisits:
    def test_a_visit_that_found_nothing_lets_others_come_first_for_two_weeks(self):
        case = a_case(a_session(**LATE))

        assert proposed(replace(case, visits=[a_visit(14)])).places[0].score == 5
        assert proposed(replace(case, visits=[a_visit(15)])).places[0].score == 25

    def test_what_was_confirmed_counts_for_two_years_and_is_no_rest(self):
        visit = a_visit(5, confirmed=("schedule.offline_end",))

        assert kinds(a_case(visits=[visit])) == [[("confirmed", "schedule.offline_end")]]
        long_ago = replace(visit, visited_at=visit.visited_at - timedelta(days=725))
        assert kinds(a_case(visits=[long_ago])) == [[("confirmed", "schedule.offline_end")]]
        longer = replace(visit, visited_at=visit.visited_at - timedelta(days=726))
        assert kinds(a_case(visits=[longer])) == []

    def test_what_was_confirmed_and_told_of_in_another_month_is_a_repeat(self):
        visit = a_visit(5, confirmed=("schedule.held_unfiled",))

        case = a_case(a_session(), held=[held(45, UNFILED)], visits=[visit])

        [place] = proposed(case).places

        assert [one.kind for one in place.reasons] == ["confirmed", "held_before", "repeat"]
        assert place.score == 30 + 15 + 15

    def test_what_a_visit_did_not_find_clears_what_was_told_before(self):
        visit = a_visit(20, unfounded=("schedule.held_unfiled",))

        case = a_case(a_session(), visits=[visit])

        assert kinds(replace(case, held=[held(21, UNFILED)])) == []
        assert kinds(replace(case, held=[held(19, UNFILED)])) != []

    def test_a_closed_door_is_looked_at_again_and_a_refusal_soon(self):
        assert kinds(a_case(visits=[a_visit(30, outcome="closed")])) == [[("found_closed", None)]]
        assert kinds(a_case(visits=[a_visit(31, outcome="closed")])) == []
        refused = a_visit(180, outcome="refused_entry")
        assert kinds(a_case(visits=[refused])) == [[("refused_entry", None)]]

    def test_a_visit_of_the_day_or_withdrawn_counts_nothing(self):
        late = a_case(a_session(**LATE))
        gone = a_visit(5, withdrawn=True)

        assert proposed(replace(late, visits=[a_visit(0), gone])).places[0].score == 25

    def test_goes_to_the_only_site_where_none_was_told(self):
        visit = a_visit(site=None)

        assert place_visited(visit, a_ground()).site_id == "s1"
        assert place_visited(visit, a_ground(S1, S2)).kind == "unplaced"


class TestReports:
    HOMEWORK = ("reported", "schedule.homework")

    def reported(self, *reports, day=DAY, **more):
        told = reported_in(reports, a_registered())
        [reasons] = kinds(a_case(a_session(**LATE), reported=told, **more), day=day)
        return reasons

    def test_a_tip_is_looked_into_and_weighs_as_a_clue(self):
        told = reported_in([a_report(source="tip", first="2026-03-01")], a_registered())

        [place] = proposed(a_case(a_session(), reported=told)).places

        [reason] = place.reasons
        assert (reason.kind, reason.points) == ("reported", 15)
        assert reason.message == "近180天有反映：留作业（线索1件），最近2026-03-01"
        assert reason.article.clause.startswith("任务21")

    def test_what_experts_uphold_weighs_more(self):
        ahead = replace(a_report("ahead_of_standard"), opinions=(an_opinion(1, "supports"),))
        told = reported_in([ahead], a_registered())

        [place] = proposed(a_case(a_session(), reported=told)).places

        assert [(one.rule, one.points) for one in place.reasons] == [
            ("schedule.ahead_of_standard", 25)
        ]

    def test_what_fell_or_is_long_ago_or_of_the_day_itself_is_none(self):
        fell = replace(a_report("ahead_of_standard"), opinions=(an_opinion(1, "does_not_support"),))

        assert self.HOMEWORK in self.reported(a_report(first="2025-09-04"))
        for report in (fell, a_report(first="2025-09-03"), a_report(first="2026-03-03")):
            assert [kind for kind, _ in self.reported(report)] == ["filed_unlawful"]

    def test_a_later_visit_that_did_not_find_it_clears_it(self):
        looked = a_visit(5, unfounded=("schedule.homework",))

        assert self.HOMEWORK not in self.reported(a_report(first="2026-02-26"), visits=[looked])
        assert self.HOMEWORK in self.reported(a_report(first="2026-02-27"), visits=[looked])

    def test_what_a_visit_reported_is_left_to_the_visit(self):
        seen = a_visit(5, confirmed=("schedule.homework",))
        report = a_report(source_reference="v1")

        assert ("confirmed", "schedule.homework") in self.reported(report, visits=[seen])
        assert self.HOMEWORK not in self.reported(report, visits=[seen])

    def test_what_is_taught_online_is_no_reason_to_go_to_a_site(self):
        online = a_report(mode="online")
        told = reported_in([online], a_registered())

        assert proposed(a_case(a_session(), reported=told)).places == ()
        [place] = proposed(a_case(a_session(mode="online"), reported=told)).places
        assert place.place.kind == "online"

    def test_nobody_is_sent_where_nobody_is_likely_to_be_met(self):
        told = reported_in([a_report()], a_registered())

        assert proposed(a_case(reported=told, held=[held(8)])).places == ()


def test_a_confirmed_rule_is_named_in_words_whoever_keeps_it():
    seen = a_visit(5, confirmed=("registry.unapproved_site", "schedule.homework"))

    [place] = proposed(a_case(visits=[seen])).places

    assert [one.message.partition("：")[2] for one in place.reasons] == [
        "在未经许可的地点或无有效许可上课",
        "留作业",
    ]


class TestPlacesAndOrder:
    def test_a_site_is_on_the_ground_of_its_own_town(self):
        ground = a_ground(S1, S2)
        there = a_session(setting=Setting(site="s2"), **LATE)

        [place] = proposed(a_case(there, ground=ground), town="haizhou").places

        assert place.place.site_id == "s2"
        assert proposed(a_case(there, ground=ground)).places == ()

    def test_online_classes_are_a_place_of_their_own(self):
        online = a_session(mode="online", start="20:50", end="21:01")

        [place] = proposed(a_case(online, a_session(**LATE))).places[1:]

        assert place.place.kind == "online"

    def test_a_site_that_closed_is_known_for_what_was_held_before(self):
        closed = replace(S1, closed_on=DAY - timedelta(days=3))
        case = a_case(a_session(**LATE), ground=a_ground(closed), held=[held(7, UNFILED)])

        found = {one.place.kind for one in proposed(case).places}

        assert found == {"site", "unplaced"}

    def test_the_score_is_the_sum_of_at_most_ten_reasons_the_rest_among_them(self):
        rules = [(f"schedule.rule_{n:02}", "yellow") for n in range(14)]

        case = a_case(a_session(), held=[held(5, *rules)], visits=[a_visit(3)])

        [place] = proposed(case).places

        assert len(place.reasons) == MOST_REASONS
        assert place.reasons[-1].kind == "visited_lately"
        assert place.score == sum(one.points for one in place.reasons) == 9 * 15 - 20

    def test_is_the_same_in_whatever_order_it_is_known(self):
        cases = [
            a_case(
                a_session(**LATE),
                a_session(start="18:00", end="20:30", class_group="乙班"),
                ground=a_ground(institution_id=f"i{n:02}"),
                held=[held(days, UNFILED, OVERRAN) for days in (3, 9, 40, 100)],
                visits=[a_visit(50, institution_id=f"i{n:02}")],
            )
            for n in range(8)
        ]
        once = proposed(*cases)
        generator = random.Random(7)  # noqa: S311 - nothing secret
        for _ in range(10):
            mixed = [
                replace(
                    one,
                    classes=generator.sample(one.classes, len(one.classes)),
                    held=generator.sample(one.held, len(one.held)),
                )
                for one in generator.sample(cases, len(cases))
            ]

            assert proposed(*mixed) == once

    def test_of_equal_scores_first_comes_where_nobody_has_been_for_longest(self):
        cases = [
            a_case(
                a_session(**LATE),
                ground=a_ground(institution_id=name),
                visits=[] if days is None else [a_visit(days, institution_id=name)],
            )
            for name, days in (("a", 20), ("b", 40), ("c", None))
        ]

        found = proposed(*cases).places

        assert [one.institution_id for one in found] == ["c", "b", "a"]
        assert found[1].last_visited_on == on("2026-01-22")

    def test_no_more_than_can_be_walked_and_says_how_many_are_left_out(self):
        cases = [
            a_case(a_session(**LATE), ground=a_ground(institution_id=f"i{n:03}"))
            for n in range(MOST_SITES + 2)
        ]

        found = proposed(*cases)

        assert (len(found.places), found.left_out) == (MOST_SITES, 2)
        assert [one.institution_id for one in found.places[:2]] == ["i000", "i001"]


def test_a_town_judged_together_is_judged_as_each_for_itself():
    generator = random.Random(3)  # noqa: S311 - nothing secret
    planned = []
    for _ in range(30):
        starts = [generator.randrange(17 * 60, 21 * 60, 5) for _ in range(generator.randrange(6))]
        sessions = [
            a_session(
                start=f"{start // 60:02}:{start % 60:02}",
                end=f"{(start + 30) // 60:02}:{(start + 30) % 60:02}",
                mode=generator.choice(["online", "offline"]),
                class_group=generator.choice("甲乙"),
                setting=Setting(teacher="T1", site="s1", room="1"),
            )
            for start in starts
        ]
        planned.append((sessions, NOTHING_FILED))

    together = judge_day(planned, calendars())

    assert together == [judge_day([one], calendars())[0] for one in planned]
    assert any(one.near for classes in together for one in classes)
