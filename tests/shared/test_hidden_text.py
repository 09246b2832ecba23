"""A text as the patterns read it, and the way back."""

import pytest

from shared.hidden_text import normal


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("保 过", "保过"),
        ("保* ·过", "保过"),
        ("保\u200b过", "保过"),
        ("補習數學", "补习数学"),
        ("提升５－８分", "提升5-8分"),
        ("①对①", "1对1"),
        ("ＳＸ", "sx"),
        ("【保】过", "【保】过"),
        ("a b", "a b"),
        ("第一。第二", "第一。第二"),
        ("甲\n乙", "甲\n乙"),
        ("", ""),
    ],
)
def test_is_read_without_what_hides_it(written, read):
    assert normal(written).text == read


def test_leads_back_to_every_character():
    written = "㍿，保 * 过！"

    read = normal(written)

    assert len(read.places) == len(read.text)
    start = read.text.index("保")
    assert read.found(start, start + 2) == (2, 7)
    assert written[2:7] == "保 * 过"


@pytest.mark.parametrize(("fillers", "joined"), [(1, True), (4, True), (5, False)])
def test_looks_a_few_signs_far(fillers, joined):
    assert (normal("保" + "*" * fillers + "过").text == "保过") is joined
