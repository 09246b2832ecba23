"""The envelope and the channel: what every contract of every department has in common."""

import inspect
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict


class Contract(BaseModel):
    """What one department tells another; unknown fields of a newer sender are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")


T = TypeVar("T", bound=Contract)


class CloudEvent(Contract, Generic[T]):
    """CloudEvents 1.0, structured JSON; ``id`` is also the ``Nats-Msg-Id``."""

    specversion: Literal["1.0"] = "1.0"
    id: str
    source: str
    type: str
    subject: str
    time: datetime
    datacontenttype: Literal["application/json"] = "application/json"
    dataschema: str
    data: T


@dataclass(frozen=True, slots=True)
class Channel(Generic[T]):
    """One subject of the bus with its stream, its contract and the service that owns it.

    Where several channels carry one contract, ``title`` tells them apart in documents.
    """

    subject: str
    stream: str
    contract: type[T]
    service: str
    title: str | None = None

    @property
    def wildcard(self) -> str:
        return re.sub(r"\{[a-z_]+\}", "*", self.subject)

    @property
    def fact(self) -> str:
        """What the channel tells: the word of its subject before the version.

        On the exchange the offices' names stand in the subject, and the fact comes last.
        """
        words = self.subject.split(".")
        if words[0] in ("exchange", "exchange-in"):
            return words[-1]
        return words[words.index("v1") - 1]

    @property
    def shown_as(self) -> str:
        return self.title or self.contract.__name__

    @property
    def type(self) -> str:
        return f"cn.haining.{self.service}.{self.fact}.v1"

    @property
    def description(self) -> str:
        """What the contract says of itself; compilers before 3.13 keep a docstring's indent."""
        return inspect.cleandoc(self.contract.__doc__ or "")

    def subject_for(self, **tokens: str) -> str:
        return self.subject.format(**tokens)

    def envelope(self, data: T, *, id: str, subject: str, time: datetime) -> CloudEvent[T]:  # noqa: A002 - CloudEvents names the field
        """Wrap a contract for the bus."""
        return CloudEvent[self.contract](  # type: ignore[name-defined]  # the class is a value here
            id=id,
            source=f"/services/{self.service}",
            type=self.type,
            subject=subject,
            time=time,
            dataschema=f"urn:haining:schema:{self.contract.__name__}:v1",
            data=data,
        )
