"""Dead letters as people see them, and which of them are to be handled again."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final, Literal, TypeAlias

from shared.clock import machine_now
from shared.errors import NotFound, Rejected
from shared.mongo import Database, Row, Session

LetterState: TypeAlias = Literal["set_aside", "asked", "replayed", "failed"]
"""``asked``: a worker is to handle it again; ``failed``: it was refused once more."""

MOST_AT_ONCE: Final = 1_000
_MAY_BE_ASKED: Final = ("set_aside", "failed")


class LetterNotFound(NotFound):
    """There is no such dead letter."""

    code: ClassVar[str] = "dead-letter-not-found"
    title: ClassVar[str] = "没有这条死信"


class ReplayTooWide(Rejected):
    """More letters are asked for at once than one replay takes."""

    code: ClassVar[str] = "dead-letter-replay-too-wide"
    title: ClassVar[str] = "一次重放的死信过多"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which letters are asked for: in the order of their streams, those after a place."""

    stream: str | None
    state: LetterState | None
    after: tuple[str, int] | None
    limit: int


class LetterStore:
    """The dead letters of one service, for those who read them."""

    def __init__(self, db: Database) -> None:
        self._rows = db["dead_letters"]

    async def page(self, asked: Asked) -> Sequence[Row]:
        """Return one page of letters, without their bodies."""
        wanted: Row = {"stream": asked.stream, "state": asked.state}
        wanted = {name: value for name, value in wanted.items() if value is not None}
        if asked.after is not None:
            stream, sequence = asked.after
            later = [
                {"stream": {"$gt": stream}},
                {"stream": stream, "sequence": {"$gt": sequence}},
            ]
            wanted = {"$and": [wanted, {"$or": later}]}
        with_size: Row = {"size": {"$binarySize": "$body"}}
        pipeline: list[Row] = [
            {"$match": wanted},
            {"$sort": {"stream": 1, "sequence": 1}},
            {"$limit": asked.limit},
            {"$set": with_size},
            {"$unset": "body"},
        ]
        return await (await self._rows.aggregate(pipeline)).to_list()

    async def get(self, identifier: str, *, session: Session | None = None) -> Row:
        """Return one letter with its body."""
        row = await self._rows.find_one({"_id": identifier}, session=session)
        if row is None:
            raise LetterNotFound(f"没有编号为 {identifier} 的死信")
        return {**row, "size": len(row["body"])}

    async def ask(self, identifier: str, *, session: Session) -> bool:
        """Let one letter be handled again; ``False`` when it is to be, or was with success."""
        return await self._ask({"_id": identifier}, session=session) == 1

    async def ask_range(self, stream: str, *, first: int, last: int, session: Session) -> int:
        """Let the letters of a range be handled again, in its order; return how many."""
        within: Row = {"stream": stream, "sequence": {"$gte": first, "$lte": last}}
        may: Row = {**within, "state": {"$in": _MAY_BE_ASKED}}
        if (
            await self._rows.count_documents(may, session=session, limit=MOST_AT_ONCE + 1)
            > MOST_AT_ONCE
        ):
            raise ReplayTooWide(f"该范围内超过 {MOST_AT_ONCE} 条，请缩小范围")
        return await self._ask(within, session=session)

    async def _ask(self, which: Row, *, session: Session) -> int:
        done = await self._rows.update_many(
            {**which, "state": {"$in": _MAY_BE_ASKED}},
            {"$set": {"state": "asked", "due_at": machine_now(), "lease": None}},
            session=session,
        )
        return done.modified_count
