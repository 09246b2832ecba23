"""Add a bank, with a signing secret that is shown once."""

import base64
import secrets

from services.fund_monitor.store.banks import BankStore
from shared.sealing import Sealer

_SECRET_BYTES = 32


async def add_bank(
    code: str, *, name: str, identity_fields: tuple[str, ...], banks: BankStore, sealer: Sealer
) -> str:
    """Add a bank and return its signing secret."""
    secret = "whsec_" + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()
    await banks.add(
        code, name=name, identity_fields=identity_fields, sealed_secret=sealer.seal(secret)
    )
    return secret
