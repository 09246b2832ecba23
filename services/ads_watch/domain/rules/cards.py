"""The rules of advertising for training, with where each is written."""

from datetime import date
from typing import Final

from shared.rules import Article, RuleCard

_PLAN: Final = "海宁市“双减”实施方案"
_SINCE: Final = date(2021, 7, 24)

CONTENT: Final = RuleCard(
    "ads.content",
    "广告承诺升学、考试、提分或培训效果",
    Article("中华人民共和国广告法", "第二十四条第（一）项", "L", date(2015, 9, 1)),
    "教育、培训广告",
    tells_institution=True,
)
SUBJECT_TRAINING: Final = RuleCard(
    "ads.subject_training",
    "广告推销面向中小学生或学龄前儿童的学科类培训",
    Article("中共中央办公厅 国务院办公厅“双减”意见", "严控校外培训广告", "S", _SINCE),
    "面向3岁以上儿童和中小学生的学科类培训广告",
    tells_institution=True,
)
PLACEMENT_MEDIA: Final = RuleCard(
    "ads.placement_media",
    "培训广告登上主流媒体、新媒体或网络平台",
    Article(_PLAN, "任务25：媒体和网络平台不刊登、不播发校外培训广告", "Seed", _SINCE),
    "各类校外培训广告",
    tells_institution=True,
)
PLACEMENT_OUTDOOR: Final = RuleCard(
    "ads.placement_outdoor",
    "公共场所、居民区设置培训广告",
    Article(_PLAN, "任务25：公共场所、居民区各类广告牌不刊登校外培训广告", "Seed", _SINCE),
    "各类校外培训广告",
    tells_institution=True,
)
PLACEMENT_SCHOOL: Final = RuleCard(
    "ads.placement_school",
    "校园内或教材、校服、校车上有商业广告",
    Article("中华人民共和国广告法", "第三十九条（方案任务26）", "L", date(2015, 9, 1)),
    "中小学校、幼儿园内及教材、教辅、文具、校服、校车上的广告",
    tells_institution=True,
)
RULES: Final = {
    card.code: card
    for card in (
        CONTENT,
        SUBJECT_TRAINING,
        PLACEMENT_MEDIA,
        PLACEMENT_OUTDOOR,
        PLACEMENT_SCHOOL,
    )
}
