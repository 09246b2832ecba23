"""A teaching platform that will report timetables and sessions."""

from dataclasses import dataclass

from shared.senders.model import Secret


@dataclass(frozen=True, slots=True)
class Platform:
    """A platform as the door knows it, with its secrets, the newest first."""

    code: str
    name: str
    secrets: tuple[Secret, ...] = ()
