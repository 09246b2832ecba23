"""Tell which active institutions have a confirmed account, by the record as it is now."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date

from services.fund_monitor.domain.custody.custody import Filing
from services.fund_monitor.domain.custody.enrolment import Enrolled, place_of
from services.fund_monitor.domain.custody.supervision import ModeHistory
from services.fund_monitor.store.custody.filings import FilingStore
from services.fund_monitor.store.institutions import InstitutionReplica
from services.fund_monitor.store.ledger.account_events import AccountEventStore


async def custody_enrolment(
    where: Mapping[str, str],
    *,
    today: date,
    filings: FilingStore,
    events: AccountEventStore,
    institutions: InstitutionReplica,
) -> list[Enrolled]:
    """Return where each active institution stands, in order of id; a closed account is none."""
    confirmed = await filings.confirmed()
    accounts = [f.content.account for f in confirmed if f.content.account is not None]
    standings = await events.standings(accounts)
    filed: defaultdict[str, list[Filing]] = defaultdict(list)
    with_account: set[str] = set()
    for filing in confirmed:
        owner, account = filing.content.institution_id, filing.content.account
        filed[owner].append(filing)
        if account is not None and standings[account].closed is None:
            with_account.add(owner)
    return [
        Enrolled(
            institution_id=row["_id"],
            name=row["name"],
            kind=row["kind"],
            town=row["town"],
            competent_department=row["competent_department"],
            place=place_of(
                ModeHistory.of(filed[row["_id"]]).on(today),
                has_open_account=row["_id"] in with_account,
            ),
        )
        for row in await institutions.active(**where)
    ]
