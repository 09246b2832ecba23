"""What schedule_monitor listens to: the registry's state, and results of visits."""

from collections.abc import Callable
from datetime import UTC, datetime

from faststream.nats import NatsRouter

from services.schedule_monitor.app.patrols.take_visit import VisitDesk, take_visit
from services.schedule_monitor.domain.patrols.visit import Seen, Visit
from services.schedule_monitor.store.institutions import InstitutionReplica
from shared.city_time import city_date
from shared.clock import milliseconds
from shared.contracts.base import CloudEvent
from shared.contracts.registry import INSTITUTION_STATE, InstitutionState
from shared.contracts.visits import VISIT_RESULT, SeenSession, VisitResult
from shared.dead_letters import DeadLetters
from shared.messaging.subscribe import subscribe
from shared.messaging.topology import SCHEDULE_INSTITUTION_STATE_READER, VISIT_RESULT_READER


def institution_router(
    institutions: InstitutionReplica | None, dead_letters: DeadLetters | None
) -> NatsRouter:
    """Return the subscriber of institutions; without its stores it only shows in documents."""
    router = NatsRouter()

    async def on_institution_state(event: CloudEvent[InstitutionState]) -> None:
        """The registry says what an institution is now."""
        assert institutions is not None  # noqa: S101 - a router that runs has its stores
        state = event.data.model_dump(mode="json", exclude_none=True)
        await institutions.take(
            {"_id": state.pop("institution_id"), **state}, told_on=city_date(event.time)
        )

    subscribe(
        router,
        INSTITUTION_STATE,
        durable=SCHEDULE_INSTITUTION_STATE_READER,
        user="schedule_monitor",
        handle=on_institution_state,
        dead_letters=dead_letters,
    )
    return router


def visit_router(
    desk: VisitDesk | None, now: Callable[[], datetime] | None, dead_letters: DeadLetters | None
) -> NatsRouter:
    """Return the subscriber of visits; without its desk it only shows in documents."""
    router = NatsRouter()

    async def on_visit_result(event: CloudEvent[VisitResult]) -> None:
        """Whoever keeps the visit plan says what a visit came to."""
        assert desk is not None  # noqa: S101 - a router that runs has its desk
        assert now is not None  # noqa: S101 - as above
        await take_visit(_visit(event.data), desk=desk, now=now())

    subscribe(
        router,
        VISIT_RESULT,
        durable=VISIT_RESULT_READER,
        user="schedule_monitor",
        handle=on_visit_result,
        dead_letters=dead_letters,
    )
    return router


def _visit(told: VisitResult) -> Visit:
    return Visit(
        visit_id=told.visit_id,
        version=told.version,
        institution_id=told.institution_id,
        visited_by=told.visited_by,
        visited_at=milliseconds(told.visited_at).astimezone(UTC),
        outcome=told.outcome,
        mode=told.mode,
        site=told.site_id,
        address=told.address,
        seen=tuple(sorted((_seen(one) for one in told.seen), key=lambda one: one.reference)),
        confirmed=_rules(told, "confirmed"),
        unfounded=_rules(told, "unfounded"),
        proposed_on=None if told.proposal is None else told.proposal.day,
        proposed_version=None if told.proposal is None else told.proposal.version,
        withdrawn=told.withdrawn,
    )


def _seen(one: SeenSession) -> Seen:
    return Seen(
        **{
            **dict(one),
            "started_at": one.started_at.astimezone(UTC).replace(microsecond=0),
            "ended_at": one.ended_at.astimezone(UTC).replace(microsecond=0),
        }
    )


def _rules(told: VisitResult, outcome: str) -> tuple[str, ...]:
    return tuple(sorted(one.rule for one in told.findings if one.outcome == outcome))
