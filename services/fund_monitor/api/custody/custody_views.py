"""How a filed account is shown: what was filed, and how it stands by the bank's events."""

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, Field

from services.fund_monitor.domain.custody.custody import (
    AccountKind,
    Filing,
    FilingState,
    Mode,
    Standing,
)


class OpeningView(BaseModel):
    """The opening balance as the bank tells it and as it is confirmed."""

    state: Literal["none", "unconfirmed", "awaited", "agrees", "differs"] = Field(
        description="none：两者皆无；unconfirmed：待主管部门确认；awaited：待银行报送"
    )
    reported_fen: int | None = None
    confirmed_fen: int | None = None


class StandingView(BaseModel):
    """How the account stands by the bank's events; no figures where no bank has opened it."""

    opened_at: datetime | None = None
    closed_at: datetime | None = None
    balance_fen: int | None = None
    frozen_fen: int | None = None
    available_fen: int | None = None
    opening_balance: OpeningView


class FilingVersionView(BaseModel):
    """A filing as it was at one version."""

    version: int
    state: FilingState
    mode: Mode
    bank: str | None = None
    account_no: str | None = None
    account_name: str | None = None
    account_kind: AccountKind | None = None
    agreement_no: str | None = None
    replaces: str | None = None
    filed_on: date
    filed_at: datetime
    decided_at: datetime | None = None
    reason: str | None = None
    confirmed_opening_fen: int | None = None


class CustodyAccountView(FilingVersionView):
    """A filing as it is now, with how its account stands."""

    account_id: str
    institution_id: str
    status: Literal["filed", "refused", "confirmed", "frozen", "closed"]
    standing: StandingView


class CustodyAccountHistory(CustodyAccountView):
    """A filing with its versions, the newest first."""

    history: list[FilingVersionView]


def account_view(filing: Filing, standing: Standing, balance_fen: int | None) -> CustodyAccountView:
    """Return a filing as it is shown, with how its account stands."""
    frozen_fen = None if balance_fen is None else standing.frozen_fen(balance_fen)
    available_fen = None
    if balance_fen is not None and frozen_fen is not None:
        available_fen = balance_fen - frozen_fen
    return CustodyAccountView(
        **version_view(filing).model_dump(),
        account_id=filing.account_id,
        institution_id=filing.content.institution_id,
        status=_status(filing, standing),
        standing=StandingView(
            opened_at=None if standing.opened is None else standing.opened.occurred_at,
            closed_at=None if standing.closed is None else standing.closed.occurred_at,
            balance_fen=balance_fen,
            frozen_fen=frozen_fen,
            available_fen=available_fen,
            opening_balance=_opening(filing, standing),
        ),
    )


def _status(
    filing: Filing, standing: Standing
) -> Literal["filed", "refused", "confirmed", "frozen", "closed"]:
    if filing.state != "confirmed":
        return filing.state
    if standing.closed is not None:
        return "closed"
    return "frozen" if standing.in_force else "confirmed"


def _opening(filing: Filing, standing: Standing) -> OpeningView:
    reported = None if standing.opening_balance is None else standing.opening_balance.amount_fen
    confirmed = None if filing.opening is None else filing.opening.amount_fen
    if confirmed is None:
        return OpeningView(
            state="none" if reported is None else "unconfirmed", reported_fen=reported
        )
    if reported is None:
        return OpeningView(state="awaited", confirmed_fen=confirmed)
    return OpeningView(
        state="agrees" if reported == confirmed else "differs",
        reported_fen=reported,
        confirmed_fen=confirmed,
    )


def version_view(filing: Filing) -> FilingVersionView:
    """Return what one version of a filing says."""
    content = filing.content
    return FilingVersionView(
        version=filing.version,
        state=filing.state,
        mode=content.mode,
        bank=content.bank,
        account_no=content.account_no,
        account_name=content.account_name,
        account_kind=content.account_kind,
        agreement_no=content.agreement_no,
        replaces=content.replaces,
        filed_on=filing.filed_on,
        filed_at=filing.filed_at,
        decided_at=filing.decided_at,
        reason=filing.reason,
        confirmed_opening_fen=None if filing.opening is None else filing.opening.amount_fen,
    )
