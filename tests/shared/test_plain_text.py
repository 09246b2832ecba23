"""Names in the one form by which they are compared."""

import pytest

from shared.plain_text import one_form


@pytest.mark.parametrize(
    ("typed", "form"),
    [
        ("三年级1班", "三年级1班"),
        ("１班", "1班"),
        ("三年级（１）班", "三年级(1)班"),
        ("ＳＸ３Ａ", "SX3A"),
        ("三\u200b班\ufeff", "三班"),
        ("\u3000甲\u3000", " 甲 "),
        ("\u200b", ""),
    ],
)
def test_widths_and_what_nobody_sees_make_no_difference(typed, form):
    assert one_form(typed) == form
