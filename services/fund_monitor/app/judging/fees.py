"""Judge filed contracts, and the payments known for them, by the fee rules."""

import hashlib
from collections.abc import Mapping, Sequence
from functools import partial

from services.fund_monitor.app.judging.assessor import Assessment, Round, Subject, verdict
from services.fund_monitor.domain.fee_rules import FeeBook
from services.fund_monitor.domain.rules.fee_cards import BY_CODE, FEE_RULES
from services.fund_monitor.domain.rules.fee_groups import (
    FeeBreach,
    judge_group,
    judge_institution,
)
from services.fund_monitor.store.fee_groups import MOST_AT_ONCE, FeeGroupStore, GroupKey
from services.fund_monitor.store.fee_rules import FeeRuleStore
from services.fund_monitor.store.pupils import PupilStore
from shared.alerts.model import About, Verdict
from shared.mongo import Session

_EDITION = ",".join(f"{card.code}:{card.version}" for card in FEE_RULES)


class FeesAssessor:
    """Looks anew at the groups of contracts that were filed or paid for, and at what is kept.

    An institution that has filed no contract costs one look-up, and is not judged.
    """

    rules = FEE_RULES

    def __init__(self, groups: FeeGroupStore, dated: FeeRuleStore, pupils: PupilStore) -> None:
        self._groups = groups
        self._dated = dated
        self._pupils = pupils

    async def assess(self, subjects: Sequence[Subject], session: Session) -> Round:
        """Judge the institutions that have filed contracts."""
        known = {
            each.registration.institution_id: each
            for each in subjects
            if each.registration is not None
        }
        filers = await self._groups.with_contracts(list(known), session=session)
        if not filers:
            return Round([Assessment() for _ in subjects])
        book = await self._dated.book(session=session)
        judged = {one: subject for one, subject in known.items() if one in filers}
        bases = {one: _basis(book, subject) for one, subject in judged.items()}
        unjudged, keys = await self._groups.unjudged(bases, session=session)
        keys |= await self._paid(judged, known, session)
        accounts = {one: sorted(subject.accounts) for one, subject in judged.items()}
        groups = await self._groups.groups(keys, accounts, session=session)
        await self._groups.keep(
            {key: judge_group(group, book) for key, group in groups.items()}, session=session
        )
        kept = await self._groups.kept(filers, session=session)
        return Round(
            [
                Assessment(_verdicts(each, each.about, kept.get(each.about.id, ())))
                if each.about
                else Assessment()
                for each in subjects
            ],
            more=len(unjudged) == MOST_AT_ONCE,
            committed=partial(self._groups.judged, unjudged),
        )

    async def _paid(
        self, judged: Mapping[str, Subject], known: Mapping[str, Subject], session: Session
    ) -> set[GroupKey]:
        """Return the groups whose positions have changed: the same that are looked at of pupils.

        Those are cleared when this transaction is committed, so these must be no fewer.
        """
        accounts = {account for each in known.values() for account in each.accounts}
        owners = {account: one for one, each in judged.items() for account in each.accounts}
        changed = await self._pupils.changed(accounts, session=session)
        return await self._groups.paid(
            {
                (owners[each.account], each.key.removeprefix(f"{each.account}|"))
                for each in changed
                if each.account in owners
            },
            session=session,
        )


def _basis(book: FeeBook, subject: Subject) -> str:
    """Return what a judgement rests on besides contracts and their money, as a digest."""
    told = "\n".join([_EDITION, book.edition, *sorted(subject.accounts)])
    return hashlib.sha256(told.encode()).hexdigest()[:32]


def _verdicts(subject: Subject, about: About, known: Sequence[FeeBreach]) -> list[Verdict]:
    return [
        verdict(
            BY_CODE[rule],
            about,
            month,
            [breach],
            competent=subject.competent,
            causes=subject.causes,
        )
        for (rule, month), breach in judge_institution(known).items()
        if subject.windows.judged(month)
    ]
