"""What task 19 has stopped, against a table written apart from the code."""

from datetime import date, timedelta
from itertools import chain, combinations, product

import pytest

from services.registry.domain.stops import STOPS, NewInstitutionStopped, check_stops, switched
from tests.registry.builders import a_licence, particulars

BEGIN = date(2021, 7, 24)
DAY = timedelta(days=1)
TODAY = date(2026, 6, 30)
COMPULSORY = "registry.stop_subject_compulsory"
SENIOR = "registry.stop_subject_senior_secondary"
PRESCHOOL = "registry.stop_preschool"

KINDS = ("subject", "culture_arts", "sports", "science_tech")
STAGES = ("preschool", "compulsory", "senior_secondary")
EVERY_STAGES = tuple(chain.from_iterable(combinations(STAGES, n) for n in (1, 2, 3)))
EVERY_SORT = tuple(product(KINDS, EVERY_STAGES))

# 方案任务19, read by hand: each kind and stage with what has stopped it.
STOPPED = {
    ("subject", "preschool"): PRESCHOOL,
    ("subject", "compulsory"): COMPULSORY,
    ("subject", "senior_secondary"): SENIOR,
    ("culture_arts", "preschool"): PRESCHOOL,
    ("sports", "preschool"): PRESCHOOL,
    ("science_tech", "preschool"): PRESCHOOL,
}


def refused_by(filed, *, today=TODAY, stops=STOPS):
    """Return the codes of the stops that a refusal names, or nothing where there is none."""
    try:
        check_stops(filed, today=today, stops=stops)
    except NewInstitutionStopped as refusal:
        return {stop.code for stop in STOPS if stop.code in str(refusal)}
    return set()


class TestCheckStops:
    @pytest.mark.parametrize(("kind", "stages"), EVERY_SORT)
    def test_refuses_what_is_new_by_every_stop_that_applies(self, kind, stages):
        expected = {STOPPED[kind, stage] for stage in stages if (kind, stage) in STOPPED}

        for licence in (None, a_licence(issued_on=BEGIN), a_licence(issued_on=TODAY)):
            assert refused_by(particulars(kind=kind, stages=stages, licence=licence)) == expected

    @pytest.mark.parametrize(("kind", "stages"), EVERY_SORT)
    def test_lets_in_whatever_was_licensed_before(self, kind, stages):
        licence = a_licence(issued_on=BEGIN - DAY)

        assert refused_by(particulars(kind=kind, stages=stages, licence=licence)) == set()

    @pytest.mark.parametrize(
        ("today", "refused"), [(BEGIN - DAY, False), (BEGIN, True), (BEGIN + DAY, True)]
    )
    @pytest.mark.parametrize(
        ("kind", "stage", "code"), [(kind, stage, code) for (kind, stage), code in STOPPED.items()]
    )
    def test_judges_an_application_by_its_day(self, today, refused, kind, stage, code):
        filed = particulars(kind=kind, stages=[stage], licence=None)

        assert refused_by(filed, today=today) == ({code} if refused else set())

    @pytest.mark.parametrize(
        ("first", "refused"), [(BEGIN - DAY, False), (BEGIN, True), (BEGIN + DAY, True)]
    )
    def test_judges_an_exchanged_licence_by_the_first(self, first, refused):
        licence = a_licence(issued_on=date(2021, 12, 20), first_issued_on=first)

        assert refused_by(particulars(licence=licence)) == ({COMPULSORY} if refused else set())

    def test_points_at_every_field_concerned(self):
        filed = particulars(stages=["compulsory", "preschool"], licence=None)

        with pytest.raises(NewInstitutionStopped) as refused:
            check_stops(filed, today=TODAY, stops=STOPS)

        fields = refused.value.fields
        pointers = [pointer for pointer, _ in fields]
        assert pointers == ["/stages/0", "/stages/1", "/kind", "/licence"]
        assert all("任务19" in said for _, said in fields[:3])
        assert "2021-07-24之前" in fields[3][1]
        assert "issued_on" in str(refused.value)

    @pytest.mark.parametrize(
        ("licence", "pointer"),
        [
            (a_licence(issued_on=BEGIN), "/licence/issued_on"),
            (a_licence(issued_on=TODAY, first_issued_on=BEGIN), "/licence/first_issued_on"),
        ],
    )
    def test_points_at_the_day_that_came_too_late(self, licence, pointer):
        with pytest.raises(NewInstitutionStopped) as refused:
            check_stops(particulars(licence=licence), today=TODAY, stops=STOPS)

        assert refused.value.fields[-1][0] == pointer


class TestSwitched:
    @pytest.mark.parametrize("code", [COMPULSORY, SENIOR, PRESCHOOL])
    def test_moves_one_stop_and_no_other(self, code):
        [(kind, stage), *_] = [where for where, stopped in STOPPED.items() if stopped == code]
        start, end = date(2022, 1, 1), date(2027, 1, 1)
        stops = switched({code: (start, end)})

        filed = particulars(kind=kind, stages=[stage], licence=None)
        days = (start - DAY, start, end - DAY, end)
        assert [refused_by(filed, today=day, stops=stops) == {code} for day in days] == [
            False,
            True,
            True,
            False,
        ]
        assert [stop for stop in stops if stop.code != code] == [
            stop for stop in STOPS if stop.code != code
        ]

    def test_changes_nothing_where_the_city_has_set_nothing(self):
        assert switched({}) == STOPS


def test_every_stop_has_a_code_and_an_article_of_its_own():
    assert len({stop.code for stop in STOPS}) == len(STOPS) == 3
    assert len({stop.article.reference for stop in STOPS}) == 3
    assert {stop.article.origin for stop in STOPS} == {"Seed"}
