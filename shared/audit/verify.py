"""Walks a chain anew and names what was changed, removed, put in, reordered or cut off.

A row is judged by itself, by the row before it, and by the anchors that others hold of its place.
What is not sealed yet is counted and is no difference.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from pymongo import ASCENDING

from shared.audit.anchors import CHAIN, HEAD_RECEIVED
from shared.audit.chain import HEAD, HEADS, ROWS, beginning, hash_of
from shared.audit.sealer import WAITING
from shared.mongo import Database, Row

_STRAYS: Final[Row] = {
    "$or": [
        {"sequence": {"$ne": None, "$not": {"$gt": 0}}},
        {"sequence": None, "sealed": {"$ne": False}},
    ]
}
"""What is neither in the chain nor waiting for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """The head of a chain as somebody else keeps it."""

    service: str
    sequence: int
    hash: str
    held_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What is wrong in a chain, and at which place where there is one."""

    service: str
    sequence: int | None
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a walk along one chain came to."""

    service: str
    sealed: int
    waiting: int
    anchors: int
    differences: tuple[Difference, ...]


async def check_chain(db: Database, *, service: str, anchors: Iterable[Anchor]) -> Verdict:
    """Walk a chain that may grow meanwhile; the anchors must have been read before."""
    walk = _Walk(service, [one for one in anchors if one.service == service])
    await _follow(db, walk)
    head = await db[HEADS].find_one({"_id": HEAD})
    while _reaches_beyond(head, walk.last) and await _follow(db, walk):
        head = await db[HEADS].find_one({"_id": HEAD})
    async for row in db[ROWS].find(_STRAYS, {"sequence": 1}).sort("_id"):
        walk.differ(None, f"记录 {row['_id']} 既不在链上也不在待封存之列")
    walk.end(head)
    return Verdict(
        service=service,
        sealed=walk.taken,
        waiting=await db[ROWS].count_documents(WAITING),
        anchors=walk.anchored,
        differences=tuple(walk.differences),
    )


async def kept_anchors(db: Database, *, keeper: str) -> tuple[list[Anchor], list[Difference]]:
    """Return the heads of others that a chain holds, and which of its rows cannot be read so."""
    anchors, unreadable = [], []
    asked = {"action": HEAD_RECEIVED, "about.kind": CHAIN}
    async for row in db[ROWS].find(asked).sort("sequence", ASCENDING):
        anchor = anchor_of(row["about"].get("id"), row.get("details"), held_by=keeper)
        if anchor is None:
            unreadable.append(
                Difference(service=keeper, sequence=row.get("sequence"), what="所存锚点无法读取")
            )
        else:
            anchors.append(anchor)
    return anchors, unreadable


def anchor_of(service: object, head: object, *, held_by: str) -> Anchor | None:
    """Read an anchor that somebody may have tampered with."""
    if not isinstance(service, str) or not isinstance(head, dict):
        return None
    sequence, kept = head.get("sequence"), head.get("hash")
    if not isinstance(sequence, int) or not isinstance(kept, str):
        return None
    return Anchor(service=service, sequence=sequence, hash=kept, held_by=held_by)


@dataclass(slots=True)
class _Walk:
    """How far a walk has come, and what it found on its way."""

    service: str
    anchors: Iterable[Anchor]
    last: int = 0
    taken: int = 0
    anchored: int = 0
    differences: list[Difference] = field(default_factory=list)
    _hashes: set[object] = field(default_factory=set)
    _held: dict[int, list[Anchor]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        self._hashes = {beginning(self.service)}
        for anchor in self.anchors:
            self._held[anchor.sequence].append(anchor)
            self.anchored += 1

    def take(self, row: Row) -> None:
        """Judge the next row of the chain."""
        sequence = row["sequence"]
        if not isinstance(sequence, int) or sequence <= self.last:
            self.differ(self.last, f"此后插入了不属于链的一行（{row['_id']}）")
            return
        follows = sequence == self.last + 1
        if not follows:
            self.differ(self.last + 1, f"缺失，至第 {sequence - 1} 行")
        should = hash_of(row)
        if should is None or row.get("hash") != should:
            self.differ(sequence, "内容与其摘要不符")
        elif follows and row.get("previous") not in self._hashes:
            self.differ(sequence, "与前一行不衔接")
        for anchor in self._held.pop(sequence, ()):
            if row.get("hash") != anchor.hash:
                self.differ(sequence, f"与{anchor.held_by}所存锚点不符")
        self.last, self.taken = sequence, self.taken + 1
        # Either may be the true one: what follows is not to blame for a change here.
        self._hashes = {should, row.get("hash")}

    def end(self, head: Row | None) -> None:
        """Compare the chain's end with its head, and what anchors tell of rows that are gone."""
        for sequence, held in sorted(self._held.items()):
            for anchor in held:
                self.differ(sequence, f"{anchor.held_by}存有此行的锚点，链上没有此行")
        if head is None:
            if self.last:
                self.differ(None, "链头缺失")
            return
        if head.get("sequence") != self.last:
            self.differ(None, f"链头记为第 {head.get('sequence')} 行，链止于第 {self.last} 行")
        if head.get("hash") not in self._hashes:
            self.differ(None, "链头的摘要与最后一行不符")

    def differ(self, sequence: int | None, what: str) -> None:
        """Note a difference."""
        self.differences.append(Difference(service=self.service, sequence=sequence, what=what))


async def _follow(db: Database, walk: _Walk) -> bool:
    """Take the rows after the last one; say whether there were any."""
    before = walk.taken
    rows = db[ROWS].find({"sequence": {"$gt": walk.last}}).sort("sequence", ASCENDING)
    async for row in rows:
        walk.take(row)
    return walk.taken > before


def _reaches_beyond(head: dict[str, Any] | None, last: int) -> bool:
    sequence = None if head is None else head.get("sequence")
    return isinstance(sequence, int) and sequence > last
