"""The ways a service can say no. Nothing here knows about HTTP or NATS."""

from collections.abc import Mapping, Sequence
from typing import ClassVar


class Refusal(Exception):
    """An anticipated refusal: ``code`` and ``title`` are constant, the message tells this case.

    ``fields`` are pointers into the body, each with what is wrong there; ``counts`` say how much
    of a large body is, where not all of it is told.
    """

    code: ClassVar[str]
    title: ClassVar[str]

    def __init__(
        self,
        *said: object,
        fields: Sequence[tuple[str, str]] = (),
        counts: Mapping[str, int] | None = None,
    ) -> None:
        super().__init__(*said)
        self.fields = tuple(fields)
        self.counts = dict(counts or {})


class NotFound(Refusal):
    """The thing named in the request does not exist, or not for this caller."""


class Conflict(Refusal):
    """The request contradicts the current state."""


class Rejected(Refusal):
    """The request is well-formed but the rules forbid it."""


class Forbidden(Refusal):
    """The caller is known and may not do this."""

    code = "forbidden"
    title = "无权执行此操作"


class Unauthenticated(Refusal):
    """Nobody vouches for the caller."""

    code = "unauthenticated"
    title = "身份未通过验证"


class TooLarge(Refusal):
    """The request is larger than this door takes."""

    code = "too-large"
    title = "请求过大"


class TooSlow(Refusal):
    """The request began and did not come to its end in time; it may be sent again."""

    code = "body-too-slow"
    title = "请求体没有及时到齐"


class TooManyRequests(Refusal):
    """The caller asks for more than its part; the same request may be repeated after a while."""

    code = "too-many-requests"
    title = "请求过于频繁，请稍后重发"
    retry_after_seconds: int = 1


class Malformed(Refusal):
    """The body cannot be read as what this door takes."""

    code = "invalid-request"
    title = "请求格式有误"


class Unavailable(Refusal):
    """Something this answer needs is out of reach; the same request may be sent again."""

    code = "unavailable"
    title = "服务暂不可用，请稍后重试"
    retry_after_seconds: int = 2


class NotYet(NotFound):
    """The thing may be on its way; the same question may be asked again shortly."""

    code = "not-yet"
    title = "尚无记录，请稍后再查"
    retry_after_seconds: int = 2
