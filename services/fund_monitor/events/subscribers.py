"""What fund_monitor listens to besides banks: the registry's state, and lessons held."""

from faststream.nats import NatsRouter

from services.fund_monitor.domain.lessons.lessons import HeldSession
from services.fund_monitor.store.institutions import InstitutionReplica
from services.fund_monitor.store.lessons.lessons import LessonStore
from shared.contracts.base import CloudEvent
from shared.contracts.registry import INSTITUTION_STATE, InstitutionState
from shared.contracts.schedule import SESSION_HELD, SessionHeld
from shared.dead_letters import DeadLetters
from shared.messaging.subscribe import subscribe
from shared.messaging.topology import INSTITUTION_STATE_READER, SESSION_HELD_READER


def institution_router(
    institutions: InstitutionReplica | None, dead_letters: DeadLetters | None
) -> NatsRouter:
    """Return the subscriber of institutions; without its stores it only shows in documents."""
    router = NatsRouter()

    async def on_institution_state(event: CloudEvent[InstitutionState]) -> None:
        """The registry says what an institution is now."""
        assert institutions is not None  # noqa: S101 - a router that runs has its stores
        state = event.data.model_dump(mode="json", exclude_none=True)
        await institutions.take({"_id": state.pop("institution_id"), **state})

    subscribe(
        router,
        INSTITUTION_STATE,
        durable=INSTITUTION_STATE_READER,
        user="fund_monitor",
        handle=on_institution_state,
        dead_letters=dead_letters,
    )
    return router


def session_router(lessons: LessonStore | None, dead_letters: DeadLetters | None) -> NatsRouter:
    """Return the subscriber of held sessions; without its stores it only shows in documents."""
    router = NatsRouter()

    async def on_session_held(event: CloudEvent[SessionHeld]) -> None:
        """schedule_monitor says that a session was held, or corrects what it said."""
        assert lessons is not None  # noqa: S101 - a router that runs has its stores
        told = event.data
        await lessons.take(
            HeldSession(
                session_id=told.session_id,
                version=told.version,
                institution_id=told.institution_id,
                group=told.group,
                started_at=told.started_at,
                ended_at=told.ended_at,
                head_count=told.head_count,
                attended=frozenset(told.attended),
            )
        )

    subscribe(
        router,
        SESSION_HELD,
        durable=SESSION_HELD_READER,
        user="fund_monitor",
        handle=on_session_held,
        dead_letters=dead_letters,
    )
    return router
