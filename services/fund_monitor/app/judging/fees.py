"""Judge filed contracts, and the payments known for them, by the fee rules."""

import hashlib
from collections.abc import Mapping, Sequence

from services.fund_monitor.app.judging.assessor import Assessment, Subject, verdict
from services.fund_monitor.domain.fees.fee_rules import FeeBook
from services.fund_monitor.domain.rules.fee_cards import BY_CODE, FEE_RULES
from services.fund_monitor.domain.rules.fee_groups import (
    FeeBreach,
    judge_group,
    judge_institution,
)
from services.fund_monitor.store.fees.fee_groups import MOST_AT_ONCE, FeeGroupStore
from services.fund_monitor.store.fees.fee_rules import FeeRuleStore
from shared.alerts.model import About, Verdict
from shared.mongo import Session

_EDITION = ",".join(f"{card.code}:{card.version}" for card in FEE_RULES)


class FeesAssessor:
    """Looks anew at the groups of contracts that were filed or paid for, and at what is kept.

    An institution that has filed no contract costs one look-up, and is not judged.
    """

    rules = FEE_RULES

    def __init__(self, groups: FeeGroupStore, dated: FeeRuleStore) -> None:
        self._groups = groups
        self._dated = dated

    async def assess(self, subjects: Sequence[Subject], session: Session) -> list[Assessment]:
        """Judge the institutions that have filed contracts."""
        known = {each.about.id: each for each in subjects if each.about is not None}
        filers = await self._groups.with_contracts(list(known), session=session)
        if not filers:
            return [Assessment() for _ in subjects]
        judged = {one: subject for one, subject in known.items() if one in filers}
        await self._look_at(judged, session)
        kept = await self._groups.kept(filers, session=session)
        return [
            Assessment(_verdicts(each, each.about, kept.get(each.about.id, ())))
            if each.about
            else Assessment()
            for each in subjects
        ]

    async def _look_at(self, judged: Mapping[str, Subject], session: Session) -> None:
        """Judge the groups of what was filed or paid, and keep what is found of them."""
        book = await self._dated.book(session=session)
        bases = {one: _basis(book, subject) for one, subject in judged.items()}
        unjudged, keys = await self._groups.unjudged(bases, session=session)
        owners = {account: one for one, each in judged.items() for account in each.accounts}
        names = {name for each in judged.values() for name in each.mark.names}
        if names:
            keys |= await self._groups.paid(owners, names, session=session)
        accounts = {one: sorted(subject.accounts) for one, subject in judged.items()}
        groups = await self._groups.groups(keys, accounts, session=session)
        found = {key: judge_group(group, book) for key, group in groups.items()}
        await self._groups.keep(found, session=session)
        await self._groups.judged(unjudged, session=session)
        if len(unjudged) == MOST_AT_ONCE:
            codes = {judged[each.institution_id].code for each in unjudged}
            await self._groups.go_on(codes, session=session)


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
