"""The numbers of the rules, with where they are written."""

from datetime import date, time, timedelta
from decimal import Decimal

from shared.rules import Article

PLAN_24 = Article(
    "海宁市“双减”实施方案",
    "任务24：不得一次性收取跨度超过3个月或60课时的费用",
    "Seed",
    date(2021, 7, 24),
)
MOST_LESSONS = Decimal(60)
MOST_MONTHS = 3
# Indicator F06: when one pupil's open orders together pass this many times a limit, and how many
# pupils within how long make it more than a single lapse. Proposed defaults.
RED_FACTOR = Decimal("1.5")
RED_PUPILS = 5
PUPIL_SPAN = timedelta(days=30)

COVERAGE = Article("预收费资金监管指标 F01", "托管余额应覆盖未消课金额", "P", date(2021, 1, 1))
TOLERANCE_SHARE = Decimal("0.005")
TOLERANCE_FEN = 50_000
RED_SHARE = Decimal("0.90")
RED_GAP_FEN = 5_000_000
YELLOW_BANKING_DAYS = 2

PLAN_ANNEX_4 = Article(
    "海宁市“双减”实施方案",
    "附件4：学员培训费专户与预收费风险管控；任务28：查处无证培训",
    "Seed",
    date(2021, 7, 24),
)
BANK_INTERFACE = Article("银行接口规范", "同一交易标识不得对应不同内容", "P", date(2021, 1, 1))

FEED_SILENCE = Article("预收费资金监管指标 F19", "银行报送不得中断", "P", date(2021, 1, 1))
# The hour of the next working day by which a bank that tells its balances daily is missed.
SILENT_BY = time(12)
DIFFERENCES = Article("银行接口规范", "对账差异应在3个工作日内说明", "P", date(2021, 1, 1))
EXPLAIN_WORKING_DAYS = 3

UNALLOCATED = Article(
    "预收费资金监管指标 F05", "收款应在3个工作日内对应到合同", "P", date(2021, 1, 1)
)
ALLOCATION_WORKING_DAYS = 3

PREPAID_2021 = Article(
    "教监管函〔2021〕2号",
    "预收费托管：资金划拨与授课进度同步、同比例",
    "S",
    date(2021, 10, 21),
)
FALSE_LESSONS = Article("预收费资金监管指标 F12", "消课与到课、合同相符", "P", date(2021, 10, 21))
# How long money may stay after a lesson before somebody asks why. A proposed default.
RELEASE_WORKING_DAYS = 10
