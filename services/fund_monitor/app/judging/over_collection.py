"""Judge what was collected at once, by what the bank's events tell of lessons and periods."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from services.fund_monitor.app.judging.assessor import Assessment, Subject, in_force, verdict
from services.fund_monitor.domain.rules.over_collection import (
    OVER_COLLECTION,
    PupilFacts,
    facts_of_pupil,
    over_collection,
)
from services.fund_monitor.store.contracts.pupils import Kept, Pupil, PupilStore
from shared.mongo import Session


class OverCollectionAssessor:
    """Looks anew at the pupils of whom something was posted, and at what is kept of the others."""

    rules = (OVER_COLLECTION,)

    def __init__(self, pupils: PupilStore) -> None:
        self._pupils = pupils

    async def assess(self, subjects: Sequence[Subject], session: Session) -> list[Assessment]:
        """Judge registered institutions, each over all its accounts together."""
        codes = {account: subject.code for subject in subjects for account in subject.accounts}
        kept = await self._pupils.facts([subject.code for subject in subjects], session=session)
        # An account that went over to another institution took its payments with it.
        pupils = {
            pupil
            for pupil, each in kept.items()
            if any(codes.get(account) != pupil[0] for account in each.accounts)
        }
        for subject in subjects:
            pupils |= await self._concerned(subject, kept, session)
        anew = await self._look_at(codes, pupils, session)
        changed = {
            pupil: each
            for pupil, each in anew.items()
            if (pupil in kept or each.facts.months) and kept.get(pupil) != each
        }
        await self._pupils.keep(changed, session=session)
        facts: defaultdict[str, list[PupilFacts]] = defaultdict(list)
        for (code, _), each in (kept | anew).items():
            facts[code].append(each.facts)
        return [_assessment(subject, facts[subject.code]) for subject in subjects]

    async def _concerned(
        self, subject: Subject, kept: Mapping[Pupil, Kept], session: Session
    ) -> set[Pupil]:
        """Return the pupils of whom something may be found now that was not, or no longer is."""
        mark = subject.mark
        if mark.everything:
            every = mark.names | await self._pupils.names(subject.accounts, session=session)
            return {(subject.code, name) for name in every}
        named = {(subject.code, name) for name in mark.names - mark.eased}
        return named | {(subject.code, name) for name in mark.eased} & kept.keys()

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


def _assessment(subject: Subject, facts: Iterable[PupilFacts]) -> Assessment:
    about = subject.about
    if about is None:
        return Assessment()
    known = [each for each in facts if each.months]
    months = sorted({month for each in known for month in each.months})
    found = {month: over_collection(known, month=month) for month in months}
    return Assessment(
        [
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
    )
