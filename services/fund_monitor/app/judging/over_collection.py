"""Judge what was collected at once, by what the bank's events tell of lessons and periods."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import partial

from services.fund_monitor.app.judging.assessor import Assessment, Round, Subject, in_force, verdict
from services.fund_monitor.domain.rules.over_collection import (
    OVER_COLLECTION,
    PupilFacts,
    facts_of_pupil,
    over_collection,
)
from services.fund_monitor.store.pupils import MOST_AT_ONCE, Kept, Pupil, PupilStore
from shared.alerts.model import About, Verdict
from shared.mongo import Session


class OverCollectionAssessor:
    """Looks anew at the pupils of whom something was posted, and at what is kept of the others."""

    rules = (OVER_COLLECTION,)

    def __init__(self, pupils: PupilStore) -> None:
        self._pupils = pupils

    async def assess(self, subjects: Sequence[Subject], session: Session) -> Round:
        """Judge registered institutions, each over all its accounts together."""
        known = [subject for subject in subjects if subject.registration is not None]
        codes = {account: subject.code for subject in known for account in subject.accounts}
        changed = await self._pupils.changed(codes, session=session)
        kept = await self._pupils.facts([subject.code for subject in known], session=session)
        # An account that went over to another institution took its payments with it.
        moved = {
            pupil
            for pupil, each in kept.items()
            if any(codes.get(account) != pupil[0] for account in each.accounts)
        }
        pupils = moved | {(codes[each.account], name) for each in changed for name in each.names}
        anew = await self._look_at(codes, pupils, session)
        await self._pupils.keep(anew, session=session)
        facts: defaultdict[str, list[PupilFacts]] = defaultdict(list)
        for (code, _), each in (kept | anew).items():
            facts[code].append(each.facts)
        return Round(
            [
                Assessment(_verdicts(subject, subject.about, facts[subject.code]))
                if subject.about
                else Assessment()
                for subject in subjects
            ],
            more=len(changed) == MOST_AT_ONCE,
            committed=partial(self._pupils.looked_at, changed),
        )

    async def _look_at(
        self, codes: Mapping[str, str], pupils: set[Pupil], session: Session
    ) -> dict[Pupil, Kept]:
        orders = await self._pupils.orders(codes, pupils, session=session)
        accounts: defaultdict[str, set[str]] = defaultdict(set)
        for account, code in codes.items():
            accounts[code].add(account)
        return {
            pupil: Kept(
                facts_of_pupil(o for o in some if in_force(OVER_COLLECTION, o.occurred_at)),
                frozenset(accounts[pupil[0]]),
            )
            for pupil, some in orders.items()
        }


def _verdicts(subject: Subject, about: About, facts: Iterable[PupilFacts]) -> list[Verdict]:
    known = [each for each in facts if each.months]
    months = sorted({month for each in known for month in each.months})
    found = {month: over_collection(known, month=month) for month in months}
    return [
        verdict(
            OVER_COLLECTION,
            about,
            month,
            breaches,
            competent=subject.competent,
            causes=subject.causes,
        )
        for month, breaches in found.items()
        if breaches and subject.windows.judged(month)
    ]
