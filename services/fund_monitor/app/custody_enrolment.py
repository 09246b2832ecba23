"""Tell which active institutions have a confirmed account, by the record as it is now."""

from collections import defaultdict
from collections.abc import Mapping

from services.fund_monitor.domain.enrolment import Enrolled, place_of
from services.fund_monitor.store.account_events import AccountEventStore
from services.fund_monitor.store.filings import FilingStore
from services.fund_monitor.store.institutions import InstitutionReplica


async def custody_enrolment(
    where: Mapping[str, str],
    *,
    filings: FilingStore,
    events: AccountEventStore,
    institutions: InstitutionReplica,
) -> list[Enrolled]:
    """Return where each active institution stands, in order of id; a closed account is none."""
    confirmed = await filings.confirmed()
    accounts = [f.content.account for f in confirmed if f.content.account is not None]
    standings = await events.standings(accounts)
    modes: defaultdict[str, list[str]] = defaultdict(list)
    for filing in confirmed:
        account = filing.content.account
        if account is None or standings[account].closed is None:
            modes[filing.content.institution_id].append(filing.content.mode)
    return [
        Enrolled(
            institution_id=row["_id"],
            name=row["name"],
            kind=row["kind"],
            town=row["town"],
            competent_department=row["competent_department"],
            place=place_of(modes[row["_id"]]),
        )
        for row in await institutions.active(**where)
    ]
