import re

import pytest

from shared.duties.departments import ALL_CODES, DEPARTMENTS, TOWNS, is_known, name_of


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


class TestIsKnown:
    def test_tells_known_from_unknown(self):
        assert is_known("education")
        assert is_known("xucun")
        assert not is_known("bureau_of_magic")
