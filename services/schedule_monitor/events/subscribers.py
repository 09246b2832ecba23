"""What schedule_monitor listens to: the registry's state."""

from faststream.nats import NatsRouter

from services.schedule_monitor.store.institutions import InstitutionReplica
from shared.city_time import city_date
from shared.contracts.base import CloudEvent
from shared.contracts.registry import INSTITUTION_STATE, InstitutionState
from shared.dead_letters import DeadLetters
from shared.messaging.subscribe import subscribe
from shared.messaging.topology import SCHEDULE_INSTITUTION_STATE_READER


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
