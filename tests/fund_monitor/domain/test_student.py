"""References of students: one for each person, and nothing to read in them."""

import re

import pytest

from services.fund_monitor.domain.contracts.student import Identification, StudentKey, fault_of

KEY = StudentKey("k1", b"tests")
CARD = Identification("id_card", "33048120150101103X", "王小禾")


class TestReference:
    def test_has_the_form_that_banks_carry(self):
        assert re.fullmatch(r"stu_[a-z2-7]{26}", KEY.reference(CARD))

    @pytest.mark.parametrize(
        "same",
        [
            pytest.param(Identification("id_card", "33048120150101103x", "王小禾"), id="small x"),
            pytest.param(Identification("id_card", "330481 20150101 103X", "王小禾"), id="spaces"),
            pytest.param(Identification("id_card", "33048120150101103X", "王晓禾"), id="misspelt"),
            pytest.param(Identification("student_no", "G33048120150101103X", "王"), id="学籍号"),
        ],
    )
    def test_is_the_same_for_the_same_person(self, same):
        assert KEY.reference(same) == KEY.reference(CARD)

    @pytest.mark.parametrize(
        "other",
        [
            pytest.param(Identification("id_card", "330481201501011240", "王小禾"), id="number"),
            pytest.param(Identification("other", "33048120150101103X", "王小禾"), id="kind"),
        ],
    )
    def test_is_another_for_another_person(self, other):
        assert KEY.reference(other) != KEY.reference(CARD)

    def test_is_another_under_another_key(self):
        assert StudentKey("k2", b"other").reference(CARD) != KEY.reference(CARD)

    def test_tells_persons_of_two_issuers_apart_by_name(self):
        first, second = (Identification("other", "P-1", name) for name in ("甲", "乙"))

        assert KEY.reference(first) != KEY.reference(second)


class TestIdentification:
    def test_shows_nobody_in_a_traceback(self):
        assert "王" not in repr(CARD)
        assert "3304" not in repr(CARD)


class TestFaultOf:
    @pytest.mark.parametrize(
        ("kind", "number"),
        [
            ("id_card", "330481201501011240"),
            ("id_card", "330481 20150101 103x"),
            ("student_no", "L330481201501011234"),
            ("other", "H12345678"),
            ("other", "330481201501011241"),
        ],
    )
    def test_is_none_for_what_may_be(self, kind, number):
        assert fault_of(kind, number) is None

    @pytest.mark.parametrize(
        "number",
        [
            pytest.param("330481201501011241", id="a digit is wrong"),
            pytest.param("33048120150230001X", id="no such day"),
            pytest.param("33048120150101124", id="too short"),
            pytest.param("H12345678", id="another paper"),
        ],
    )
    def test_names_what_no_identity_card_has(self, number):
        assert "校验码" in fault_of("id_card", number)

    def test_lets_no_identity_card_pass_for_another_paper(self):
        assert "身份证" in fault_of("other", "330481201501011240")
