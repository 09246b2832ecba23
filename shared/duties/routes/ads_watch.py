"""Where findings about advertisements go."""

from typing import Final

from shared.duties.parties import Party, Route, by_duty

_OF_ADVERTISING: Final = Party(
    "market_regulation",
    ("task.25", "market_regulation.3"),
    "监管广告宣传，查处夸大培训效果、误导家长的培训广告。",
)

ROUTES: Final[dict[str, Route]] = {
    "ads.content": Route(
        lead=_OF_ADVERTISING,
    ),
    "ads.subject_training": Route(
        lead=_OF_ADVERTISING,
        assist=(
            Party(
                "education",
                ("task.25", "education.2"),
                "学科类培训机构的主管部门，广告背后的培训由其监管。",
            ),
        ),
    ),
    "ads.placement_media": Route(
        lead=Party(
            "publicity",
            ("task.25", "publicity.4"),
            "管住主流媒体、新媒体和网络平台，不让培训广告出现。",
        ),
        assist=(_OF_ADVERTISING,),
    ),
    "ads.placement_outdoor": Route(
        lead=Party(
            "urban_enforcement",
            ("task.25", "urban_enforcement.1"),
            "查处公共场所、居民区违法设置的户外培训广告。",
        ),
        assist=(_OF_ADVERTISING,),
        inform=(by_duty("publicity.4"),),
    ),
    "ads.placement_school": Route(
        lead=Party(
            "education",
            ("task.26", "education.3"),
            "校园、教材、校服、校车上不得有商业广告，查处机构与学校勾连。",
        ),
        assist=(
            Party(
                "market_regulation",
                ("task.26", "market_regulation.3"),
                "监管广告，查处利用校园和学生用品发布的广告。",
            ),
        ),
    ),
}
