from datetime import date, datetime, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from shared.spreadsheets.calendar_kinds import clock_time, day, weekday
from shared.spreadsheets.kinds import choice, decimal, text, whole, yuan
from shared.spreadsheets.raw import CellUnreadable

PRICE = yuan(least_fen=1, most_fen=10**12)


class TestDays:
    @pytest.mark.parametrize(
        "cell",
        [
            "2026-09-01",
            "2026-9-1",
            "2026/9/1",
            "2026.9.1",
            "2026年9月1日",
            "２０２６年９月１日",
            "20260901",
            "2026-09-01 00:00:00",
            "2026-09-01T00:00:00",
            date(2026, 9, 1),
            datetime(2026, 9, 1),  # noqa: DTZ001 - a sheet has no zones
            46266,
            46266.0,
            "46266",
        ],
    )
    def test_are_read_in_every_common_form(self, cell):
        assert day().parse(cell) == date(2026, 9, 1)

    @pytest.mark.parametrize(
        "cell",
        [
            "2026-02-30",
            "26-09-01",
            "9月1日",
            "2026-09-01 08:00",
            "2026-09",
            datetime(2026, 9, 1, 8),  # noqa: DTZ001 - as above
            time(8),
            True,
            46266.5,
            "1999-12-31",
            "九月一日",
        ],
    )
    def test_are_refused_with_a_reason(self, cell):
        with pytest.raises(CellUnreadable, match=r"日期|没有这一天"):
            day().parse(cell)

    @given(some.dates(date(2000, 1, 1), date(2099, 12, 31)))
    def test_come_back_from_the_number_an_office_program_keeps(self, one):
        assert day().parse((one - date(1899, 12, 30)).days) == one


class TestTimes:
    @pytest.mark.parametrize(
        "cell",
        ["18:30", "18:30:00", "18：30", "18时30分", "18点30分", time(18, 30), 0.7708333333333334],
    )
    def test_are_read_in_every_common_form(self, cell):
        assert clock_time().parse(cell) == time(18, 30)

    @pytest.mark.parametrize(
        "cell",
        [
            "24:00",
            "24:00:00",
            "25:10",
            timedelta(days=1),
            1,
            1.0,
            datetime(1900, 1, 1),  # noqa: DTZ001 - as above
        ],
    )
    def test_the_end_of_the_day_is_refused_with_what_to_write(self, cell):
        with pytest.raises(CellUnreadable, match="23:59"):
            clock_time().parse(cell)

    @pytest.mark.parametrize("cell", ["18:60", "6:30pm", "下午6:30", "1830", -0.5, 7, True, "半"])
    def test_are_refused_with_a_reason(self, cell):
        with pytest.raises(CellUnreadable, match="18:30"):
            clock_time().parse(cell)

    @given(some.integers(0, 86_399))
    def test_are_exact_to_the_second_whatever_the_fraction_of_a_day(self, second):
        found = clock_time().parse(second / 86_400)

        assert found.hour * 3600 + found.minute * 60 + found.second == second


class TestWeekdays:
    @pytest.mark.parametrize(
        ("at", "names"),
        [
            (1, ("星期一", "周一", "一", "1", 1, "礼拜一", " 周 一 ")),
            (6, ("星期六", "周六", "六", "6", 6)),
            (7, ("星期日", "周日", "日", "礼拜天", "星期天", "天", "7", 7)),
        ],
    )
    def test_are_read_by_every_name(self, at, names):
        assert [weekday().parse(name) for name in names] == [at] * len(names)

    @pytest.mark.parametrize("cell", ["0", 8, "周八", "月曜日", "Monday", "周一周二", 1.5, True])
    def test_are_refused_with_a_reason(self, cell):
        with pytest.raises(CellUnreadable, match="星期一至星期日"):
            weekday().parse(cell)


class TestMoney:
    @pytest.mark.parametrize(
        ("cell", "fen"),
        [
            ("1200", 120_000),
            ("1200.5", 120_050),
            ("1,200.50", 120_050),
            ("￥1,200.50", 120_050),
            ("1200.50元", 120_050),
            ("１２００", 120_000),
            (1200, 120_000),
            (0.1 + 0.2, 30),
            (1200.505 - 0.005, 120_050),
        ],
    )
    def test_is_exact_in_fen(self, cell, fen):
        assert PRICE.parse(cell) == fen

    @pytest.mark.parametrize(
        "cell", ["1.005", 1.005, "0", "-1", "1万", "1,20.00", "1e3", "", "一百", True, "9" * 33]
    )
    def test_is_refused_with_a_reason(self, cell):
        with pytest.raises(CellUnreadable):
            PRICE.parse(cell)

    @given(some.integers(1, 10**12))
    def test_comes_back_from_a_text_and_from_a_number(self, fen):
        assert PRICE.parse(f"{fen // 100}.{fen % 100:02}") == fen
        assert PRICE.parse(fen / 100) == fen


class TestNumbersAndNames:
    def test_whole_numbers_are_whole_and_within_bounds(self):
        kind = whole(least=1, most=200)

        assert [kind.parse(cell) for cell in ("12", 12, 12.0, "１２")] == [12] * 4
        for cell in ("12.5", 0, 201, "十二", True, date(2026, 1, 1)):
            with pytest.raises(CellUnreadable):
                kind.parse(cell)

    def test_decimals_are_exact(self):
        kind = decimal(least="0", most="100", places=2)

        assert kind.parse(0.1) == Decimal("0.1")
        with pytest.raises(CellUnreadable, match="2 位"):
            kind.parse("0.125")

    def test_a_choice_is_made_by_name(self):
        kind = choice({"线下": "offline", "面授": "offline", "线上": "online"}, offered=("线下",))

        assert [kind.parse(" 线 下 "), kind.parse("面授")] == ["offline", "offline"]
        with pytest.raises(CellUnreadable, match="线下"):
            kind.parse("直播")

    def test_a_long_number_that_was_changed_already_is_refused(self):
        kind = text(most=18)

        assert kind.parse("330481201001011234") == "330481201001011234"
        with pytest.raises(CellUnreadable, match="文本"):
            kind.parse(330481201001011200)
        with pytest.raises(CellUnreadable, match="文本"):
            kind.parse(3.304812010010112e17)
        assert kind.parse(330481001) == "330481001"
