"""Asking for dead letters again: each request is one transaction with its audit row."""

from shared.access.tokens import Caller
from shared.audit.log import Detail, Entry, Who
from shared.kernel import Kernel
from shared.mongo import Row, Session, transact
from shared.replay.letters import LetterStore
from shared.replay.views import RangeRequest


class ReplayDesk:
    """The dead letters of one service, as its operator asks for them."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self._letters = LetterStore(kernel.db)

    async def ask(self, identifier: str, *, by: Caller) -> Row:
        """Let one letter be handled again, unless it is to be or was with success."""

        async def work(session: Session) -> Row:
            await self._letters.get(identifier, session=session)
            if await self._letters.ask(identifier, session=session):
                await self._note("replayed", identifier, by=by, session=session)
            return await self._letters.get(identifier, session=session)

        return await transact(self._kernel.db, work)

    async def ask_range(self, asked: RangeRequest, *, by: Caller) -> int:
        """Let the letters of a range be handled again; return how many that are."""
        first, last = asked.from_sequence, asked.until_sequence

        async def work(session: Session) -> int:
            done = await self._letters.ask_range(
                asked.stream, first=first, last=last, session=session
            )
            about = f"{asked.stream}:{first}-{last}"
            await self._note("replayed_range", about, by=by, session=session, asked=done)
            return done

        return await transact(self._kernel.db, work)

    async def _note(
        self, action: str, about: str, *, by: Caller, session: Session, **details: Detail
    ) -> None:
        entry = Entry(
            action=f"dead_letter.{action}",
            about_kind="dead_letter",
            about_id=about,
            who=Who.of(by),
            details=details,
        )
        await self._kernel.audit.record(entry, session=session)
