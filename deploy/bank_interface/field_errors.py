"""The numbers of what may be wrong with a field, each with a sample that the door itself judges."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from deploy.bank_interface import fields
from services.fund_monitor.api.banks.door import events_in
from services.fund_monitor.app.banks.check_events import check_events
from shared.contracts.bank import MOST_FEN, AccountOpened, Deposit
from shared.errors import Malformed

_NOW: Final = datetime(2026, 3, 3, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class FieldError:
    """One number with an event that is wrong in just this way."""

    number: str
    pointer: str
    event: object
    declared: tuple[str, ...] = ()

    @property
    def detail(self) -> str:
        """Return what the door says of the sample."""
        [checked] = check_events([self.event], bank="bank", declared=self.declared, now=_NOW)
        found = [] if checked.problem is None else checked.problem.errors
        [error] = [error for error in found if error.pointer == self.pointer]
        return error.detail


@dataclass(frozen=True, slots=True)
class BodyError:
    """One number with a body of which no event can be read."""

    number: str
    body: bytes

    @property
    def detail(self) -> str:
        """Return what the door says of the sample."""
        return _refusal(lambda: events_in(self.body))


def _refusal(act: Callable[[], object]) -> str:
    try:
        act()
    except Malformed as refusal:
        return str(refusal)
    raise AssertionError("the sample is to be refused")


def _deposit(**change: object) -> dict[str, Any]:
    return {**fields.example_of(Deposit), **change}


def _opened(**change: object) -> dict[str, Any]:
    return {**fields.example_of(AccountOpened), **change}


FIELD_ERRORS: Final = (
    FieldError("E2001", "/serial_no", _deposit(serial_no=None)),
    FieldError("E2002", "/payer_name", _deposit(payer_name="x")),
    FieldError("E2003", "/amount_fen", _deposit(amount_fen="240000")),
    FieldError("E2004", "/serial_no", _deposit(serial_no=17)),
    FieldError("E2005", "/serial_no", _deposit(serial_no="17/3")),
    FieldError("E2006", "/account_name", _opened(account_name="户" * 65)),
    FieldError("E2007", "/account_name", _opened(account_name="")),
    FieldError("E2008", "/amount_fen", _deposit(amount_fen=0)),
    FieldError("E2009", "/amount_fen", _deposit(amount_fen=MOST_FEN + 1)),
    FieldError("E2010", "/course_kind", _deposit(course_kind="music")),
    FieldError("E2011", "/", _deposit(type="transfer")),
    FieldError("E2012", "/", _deposit(type=None)),
    FieldError("E2013", "/occurred_at", _deposit(occurred_at="2026-03-02")),
    FieldError("E2014", "/occurred_at", _deposit(occurred_at="2026-03-02T25:00:00+08:00")),
    FieldError("E2015", "/occurred_at", _deposit(occurred_at="2026-03-02T09:30:00")),
    FieldError("E2016", "/occurred_at", _deposit(occurred_at="1999-03-02T09:30:00+08:00")),
    FieldError("E2017", "/booked_on", _deposit(booked_on="20260302")),
    FieldError("E2018", "/booked_on", _deposit(booked_on="2026-02-30")),
    FieldError("E2019", "/booked_on", _deposit(booked_on="1999-03-02")),
    FieldError("E2020", "/lessons", _deposit(lessons=48)),
    FieldError("E2021", "/", _deposit(period_from="2026-03-02", period_until="2026-03-01")),
    FieldError("E2022", "/booked_on", _deposit(), ("booked_on",)),
    FieldError("E2023", "/occurred_at", _deposit(occurred_at="2026-03-04T09:30:00+08:00")),
    FieldError("E2024", "/", 17),
)
BODY_ERRORS: Final = (
    BodyError("E2101", b"{"),
    BodyError("E2102", b"[]"),
    BodyError("E2103", b'{"events": [], "bank": "x"}'),
    BodyError("E2104", b'{"events": []}'),
)
