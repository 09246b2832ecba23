"""Add a bank, with a signing secret that is shown once."""

from dataclasses import replace
from datetime import datetime

from services.fund_monitor.domain.banks.bank import Bank
from services.fund_monitor.store.banks.banks import BankStore
from shared.audit.log import Who
from shared.mongo import Session
from shared.sealing import Sealer
from shared.senders.signing import new_signing_secret, sealed_secret


async def add_bank(
    bank: Bank, *, banks: BankStore, sealer: Sealer, who: Who, now: datetime, session: Session
) -> str:
    """Add a bank in the caller's transaction and return its signing secret."""
    secret = new_signing_secret()
    made = replace(bank, secrets=(sealed_secret(secret, sealer),))
    await banks.add(made, who=who, now=now, session=session)
    return secret
