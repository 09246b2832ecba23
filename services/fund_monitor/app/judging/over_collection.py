"""Judge what was collected at once, by what the bank's events tell of lessons and periods."""

from collections.abc import Iterable, Sequence

from services.fund_monitor.app.judging.assessor import Assessment, Subject, in_force, verdict
from services.fund_monitor.domain.rules.over_collection import (
    OVER_COLLECTION,
    PupilFacts,
    facts_of_pupil,
    over_collection,
)
from services.fund_monitor.store.pupils import PupilStore
from shared.alerts.model import About, Verdict
from shared.mongo import Session


class OverCollectionAssessor:
    """Looks anew at the pupils of whom something was posted, and at what is kept of the others."""

    rules = (OVER_COLLECTION,)

    def __init__(self, pupils: PupilStore) -> None:
        self._pupils = pupils

    async def assess(self, subject: Subject, session: Session) -> Assessment:
        """Judge a registered institution over all its accounts together."""
        about = subject.about
        if about is None:
            return Assessment()
        accounts = sorted(subject.accounts)
        changed = await self._pupils.changed(accounts, session=session)
        kept = await self._pupils.facts(subject.code, session=session)
        # An account that went over to another institution took its payments with it.
        moved = [name for name, (_, rest_on) in kept.items() if not rest_on <= {*accounts}]
        anew = await self._look_at(accounts, [*{*changed.names, *moved}], session)
        await self._pupils.keep(
            subject.code, anew, accounts=accounts, positions=changed.positions, session=session
        )
        facts = {name: each for name, (each, _) in kept.items()} | anew
        return Assessment(_verdicts(subject, about, facts.values()), more=changed.more)

    async def _look_at(
        self, accounts: Sequence[str], names: Sequence[str], session: Session
    ) -> dict[str, PupilFacts]:
        if not names:
            return {}
        orders = await self._pupils.orders(accounts, names, session=session)
        return {
            name: facts_of_pupil(o for o in some if in_force(OVER_COLLECTION, o.occurred_at))
            for name, some in orders.items()
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
