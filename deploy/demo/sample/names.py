"""Names of towns, institutions and banks of the sample city."""

TOWNS = (
    ("xucun", "许村"),
    ("changan", "长安"),
    ("zhouwangmiao", "周王庙"),
    ("xieqiao", "斜桥"),
    ("dingqiao", "丁桥"),
    ("yanguan", "盐官"),
    ("yuanhua", "袁花"),
    ("jianshan", "尖山"),
    ("haizhou", "海洲"),
    ("xiashi", "硖石"),
    ("haichang", "海昌"),
    ("maqiao", "马桥"),
)

BRANDS = (
    "启航", "晨曦", "明德", "博雅", "致远", "弘文", "新苗", "育才", "观潮", "潮音",
    "金桥", "星火", "知行", "思源", "春晖", "墨香", "雅韵", "彩虹", "小荷", "青禾",
    "飞扬", "乐动", "蓝海", "追风", "奥体", "卓越", "智造", "星空", "创想", "未来",
)  # fmt: skip

KIND_WORDS = {
    "subject": ("学科培训学校", "文化培训学校", "课外辅导学校"),
    "culture_arts": ("艺术培训", "音乐培训", "美术培训", "舞蹈培训"),
    "sports": ("体育培训", "篮球培训", "游泳培训", "武术培训"),
    "science_tech": ("科技培训", "编程培训", "机器人培训"),
}

LEGAL_FORMS = {"52": "中心", "91": "有限公司", "92": "工作室"}
"""Ending of the name by registration department and category of the 统一社会信用代码."""

BANKS = (
    ("chaocheng", "潮城农村商业银行", ()),
    ("qianjiang", "钱江银行海宁支行", ("booked_on",)),
    ("juanhu", "鹃湖村镇银行", ("booked_on", "entry_no")),
)
