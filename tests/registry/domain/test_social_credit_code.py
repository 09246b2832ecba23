"""The 统一社会信用代码."""

import pytest

from services.registry.domain.social_credit_code import (
    SocialCreditCodeNotValid,
    check_social_credit_code,
)


class TestCheckSocialCreditCode:
    """GB 32100-2015."""

    @pytest.mark.parametrize(
        "code",
        [
            "11330481MA2B000007",
            "12330481MA2B000004",
            "13330481MA2B000001",
            "19330481MA2B00000E",
            "51330481MA2B000003",
            "52330481MJ000001XJ",
            "53330481MA2B00000W",
            "59330481MA2B00000A",
            "91330481MA2B00000Y",
            "92330481MA2B00000U",
            "93330481MA2B00000Q",
            pytest.param("91110000600037341L", id="of another city"),
        ],
    )
    def test_accepts_every_registration_department(self, code):
        check_social_credit_code(code)

    @pytest.mark.parametrize(
        ("code", "detail"),
        [
            pytest.param("52330481MJ000001X", "18位", id="one character short"),
            pytest.param("52330481MJ000001XJ0", "18位", id="one character more"),
            pytest.param("", "18位", id="empty"),
            pytest.param("52330481MJ000001XJ\n", "18位", id="a line break behind"),
            pytest.param("52330481-MJ000001XJ", "18位", id="a hyphen that stdnum forgives"),
            pytest.param("52330481mj000001xj", "18位", id="small letters that stdnum forgives"),
            pytest.param("52330481MI000001XJ", "18位", id="the letter I"),
            pytest.param("５2330481MJ000001XJ", "18位", id="a full-width digit"),
            pytest.param("52330481MJ000001XK", "校验码", id="the next check character"),
            pytest.param("52330481MJ000010XJ", "校验码", id="two digits swapped"),
            pytest.param("5233048AMJ000001XL", "行政区划", id="a letter in the region"),
            pytest.param("10330481MA2B00000A", "前两位", id="just below 11"),
            pytest.param("14330481MA2B00000X", "前两位", id="just above 13"),
            pytest.param("50330481MA2B000006", "前两位", id="just below 51"),
            pytest.param("54330481MA2B00000R", "前两位", id="just above 53"),
            pytest.param("90330481MA2B000002", "前两位", id="just below 91"),
            pytest.param("94330481MA2B00000M", "前两位", id="just above 93"),
            pytest.param("Y1330481MA2B000009", "前两位", id="a department that registers none"),
        ],
    )
    def test_refuses_what_cannot_be_one(self, code, detail):
        with pytest.raises(SocialCreditCodeNotValid, match=detail):
            check_social_credit_code(code)
