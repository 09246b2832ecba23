"""Government guide prices, to the fen."""

from datetime import date
from decimal import Decimal

import pytest

from services.fund_monitor.domain.fees.fee_rules import FeeBook, GuidePrice, band_of
from services.fund_monitor.domain.rules.guide_price import has_guide_price, price_within_guide
from tests.fund_monitor.domain.rules.fee_builders import a_contract


def a_guide(mode: str = "offline", **more: object) -> GuidePrice:
    fields: dict[str, object] = {
        "mode": mode,
        "effective_from": date(2026, 1, 1),
        "doc_no": "示例〔2026〕1号",
        "under_10_fen": 6_000,
        "from_10_to_35_fen": 4_500,
        "over_35_fen": 3_000,
        **more,
    }
    return GuidePrice(**fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("size", "band"),
    [(9, "under_10"), (10, "from_10_to_35"), (35, "from_10_to_35"), (36, "over_35")],
)
def test_a_class_belongs_to_one_band(size: int, band: str):
    assert band_of(size) == band


@pytest.mark.parametrize(
    ("kind", "stage", "expected"),
    [
        ("subject", "compulsory", True),
        ("subject", "senior_secondary", False),
        ("non_subject", "compulsory", False),
    ],
)
def test_only_subjects_of_the_compulsory_stage_have_one(*, kind: str, stage: str, expected: bool):
    assert has_guide_price(a_contract(course_kind=kind, stage=stage)) == expected


class TestPriceWithinGuide:
    @pytest.mark.parametrize(
        ("price_fen", "level"),
        [
            pytest.param(180_000, None, id="exactly the base"),
            pytest.param(180_001, "yellow", id="one fen above the base"),
            pytest.param(198_000, "yellow", id="exactly 110 %"),
            pytest.param(198_001, "red", id="one fen above 110 %"),
        ],
    )
    def test_forty_lessons_of_45_minutes(self, price_fen: int, level: str | None):
        breach = price_within_guide(a_contract(price_fen=price_fen), a_guide())

        assert (breach and breach.level) == level

    @pytest.mark.parametrize(
        ("price_fen", "lawful"), [(4_000, True), (4_001, False)], ids=["base", "above"]
    )
    def test_other_lengths_cost_pro_rata(self, *, price_fen: int, lawful: bool):
        contract = a_contract(lessons=Decimal(1), lesson_minutes=40, price_fen=price_fen)

        assert (price_within_guide(contract, a_guide()) is None) == lawful

    @pytest.mark.parametrize(("price_fen", "lawful"), [(4_433, True), (4_434, False)])
    def test_a_fraction_of_a_fen_is_not_rounded_up(self, *, price_fen: int, lawful: bool):
        # 4,500 x 2 x 133 / 270 is 4,433.33 fen.
        contract = a_contract(
            mode="online", lessons=Decimal(2), lesson_minutes=133, price_fen=price_fen
        )
        guide = a_guide("online", from_10_to_35_fen=500)

        assert (price_within_guide(contract, guide) is None) == lawful

    def test_without_lessons_nothing_can_be_compared(self):
        assert price_within_guide(a_contract(lessons=None), a_guide()) is None


class TestDatedData:
    def test_of_two_notices_the_one_that_began_last_is_in_force(self):
        old = a_guide(doc_no="旧")
        new = a_guide(doc_no="新", effective_from=date(2026, 7, 1))
        book = FeeBook(prices=(new, old))

        found = [book.price("offline", day) for day in (date(2026, 6, 30), date(2026, 7, 1))]

        assert found == [old, new]

    def test_a_notice_ends_before_its_last_day_and_another_mode_has_none(self):
        book = FeeBook(prices=(a_guide(effective_until=date(2026, 7, 1)),))

        assert book.price("offline", date(2026, 6, 30)) is not None
        assert book.price("offline", date(2026, 7, 1)) is None
        assert book.price("online", date(2026, 6, 30)) is None
        assert book.price("offline", date(2025, 12, 31)) is None
