"""The HTTP side of fund_monitor: its routes, in the order in which they are looked through."""

from collections.abc import Awaitable, Callable
from typing import Final

from fastapi import Depends, FastAPI

from services.fund_monitor.api import summary
from services.fund_monitor.api.banks import (
    bank_access,
    bank_states,
    bank_webhooks,
    banks,
    door,
    feeds,
    outcomes,
)
from services.fund_monitor.api.contracts import contract_uploads, contracts, packs, student_keys
from services.fund_monitor.api.custody import custody_accounts, enrolment
from services.fund_monitor.api.fees import fee_checks, fee_rules
from services.fund_monitor.api.ledger import allocations, books, closings
from services.fund_monitor.api.lessons import (
    confirmation_packs,
    lesson_confirmations,
    lesson_silences,
    lessons,
    manual_releases,
)
from services.fund_monitor.api.lessons.confirmation_bodies import PlatformLessonStatements
from services.fund_monitor.api.refunds import refunds
from services.fund_monitor.api.statements import differences, statements
from services.fund_monitor.app.sight import FundSight
from services.fund_monitor.desks import rooms_of, secrets_desk
from services.fund_monitor.events import publishers
from services.fund_monitor.events.subscribers import institution_router, session_router
from services.fund_monitor.store.banks.banks import BankNotFound
from shared.audit.anchors import heads_router
from shared.calendar_years import calendar_router
from shared.kernel import Kernel
from shared.messaging.bundling import Publishing
from shared.messaging.subscribe import asyncapi_of
from shared.senders.api import secrets_router
from shared.senders.platforms_api import mount_platforms
from shared.web import create_app

SERVICE: Final = "fund_monitor"
TITLE: Final = "预收费资金监测"


def application(
    kernel: Kernel,
    *,
    bus: Publishing,
    waiting: Callable[[], Awaitable[int]],
    seen: FundSight | None = None,
    sandbox: bool = False,
) -> FastAPI:
    """Return the service's HTTP side."""
    routers = [
        publishers.router,
        institution_router(None, None),
        session_router(None, None),
        heads_router(SERVICE, None, None),
        calendar_router(SERVICE, None, None),
    ]
    app = create_app(
        kernel,
        title=TITLE,
        asyncapi=asyncapi_of(routers, title=TITLE, user=SERVICE),
        first=[door.router],
    )
    app.state.rooms = rooms_of(
        kernel,
        throttle=app.state.throttle,
        bus=bus,
        waiting=waiting,
        seen=seen or FundSight(kernel.sight),
        sandbox=sandbox,
    )
    app.state.secrets_desk = secrets_desk(kernel)
    secrets = secrets_router("/v1/banks", parameter="bank", absent=BankNotFound)
    for router in (
        banks.router,
        outcomes.router,
        bank_states.router,
        feeds.router,
        bank_access.router,
        bank_webhooks.router,
        books.router,
        closings.router,
        lessons.router,
        lesson_confirmations.router,
        lesson_silences.router,
        manual_releases.router,
        custody_accounts.router,
        enrolment.router,
        contracts.router,
        contract_uploads.router,
        allocations.router,
        fee_rules.router,
        fee_checks.router,
        packs.router,
        confirmation_packs.router,
        student_keys.router,
        refunds.router,
        statements.router,
        differences.router,
        secrets,
        summary.router,
    ):
        app.include_router(router, dependencies=[Depends(bank_access.own_origin)])
    mount_platforms(app, kernel)
    door.document_events(app)
    packs.document_packs(app, packs.ContractPack, PlatformLessonStatements)
    return app
