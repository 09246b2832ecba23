"""Which of a service's collections hold what a state stream says, as data: one line per state."""

from dataclasses import dataclass
from typing import Any

from shared.contracts.base import Channel


@dataclass(frozen=True, slots=True, kw_only=True)
class StateRecord:
    """A collection whose documents, by id and ``version``, equal the last message per subject.

    With a ``reader`` it is another service's state, as that durable has brought it here.
    """

    channel: Channel[Any]
    collection: str
    reader: str | None = None

    def subject_of(self, identifier: str) -> str:
        """Return the subject on which a document's state travels."""
        return self.channel.wildcard.replace("*", identifier)

    def id_of(self, subject: str) -> str:
        """Return the id of the document that a subject names."""
        return subject.rpartition(".")[2]
