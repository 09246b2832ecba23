"""What no door makes but people act on: alerts, a letter, a notification, a closing."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from typing import Final

from deploy.local.keys import Keys
from deploy.local.stack import Stack
from fuzzing.example import Known
from fuzzing.examples.everywhere import LEAD, QUIET
from services.fund_monitor.app.ledger.close_day import close_day
from services.fund_monitor.store.ledger.closings import ClosingStore
from shared.alerts.model import About, Finding, RuleFacts, Verdict
from shared.alerts.store import AlertStore
from shared.clock import machine_now
from shared.contracts.alerts import ALERT_CHANNELS
from shared.dead_letters import DeadLetters, Letter
from shared.duties.routing import route
from shared.mongo import Database, Session, connect, transact
from shared.notify import jobs
from shared.rules import Article, RuleCard

CLOSED_ON: Final = date(2026, 3, 31)
_KIND: Final = "fund.coverage"
_RULE: Final = RuleFacts.of(
    RuleCard(
        # No judge's own: one that looks at the institution again would find its alert unsupported.
        code="fuzzing.coverage",
        title="专户余额应覆盖未消课金额",
        article=Article("教监管函〔2021〕2号", "预收费全额存管", "S", date(2021, 10, 21)),
        applies_to="institution",
        tells_institution=True,
    )
)
_LETTER: Final = Letter(
    durable="fuzzing", stream="ELSEWHERE", sequence=7, subject="elsewhere.v1.7", body=b"poison"
)


async def plant(stack: Stack, service: str, known: Known) -> None:
    """Write into a service's own store, with its own credentials, and say what can be named."""
    async with _store(stack, service) as db:
        institution = About("institution", known["institution_id"], "海宁市青禾艺术培训中心")
        known["alert_id"] = await _raise_alert(db, service, institution, window="2026-02")
        known["other_alert_id"] = await _raise_alert(db, service, institution, window="2026-03")
        await DeadLetters(db).add(_LETTER, ValueError("无法读取"))
        known["letter_id"] = _LETTER.id
        await _notify(db)
        if service == "fund_monitor":
            await close_day(CLOSED_ON, closings=ClosingStore(db), now=machine_now())


async def _raise_alert(db: Database, service: str, about: About, *, window: str) -> str:
    finding = Finding(
        rule=_RULE,
        level="yellow",
        message="余额低于未消课金额",
        figures={"balance_fen": 90_000},
        events=(f"alpha/A1/{window}",),
    )
    verdict = Verdict(
        about=about,
        rule=_RULE,
        window=window,
        findings=(finding,),
        route=route(_KIND, competent=LEAD["department"]),
        causes=(),
    )
    alerts = AlertStore(db, ALERT_CHANNELS[service])

    async def work(session: Session) -> str:
        change = await alerts.settle(session, verdict, now=machine_now())
        if change is None:
            raise RuntimeError("a new store holds no alert")
        return change.after.id

    return await transact(db, work)


async def _notify(db: Database) -> None:
    told = jobs.Notification(department=QUIET, kind="daily_digest", title="每日摘要", text="无")

    async def work(session: Session) -> None:
        await jobs.enqueue(db, [told], session=session)

    await transact(db, work)


@asynccontextmanager
async def _store(stack: Stack, service: str) -> AsyncIterator[Database]:
    password = Keys(stack.layout.keys).mongo_password(service).read_text()
    client = connect(stack.urls["mongo"], username=service, password=password, database=service)
    try:
        yield client[service]
    finally:
        await client.close()
