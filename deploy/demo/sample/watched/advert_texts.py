"""Invented advertisements of the sample city; ``{name}`` is whoever advertises."""

from typing import Final

ARTS: Final = (
    "{name}少儿舞蹈春季开课，周六上午练功，欢迎到馆参观。",
    "{name}篮球场地每周三晚开放，自带水杯和运动鞋。",
    "{name}陶艺工坊，亲手做一只杯子，作品烧制后两周领取。",
    "{name}围棋室周日对弈，按段位分桌，每桌两人。",
    "{name}机器人搭建体验日，材料由机构准备，家长可旁观。",
    "{name}国画展厅本月换展，展出学员作品四十幅。",
)
GUARANTEES: Final = (
    "{name}钢琴考级签约保过，不过全额退款。",
    "{name}书法考级必过，报名即送毛笔一支。",
    "{name}舞蹈考级通过率100%，现场可看往届证书。",
    "{name}编程等级考试包过，先学后付。",
)
SUBJECTS: Final = (
    "{name}初中数学小班，周末开课，扫码咨询。",
    "{name}小学英语一对一辅导，老师上门。",
    "幼小衔接班招生，拼音识字都教，每天上午两节，电话咨询。{name}",
    "{name}高中物理暑期补习，电话预约试听。",
)
BOTH: Final = (
    "{name}中考数学冲刺班，签约保过，座位有限。",
    "{name}语文作文辅导，包过期末考试，先到先得。",
    "{name}高考英语集训营，不过退费，住宿另计。",
)
PUBLIC: Final = (
    ("government", "教育部门提示：学科类培训不得占用休息日，请勿轻信保过承诺。"),
    ("school", "学校告知各位家长：请不要送孩子参加校外数学补习班。"),
)
SHOPS: Final = ("{name}奶茶店开业，第二杯半价。", "{name}面馆新店，早餐六点供应。")
POSTERS: Final = (
    "海报上画着跳舞的孩子和{name}的招牌，没有文字说明。",
    "灯箱画面为篮球架和{name}的标志。",
)

INVENTED: Final = ("潮涌少年营", "芦苇学习社", "金蟾艺培", "双桥书屋")
"""Advertisers of whom the register knows nothing."""
SHOP_NAMES: Final = ("观潮路", "江南里", "老城", "桂花")
PLACES: Final = ("海昌路", "文苑路", "钱江路", "河畔新村", "洛塘小区", "银泰广场", "人民广场")

OUTDOOR: Final = (
    "public_place",
    "residential_area",
    "outdoor_billboard",
    "elevator",
    "transport",
)
NEWS: Final = ("mainstream_media", "new_media", "online_platform")
SCHOOL: Final = ("school", "kindergarten", "school_bus", "exercise_book")
OWN: Final = "own_premises"
UNCODED: Final = "leaflet"

RETURNS: Final = (
    "所涉场地不在本部门管理范围",
    "该媒介由上级主管部门管理",
    "现场已无此广告，请另核",
)
OUTCOMES: Final = (
    ("penalised", "已立案并作出处理"),
    ("corrected", "当事机构已撤下广告"),
    ("corrected", "已约谈并改正"),
    ("transferred", "已转交属地镇（街道）办理"),
    ("unfounded", "现场核查未发现所述内容"),
)
