import re
from datetime import date

import pytest

from shared.duties.departments import (
    ALL_CODES,
    DEPARTMENTS,
    TOWNS,
    body_of,
    is_known,
    name_of,
    names_of,
)
from shared.duties.names import RENAMED


class TestDepartments:
    def test_are_the_twenty_five_of_annex_4_and_the_five_group_members(self):
        kinds = [body.kind for body in DEPARTMENTS]

        assert kinds.count("department") == 25
        assert kinds.count("group_member") == 5

    def test_are_joined_by_twelve_towns_and_streets(self):
        assert len(TOWNS) == 12
        assert {body.kind for body in TOWNS} == {"town"}

    def test_have_each_a_code_and_a_name_of_their_own(self):
        bodies = (*DEPARTMENTS, *TOWNS)

        assert len({body.code for body in bodies}) == len({body.name for body in bodies}) == 42
        assert tuple(body.code for body in bodies) == ALL_CODES

    @pytest.mark.parametrize("code", ALL_CODES)
    def test_have_codes_that_fit_into_a_subject(self, code):
        assert re.fullmatch(r"[a-z]+(_[a-z]+)*", code)


class TestNameOf:
    def test_gives_the_chinese_name(self):
        assert name_of("pboc") == "市人民银行"
        assert name_of("haichang") == "经济开发区（海昌街道）"

    def test_refuses_an_unknown_code(self):
        with pytest.raises(KeyError):
            name_of("competent")

    @pytest.mark.parametrize(
        ("code", "day", "name"),
        [
            pytest.param("cbirc", date(2021, 8, 1), "嘉兴银保监分局海宁监管组", id="in the plan"),
            pytest.param(
                "cbirc", date(2023, 5, 17), "嘉兴银保监分局海宁监管组", id="on the last day"
            ),
            pytest.param(
                "cbirc",
                date(2023, 5, 18),
                "国家金融监督管理总局嘉兴监管分局海宁监管组",
                id="on the first day of the successor",
            ),
            pytest.param("pboc", date(2023, 8, 17), "市人民银行", id="the branch's last day"),
            pytest.param("pboc", date(2023, 8, 18), "中国人民银行嘉兴市分行", id="merged"),
            pytest.param("tax", date(2030, 1, 1), "市税务局", id="never renamed"),
        ],
    )
    def test_gives_the_name_of_a_day(self, code, day, name):
        assert name_of(code, on=day) == name


class TestNamesOf:
    @pytest.mark.parametrize("code", ALL_CODES)
    def test_begin_with_the_plans_name_and_leave_no_day_without_one(self, code):
        first, *later = names_of(code)

        assert first.name == name_of(code)
        assert first.since is None
        ends = [first.until, *(name.until for name in later)]
        assert [name.since for name in later] == ends[:-1]
        assert ends[-1] is None

    @pytest.mark.parametrize("code", RENAMED)
    def test_mark_what_is_only_general_knowledge_and_say_so(self, code):
        _, successor = names_of(code)

        assert successor.origin == "G"
        assert "待核实" in successor.note


class TestBodyOf:
    def test_gives_the_kind(self):
        kinds = [body_of(code).kind for code in ("pboc", "trade_unions", "xucun")]

        assert kinds == ["department", "group_member", "town"]


class TestIsKnown:
    def test_tells_known_from_unknown(self):
        assert is_known("education")
        assert is_known("xucun")
        assert not is_known("bureau_of_magic")
