"""The 统一社会信用代码: its form, who gave it, and its check character (GB 32100-2015)."""

import re
from typing import Final

from stdnum.cn import uscc as gb_32100
from stdnum.exceptions import InvalidChecksum, ValidationError

from shared.errors import Rejected

REGISTRATION_PREFIXES: Final[dict[str, str]] = {
    "11": "机构编制部门登记的机关",
    "12": "机构编制部门登记的事业单位",
    "13": "机构编制部门管理的群众团体",
    "19": "机构编制部门登记的其他机构",
    "51": "民政部门登记的社会团体",
    "52": "民政部门登记的民办非企业单位",
    "53": "民政部门登记的基金会",
    "59": "民政部门登记的其他组织",
    "91": "市场监管部门登记的企业",
    "92": "市场监管部门登记的个体工商户",
    "93": "市场监管部门登记的农民专业合作社",
}
"""GB 32100-2015: registration department and class of body, the first two characters."""

# Exact, because stdnum itself forgives spaces, hyphens and small letters, and then two spellings
# of one code would be two institutions.
_FORM = re.compile(r"[0-9A-HJ-NPQRTUWXY]{18}")


class SocialCreditCodeNotValid(Rejected):
    """The 统一社会信用代码 cannot be right: form, registration department or check character."""

    code = "uscc-not-valid"
    title = "统一社会信用代码无效"


def check_social_credit_code(code: str) -> None:
    """Refuse a code of the wrong form, of no registration department, or mistyped."""
    if _FORM.fullmatch(code) is None:
        raise SocialCreditCodeNotValid(
            "统一社会信用代码须为18位数字或大写字母，不含I、O、S、V、Z，也不含空格。"
        )
    if code[:2] not in REGISTRATION_PREFIXES:
        raise SocialCreditCodeNotValid(
            f"统一社会信用代码前两位“{code[:2]}”不是登记管理部门和机构类别的代码（GB 32100-2015）。"
        )
    try:
        gb_32100.validate(code)
    except InvalidChecksum as error:
        raise SocialCreditCodeNotValid(
            f"统一社会信用代码的校验码“{code[-1]}”不正确，请核对是否录入有误。"
        ) from error
    except ValidationError as error:
        raise SocialCreditCodeNotValid(
            "统一社会信用代码第3至8位须为数字（登记管理机关行政区划码）。"
        ) from error
