"""What departments answer over the bus: one loop reads them all, in their order."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from faststream.nats import NatsRouter
from nats.js import JetStreamContext
from opentelemetry.trace import SpanKind, Tracer
from pydantic import TypeAdapter

from services.ads_watch.app.answer_lead import Answer, answer_lead
from services.ads_watch.app.desk import Desk
from shared.audit.log import Who
from shared.contracts.ads import (
    ANSWERS,
    LEAD_ACCEPTED_BY,
    LEAD_FEEDBACK_BY,
    LEAD_RETURNED_BY,
    LeadAcceptance,
    LeadFeedback,
    LeadReturn,
)
from shared.contracts.base import CloudEvent, Contract
from shared.dead_letters import DeadLetters
from shared.messaging.intake import Delivery, IntakeLoop
from shared.messaging.permissions import inbox_prefix
from shared.messaging.subscribe import subscribe
from shared.messaging.topology import EXCHANGE_IN, EXCHANGE_IN_READER
from shared.telemetry.carried import continued

SERVICE: Final = "ads_watch"
_LONGEST_ID: Final = 128


class UnknownAnswer(Exception):
    """A message on the exchange that is no answer to a lead, or says so in the wrong form."""


def _acceptance(office: str, data: LeadAcceptance) -> Answer:
    return Answer(lead_id=data.lead_id, kind="accepted", office=office)


def _return(office: str, data: LeadReturn) -> Answer:
    return Answer(lead_id=data.lead_id, kind="returned", office=office, reason=data.reason)


def _feedback(office: str, data: LeadFeedback) -> Answer:
    return Answer(
        lead_id=data.lead_id,
        kind="feedback",
        office=office,
        reason=data.reason,
        outcome=data.outcome,
    )


_READ: Final[dict[str, tuple[TypeAdapter[Any], Callable[[str, Any], Answer]]]] = {
    LEAD_ACCEPTED_BY.fact: (TypeAdapter(CloudEvent[LeadAcceptance]), _acceptance),
    LEAD_RETURNED_BY.fact: (TypeAdapter(CloudEvent[LeadReturn]), _return),
    LEAD_FEEDBACK_BY.fact: (TypeAdapter(CloudEvent[LeadFeedback]), _feedback),
}


def answer_of(subject: str, body: bytes) -> tuple[Answer, str]:
    """Return the answer in a message, and its id.

    Who answers is the office in the subject, under which the bus lets nobody else publish; what
    the body says of its source is not asked.
    """
    *_, office, fact = subject.split(".")
    if fact not in _READ:
        raise UnknownAnswer(f"没有这种答复：{fact[:32]}")
    reader, answer = _READ[fact]
    event = reader.validate_json(body)
    if not 0 < len(event.id) <= _LONGEST_ID:
        raise UnknownAnswer(f"消息编号须为1至{_LONGEST_ID}个字符")
    return answer(office, event.data), event.id


def answers_loop(
    js: JetStreamContext, *, desk: Desk, dead_letters: DeadLetters, tracer: Tracer
) -> IntakeLoop:
    """Return the loop that takes answers; other processes may run the same beside it."""

    async def handle(deliveries: Sequence[Delivery]) -> None:
        for delivery in deliveries:
            with continued(tracer, "exchange-in process", [delivery.trace], kind=SpanKind.CONSUMER):
                answer, event_id = answer_of(delivery.subject, delivery.body)
                who = Who(role="department", office=answer.office)
                await answer_lead(answer, desk=desk, who=who, event_id=event_id)

    return IntakeLoop(
        js,
        stream=EXCHANGE_IN.name,
        durable=EXCHANGE_IN_READER,
        inbox_prefix=(inbox_prefix(SERVICE) + ".").encode(),
        handle=handle,
        dead_letters=dead_letters,
    )


def answers_router() -> NatsRouter:
    """Return what the loop reads, for documents: FastStream itself subscribes to none of it."""
    router = NatsRouter()

    async def on_answer(event: CloudEvent[Contract]) -> None:
        """A department answers a lead."""

    for channel in ANSWERS:
        subscribe(
            router,
            channel,
            durable=EXCHANGE_IN_READER,
            user=SERVICE,
            handle=on_answer,
            dead_letters=None,
        )
    return router
