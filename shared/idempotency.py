"""A creating request repeated under the same ``Idempotency-Key`` has one effect and one answer.

The answer is written in the transaction of the effect: whoever lost it asks again under the same
key and gets it, though the process died in between. A claim, taken first, tells a request that
still runs from one that ended without an effect. Keys are forgotten after a day.
"""

import hashlib
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, ClassVar, Final, TypeVar

from fastapi import Depends, Header, Request
from pydantic import BaseModel
from pymongo import ASCENDING, IndexModel
from pymongo.errors import DuplicateKeyError, PyMongoError

from shared.access.enforcement import CallerDep
from shared.clock import machine_now
from shared.errors import Conflict, Malformed, Rejected
from shared.ids import new_id
from shared.mongo import Database, Row, Session, transact
from shared.sealing import Sealer

IDEMPOTENCY_INDEXES: Final = {
    "idempotency": [
        IndexModel([("forget_at", ASCENDING)], name="forgotten_after", expireAfterSeconds=0),
    ]
}
KEPT: Final = timedelta(hours=24)
LEASE: Final = timedelta(seconds=30)
"""Twice as long as a transaction may take: past it, the one who claimed is gone."""

_KEY = re.compile(r"[\x21-\x7e]{1,128}")

M = TypeVar("M", bound=BaseModel)


class KeyReused(Rejected):
    """The same key came before with another request."""

    code: ClassVar[str] = "idempotency-key-reused"
    title: ClassVar[str] = "幂等键已用于另一请求"


class KeyedRequestRunning(Conflict):
    """The first request under this key has not ended yet."""

    code: ClassVar[str] = "idempotency-key-running"
    title: ClassVar[str] = "同一幂等键的请求仍在处理"
    retry_after_seconds: int = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a request asks: its key within caller and route, and a digest of all it says."""

    id: str
    digest: str


class Once:
    """One creating request; without a key its work is simply done."""

    def __init__(self, db: Database, asked: Asked | None, *, lease: timedelta = LEASE) -> None:
        self._db = db
        self._rows = db["idempotency"]
        self._asked = asked
        self._lease = lease
        self._claim = new_id()

    async def within(
        self,
        kind: type[M],
        work: Callable[[Session], Awaitable[M]],
        *,
        sealer: Sealer | None = None,
    ) -> M:
        """Do the work and keep its answer in one transaction, or return the answer kept.

        An answer that carries a secret is kept under the ``sealer``.
        """
        if self._asked is None:
            return await transact(self._db, work)
        asked = self._asked
        kept = await self._kept_or_claimed(asked)
        if kept is not None:
            return kind.model_validate_json(sealer.open(kept) if sealer else kept)

        async def work_and_keep(session: Session) -> M:
            answer = await work(session)
            text = answer.model_dump_json()
            await self._keep(asked, sealer.seal(text) if sealer else text, session=session)
            return answer

        async with self._released_on_failure(asked):
            return await transact(self._db, work_and_keep)

    async def after(self, kind: type[M], work: Callable[[], Awaitable[M]]) -> M:
        """Do work that a natural key makes repeatable, then keep its answer, or return it."""
        if self._asked is None:
            return await work()
        asked = self._asked
        kept = await self._kept_or_claimed(asked)
        if kept is not None:
            return kind.model_validate_json(kept)
        async with self._released_on_failure(asked):
            answer = await work()
            await self._keep(asked, answer.model_dump_json())
            return answer

    async def _kept_or_claimed(self, asked: Asked) -> str | None:
        """Return the answer kept under this key, or claim the key for this request."""
        now = machine_now()
        row: Row = {
            "_id": asked.id,
            "digest": asked.digest,
            "answer": None,
            "claim": self._claim,
            "leased_until": now + self._lease,
            "forget_at": now + KEPT,
        }
        try:
            await self._rows.insert_one(row)
        except DuplicateKeyError:
            return await self._kept_or_taken_over(asked)
        return None

    async def _kept_or_taken_over(self, asked: Asked) -> str | None:
        now = machine_now()
        taken = await self._rows.update_one(
            {
                "_id": asked.id,
                "digest": asked.digest,
                "answer": None,
                "leased_until": {"$lte": now},
            },
            {"$set": {"claim": self._claim, "leased_until": now + self._lease}},
        )
        if taken.matched_count:
            return None
        found = await self._rows.find_one({"_id": asked.id})
        if found is not None and found["digest"] != asked.digest:
            raise KeyReused("此 Idempotency-Key 已随另一内容使用；新请求请换新的键")
        if found is None or found["answer"] is None:
            raise KeyedRequestRunning("首个请求尚未结束，请稍后用同一键重发")
        answer: str = found["answer"]
        return answer

    async def _keep(self, asked: Asked, answer: str, *, session: Session | None = None) -> None:
        kept = await self._rows.update_one(
            {"_id": asked.id, "claim": self._claim},
            {"$set": {"answer": answer, "forget_at": machine_now() + KEPT}},
            session=session,
        )
        if kept.matched_count == 0:
            # Somebody took the key over meanwhile: theirs is the effect, this one is undone.
            raise KeyedRequestRunning("首个请求尚未结束，请稍后用同一键重发")

    @asynccontextmanager
    async def _released_on_failure(self, asked: Asked) -> AsyncIterator[None]:
        """Free the key after work without an effect; while the store is away its lease does so."""
        try:
            yield
        except BaseException:
            with suppress(PyMongoError):
                await self._rows.delete_one({"_id": asked.id, "claim": self._claim, "answer": None})
            raise


async def once(
    request: Request,
    caller: CallerDep,
    idempotency_key: Annotated[
        str | None,
        Header(description="1–128 个可见 ASCII 字符；24 小时内同键同内容只生效一次，答复相同。"),
    ] = None,
) -> Once:
    """Return what makes this request repeatable."""
    db: Database = request.app.state.db
    if idempotency_key is None:
        return Once(db, None)
    if not _KEY.fullmatch(idempotency_key):
        raise Malformed("Idempotency-Key 须为 1 至 128 个可见 ASCII 字符")
    route = f"{request.method} {request.scope['route'].path_format}"
    who = f"{caller.role}\n{caller.subject}"
    said = f"{request.url.path}\n{request.url.query}\n".encode() + await request.body()
    return Once(
        db,
        Asked(
            id=_digest(f"{who}\n{route}\n{idempotency_key}".encode()),
            digest=_digest(said),
        ),
    )


OnceDep = Annotated[Once, Depends(once)]


def _digest(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()
