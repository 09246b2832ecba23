"""Chains for tests: a service's rows written, sealed, and checked."""

from collections.abc import Iterable

from shared.audit.log import Entry, Who
from shared.audit.sealer import ChainSealer
from shared.audit.verify import Anchor, Verdict, check_chain
from shared.mongo import Database, transact
from tests.support.audit import audit_log

SERVICE = "registry"
OFFICER = Who(role="staff", person="staff:education", office="education")


def an_entry(number: int = 1, **changes: object) -> Entry:
    """Return the entry of a write by an officer, every field given."""
    given = {
        "action": "institution.registered",
        "about_kind": "institution",
        "about_id": f"inst-{number}",
        "who": OFFICER,
        "why": "因年检不合格",
        "details": {"version": number, "town": "xiashi", "whole": True, "none": None},
    }
    return Entry(**{**given, **changes})


async def write(db: Database, *entries: Entry) -> None:
    """Write entries in one transaction."""
    await transact(db, lambda session: audit_log(db).record(*entries, session=session))


async def seal(db: Database, *, service: str = SERVICE) -> None:
    """Seal whatever waits."""
    sealer = ChainSealer(db, service=service)
    while await sealer.seal_once():
        pass


async def a_chain(db: Database, rows: int) -> None:
    """Make a sealed chain of so many rows."""
    await write(db, *(an_entry(number) for number in range(1, rows + 1)))
    await seal(db)


async def check(db: Database, anchors: Iterable[Anchor] = ()) -> Verdict:
    """Walk the chain."""
    return await check_chain(db, service=SERVICE, anchors=anchors)


async def found(db: Database, anchors: Iterable[Anchor] = ()) -> list[tuple[int | None, str]]:
    """Return what is wrong in the chain, with its places."""
    return [(one.sequence, one.what) for one in (await check(db, anchors)).differences]
