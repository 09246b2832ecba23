"""Publishing outside the relay, for the one door that does: every message is acknowledged."""

from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from opentelemetry.trace import SpanKind, Tracer

from shared.errors import Unavailable
from shared.telemetry.carried import UNTRACED, carried

PUBLISH_SECONDS = 8.0


class Publisher:
    """Publishes to one stream and waits for the acknowledgement; a repeat is a success."""

    def __init__(self, js: JetStreamContext, *, stream: str, tracer: Tracer = UNTRACED) -> None:
        self._js = js
        self._stream = stream
        self._tracer = tracer

    async def publish(self, subject: str, body: bytes, *, message_id: str) -> None:
        """Store a message; refuse with ``Unavailable`` when the bus does not say that it has."""
        step = f"{self._stream} publish"
        with self._tracer.start_as_current_span(step, kind=SpanKind.PRODUCER):
            try:
                await self._js.publish(
                    subject,
                    body,
                    stream=self._stream,
                    timeout=PUBLISH_SECONDS,
                    headers={"Nats-Msg-Id": message_id, **carried()},
                )
            except (NatsError, TimeoutError) as error:
                raise Unavailable("消息总线暂时无法保存，请整批重发") from error
