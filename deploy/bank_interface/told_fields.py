"""The chapter of the bank interface on what a bank reads: every field of every answer."""

from collections.abc import Iterator
from typing import Final

from pydantic import BaseModel

from deploy.bank_interface import fields
from deploy.bank_interface.blocks import Block, Heading, Said
from services.fund_monitor.api.banks.bank_webhooks import BankWebhookAsked, BankWebhookView
from services.fund_monitor.api.banks.outcomes import EventOutcomeView
from services.fund_monitor.api.statements.differences import DifferenceAnswer, DifferenceChangeView
from services.fund_monitor.api.statements.statements import BankStatementView, StatementResult

TOLD: Final[tuple[tuple[str, type[BaseModel]], ...]] = (
    ("入账结果 · An outcome (7)", EventOutcomeView),
    ("差异及其变化 · A difference and its change (11)", DifferenceChangeView),
    ("说明差异（请求）· Explaining a difference, a request (11.1)", DifferenceAnswer),
    ("对账文件 · A statement (12)", BankStatementView),
    ("对账结果 `result` · Its result (12)", StatementResult),
    ("登记接收地址（请求）· Setting an address, a request (14)", BankWebhookAsked),
    ("接收地址 · An address (14)", BankWebhookView),
)


def told_fields() -> Iterator[Block]:
    """Return the tables of what is read and, beside the events, asked."""
    yield Heading(2, "16 查询答复的字段 · Fields of answers")
    yield Said(
        "时间均为 UTC，日期为北京时间的日期，金额单位为分。今后可能增加字段，请忽略不认识的。"
        "差异列表（`…/differences`）没有 `change`、`told_at` 两个字段，其余相同；"
        "推送的内容与查询相同，空值的字段不出现。",
        "Times are UTC, days those of the city, amounts fen. Fields may be added: ignore what you "
        "do not know. Lists of differences have neither change nor told_at; what is posted is "
        "what is read, without fields that are empty.",
    )
    for number, (title, model) in enumerate(TOLD, start=1):
        yield Heading(3, f"16.{number} {title}")
        yield fields.answered_of(model)
