"""The chart of accounts: the books of every custody account, and what moves between them.

The books of one account always sum to zero. A positive figure is a debit: money that is there, or
has gone; a negative one is a credit: money that is owed, or where it came from.
"""

from dataclasses import dataclass
from typing import Final, Literal

BookCode = Literal[
    "bank",
    "prepaid.lessons",
    "prepaid.other",
    "unallocated.lessons",
    "unallocated.other",
    "interest",
    "withdrawals",
    "judicial_deductions",
    "bank_fees",
]


@dataclass(frozen=True, slots=True)
class Book:
    """One book of the chart, with the name that staff read."""

    code: BookCode
    title: str
    meaning: str


CHART: Final = (
    Book("bank", "银行存款", "监管账户内的资金"),
    Book("prepaid.lessons", "预收学费—按课时", "已知合同或期初、按课时收取、尚未划拨或退还的学费"),
    Book("prepaid.other", "预收学费—其他", "已知合同、银行未报课时数的学费"),
    Book("unallocated.lessons", "待认领资金—按课时", "未报合同号、报有课时数的收款"),
    Book("unallocated.other", "待认领资金—其他", "未报合同号也未报课时数的收款"),
    Book("interest", "利息", "银行结付的利息"),
    Book("withdrawals", "其他支取", "划拨、退费以外的支取"),
    Book("judicial_deductions", "司法扣划", "法院等依法扣划的资金"),
    Book("bank_fees", "银行费用", "银行收取的费用"),
)
# What is paid by lessons and neither released nor refunded: the unconsumed value of ADR 0008.
UNCONSUMED: Final[frozenset[BookCode]] = frozenset({"prepaid.lessons", "unallocated.lessons"})
