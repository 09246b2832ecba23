"""Judge whether money is released in step and in proportion with the lessons held."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from services.fund_monitor.app.judging.assessor import Assessment, Subject, verdict
from services.fund_monitor.domain.lessons.contract_book import (
    ContractBook,
)
from services.fund_monitor.domain.lessons.matching import (
    Deadlines,
    Difference,
    differences,
    more_than_present,
    next_look,
)
from services.fund_monitor.domain.rules.limits import RELEASE_WORKING_DAYS
from services.fund_monitor.domain.rules.releases import (
    LESSON_MISMATCH,
    UNMATCHED_RELEASE,
    breaches_by_month,
    rule_of,
)
from services.fund_monitor.store.lessons.matching import MatchStore
from shared.city_time import city_date
from shared.mongo import Session
from shared.working_days import WorkingDays


class ReleaseAssessor:
    """Looks at institutions whose lessons are known, from the first day of them on."""

    rules = (UNMATCHED_RELEASE, LESSON_MISMATCH)

    def __init__(self, matches: MatchStore, calendar: WorkingDays) -> None:
        self._matches = matches
        self._calendar = calendar

    async def assess(self, subjects: Sequence[Subject], session: Session) -> list[Assessment]:
        """Judge those of whom any lesson was told, one after another."""
        abouts = [subject.about.id for subject in subjects if subject.about is not None]
        told = await self._matches.told_of(abouts, session=session)
        return [
            await self._institution(subject, session)
            if subject.about is not None and subject.about.id in told
            else Assessment()
            for subject in subjects
        ]

    async def _institution(self, subject: Subject, session: Session) -> Assessment:
        """Judge all contracts of a registered institution over its custody accounts."""
        about = subject.about
        if about is None:
            return Assessment()
        since = await self._matches.known_from(about.id, session=session)
        books = await self._matches.books(
            about.id, subject.custody_accounts, since=since, session=session
        )
        deadlines = deadlines_of(books, self._calendar, now=subject.now)
        found = [one for book in books for one in differences(book, deadlines)]
        found += [
            more_than_present(full.session_id, full.ended_at)
            for full in await self._matches.over_full(about.id, session=session)
        ]
        verdicts = [
            verdict(
                rule, about, month, breaches, competent=subject.competent, causes=subject.causes
            )
            for rule in self.rules
            for month, breaches in breaches_by_month(rule, _in_force(found)).items()
            if subject.windows.judged(month)
        ]
        return Assessment(verdicts, next_look(books, deadlines))


def deadlines_of(
    books: Iterable[ContractBook], calendar: WorkingDays, *, now: datetime
) -> Deadlines:
    """Return until when the fee of each day's lessons should be released."""
    days = {city_date(one.consumed_at) for book in books for one in book.taught}
    counted = {day: calendar.deadline(day, days=RELEASE_WORKING_DAYS) for day in days}
    return Deadlines(now, {day: one.at for day, one in counted.items() if not one.provisional})


def _in_force(found: Iterable[Difference]) -> list[Difference]:
    return [one for one in found if rule_of(one.kind).article.applies_on(city_date(one.at))]
