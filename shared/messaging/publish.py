"""Publishing outside the relay, for the one door that does: every message is acknowledged."""

from nats.errors import Error as NatsError
from nats.js import JetStreamContext

from shared.errors import Unavailable

PUBLISH_SECONDS = 8.0


class Publisher:
    """Publishes to one stream and waits for the acknowledgement; a repeat is a success."""

    def __init__(self, js: JetStreamContext, *, stream: str) -> None:
        self._js = js
        self._stream = stream

    async def publish(self, subject: str, body: bytes, *, message_id: str) -> None:
        """Store a message; refuse with ``Unavailable`` when the bus does not say that it has."""
        try:
            await self._js.publish(
                subject,
                body,
                stream=self._stream,
                timeout=PUBLISH_SECONDS,
                headers={"Nats-Msg-Id": message_id},
            )
        except (NatsError, TimeoutError) as error:
            raise Unavailable("消息总线暂时无法保存，请整批重发") from error
