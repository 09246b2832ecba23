"""An independent, slow and simple ledger and judge: what the sample's raw events must come to.

It knows nothing of how the sample was made: it reads the bodies in the order of sending.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import pairwise

from chinese_calendar import is_workday
from dateutil.relativedelta import relativedelta

from deploy.demo.sample.funds.faults import canonical
from deploy.demo.sample.model import Bank, Body, Outcome, Sample, Sending, Trouble
from shared.city_time import CITY_TIME

IN = {"opening_balance", "deposit", "refund_returned", "interest"}
OUT = {"release", "refund", "withdrawal", "judicial_deduction", "fee"}
UNCONSUMED = {"opening_balance", "deposit", "refund_returned", "release", "refund"}
AS_OF = datetime(2026, 6, 30, 18, tzinfo=CITY_TIME)
LESSONS = 60
LEVELS = ("yellow", "red")

AccountKey = tuple[str, str]
Identity = tuple[str, ...]


@dataclass
class Ledger:
    """What became of every identity, and what is posted."""

    outcome: dict[Identity, Outcome] = field(default_factory=dict)
    bodies: dict[Identity, tuple[Bank, Body]] = field(default_factory=dict)
    conflicts: set[tuple[Identity, str]] = field(default_factory=set)
    refused: set[tuple[str, str]] = field(default_factory=set)
    sent: int = 0

    def posted(self) -> Iterator[tuple[Identity, Bank, Body]]:
        for identity, (bank, body) in self.bodies.items():
            if self.outcome[identity] is Outcome.POSTED:
                yield identity, bank, body

    def figures(self) -> dict[str, int]:
        states = list(self.outcome.values())
        figures = {
            "accepted": len(states),
            "posted": states.count(Outcome.POSTED),
            "parked": states.count(Outcome.PARKED),
            "set_aside": states.count(Outcome.SET_ASIDE),
            "refused": len(self.refused),
            "conflict": len(self.conflicts),
        }
        seen = figures["accepted"] + figures["refused"] + figures["conflict"]
        return {**figures, "duplicate": self.sent - seen}


def settle(sendings: Iterable[Sending]) -> Ledger:
    """Take every event in and decide what becomes of it."""
    ledger = Ledger()
    for sending in sendings:
        ledger.sent += 1
        _take_in(ledger, sending)
    openings: set[AccountKey] = set()
    opened = {
        (bank.code, body["account_no"])
        for bank, body in ledger.bodies.values()
        if body["type"] == "account_opened"
    }
    for identity, (bank, body) in ledger.bodies.items():
        account = (bank.code, str(body["account_no"]))
        if account not in opened:
            ledger.outcome[identity] = Outcome.PARKED
        elif body["type"] == "reversal":
            ledger.outcome[identity] = _reversal(ledger, bank, body)
        elif body["type"] == "opening_balance" and account in openings:
            ledger.outcome[identity] = Outcome.SET_ASIDE
        else:
            ledger.outcome[identity] = Outcome.POSTED
        if body["type"] == "opening_balance":
            openings.add(account)
    return ledger


def _take_in(ledger: Ledger, sending: Sending) -> None:
    # What is malformed is the door's schema to say; a test holds the labels against it.
    if sending.outcome is Outcome.REFUSED or (
        (sending.bank.code, canonical(sending.body)) in ledger.refused
    ):
        ledger.refused.add((sending.bank.code, canonical(sending.body)))
        return
    identity = identity_of(sending.bank, sending.body)
    known = ledger.bodies.setdefault(identity, (sending.bank, sending.body))
    if digest(known[1]) != digest(sending.body):
        ledger.conflicts.add((identity, digest(sending.body)))


def identity_of(bank: Bank, body: Body, *, prefix: str = "") -> Identity:
    names = (f"{prefix}serial_no", *(f"{prefix}{name}" for name in bank.identity_fields))
    return (bank.code, str(body["account_no"]), *(str(body[name]) for name in names))


def digest(body: Body) -> str:
    at = datetime.fromisoformat(str(body["occurred_at"]))
    return canonical({**body, "occurred_at": int(at.timestamp() * 1000)})


def _reversal(ledger: Ledger, bank: Bank, body: Body) -> Outcome:
    original = ledger.bodies.get(identity_of(bank, body, prefix="reverses_"))
    if original is None:
        return Outcome.PARKED
    same = original[1]["amount_fen"] == body["amount_fen"]
    return Outcome.POSTED if same else Outcome.SET_ASIDE


def effects(ledger: Ledger, bank: Bank, body: Body) -> tuple[int, int]:
    """Return what a posted event adds to the balance and to the unconsumed value."""
    if body["type"] == "reversal":
        _, original = ledger.bodies[identity_of(bank, body, prefix="reverses_")]
        balance, unconsumed = effects(ledger, bank, original)
        return -balance, -unconsumed
    sign = (body["type"] in IN) - (body["type"] in OUT)
    amount = sign * int(body.get("amount_fen", 0))
    own = body["type"] == "deposit" and "lessons" not in body
    return amount, amount if body["type"] in UNCONSUMED and not own else 0


def balances(ledger: Ledger) -> dict[AccountKey, int]:
    found: dict[AccountKey, int] = {}
    for _, bank, body in ledger.posted():
        key = (bank.code, str(body["account_no"]))
        found[key] = found.get(key, 0) + effects(ledger, bank, body)[0]
    return found


# --- what the money says -------------------------------------------------------------------------

Alert = tuple[str, str, str]
"""Rule, what it is about (an institution's code or an account number), month."""


Event = tuple[datetime, Bank, Body]
Move = tuple[datetime, int, int]


def expected_alerts(sample: Sample, ledger: Ledger) -> dict[Alert, str]:
    """Return the level of every alert that the sample must raise."""
    institutions = sample.city.institutions
    revoked = {i.uscc for i in institutions if i.trouble is Trouble.REVOKED}
    return alerts(
        ledger,
        revoked=dict.fromkeys(revoked, sample.revoked_on),
        known={i.uscc for i in institutions if i.registered},
    )


def alerts(ledger: Ledger, *, revoked: dict[str, date], known: set[str]) -> dict[Alert, str]:
    """Return the level of every alert that the record supports."""
    found: dict[Alert, str] = {}
    for identity, _ in ledger.conflicts:
        bank, body = ledger.bodies[identity]
        raise_alert(found, ("conflict", bank.code, str(body["occurred_at"])[:7]), "yellow")
    _judge_accounts(found, ledger, known=known)
    for code, events in _custody_events(ledger).items():
        _judge_right_to_money(found, events, since=revoked.get(code), known=code in known)
        if code in known:
            _judge_coverage(found, code, [(at, *effects(ledger, b, e)) for at, b, e in events])
            _judge_collection(found, code, _standing_orders(events))
    return found


def _judge_accounts(found: dict[Alert, str], ledger: Ledger, *, known: set[str]) -> None:
    """No account of the sample is ever closed, and none is filed."""
    openings: dict[str, list[str]] = defaultdict(list)
    for _, _, body in ledger.posted():
        month = f"{datetime.fromisoformat(str(body['occurred_at'])).astimezone(CITY_TIME):%Y-%m}"
        if body["type"] in {"account_frozen", "judicial_deduction"}:
            raise_alert(found, ("frozen", str(body["account_no"]), month), "red")
        if body["type"] == "account_opened" and body["account_kind"] == "custody":
            openings[str(body["institution_code"])].append(month)
    for code, months in openings.items():
        for month in sorted(months)[1:] if code in known else ():
            raise_alert(found, ("second account", code, month), "red")
    _judge_freezes(found, ledger)


def _judge_freezes(found: dict[Alert, str], ledger: Ledger) -> None:
    """No freeze of the sample is one of several, and a court takes only of what is frozen whole."""
    accounts: dict[AccountKey, list[Event]] = defaultdict(list)
    for _, bank, body in ledger.posted():
        at = datetime.fromisoformat(str(body["occurred_at"])).astimezone(CITY_TIME)
        accounts[bank.code, str(body["account_no"])].append((at, bank, body))
    for (_, account_no), events in accounts.items():
        undone = _undone(events)
        frozen, balance = 0, 0
        for at, bank, body in sorted(events, key=lambda each: each[0]):
            if body["type"] == "reversal" or identity_of(bank, body) in undone:
                continue
            balance += effects(ledger, bank, body)[0]
            if body["type"] == "account_frozen":
                frozen = int(body.get("frozen_fen", 10**15))
            elif body["type"] == "account_unfrozen":
                frozen = 0
            elif body["type"] in OUT - {"judicial_deduction"} and frozen and balance < frozen:
                raise_alert(found, ("left while frozen", account_no, f"{at:%Y-%m}"), "red")


def moves(ledger: Ledger) -> dict[str, list[Move]]:
    """Return what moved each institution's balance and unconsumed value, in order of time."""
    return {
        code: [(at, *effects(ledger, bank, body)) for at, bank, body in events]
        for code, events in _custody_events(ledger).items()
    }


def _custody_events(ledger: Ledger) -> dict[str, list[Event]]:
    owners = _owners(ledger)
    events: dict[str, list[Event]] = defaultdict(list)
    for _, bank, body in ledger.posted():
        code, kind = owners[bank.code, str(body["account_no"])]
        at = datetime.fromisoformat(str(body["occurred_at"])).astimezone(CITY_TIME)
        if kind == "custody":
            events[code].append((at, bank, body))
    return {code: sorted(found, key=lambda each: each[0]) for code, found in events.items()}


def _judge_right_to_money(
    found: dict[Alert, str], events: list[Event], *, since: date | None, known: bool
) -> None:
    for at, _, body in events:
        wrong = not known or (since is not None and at.date() >= since)
        if wrong and body["type"] in {"deposit", "opening_balance"}:
            raise_alert(found, ("unknown", str(body["account_no"]), f"{at:%Y-%m}"), "red")


def _undone(events: list[Event]) -> set[Identity]:
    return {
        identity_of(bank, body, prefix="reverses_")
        for _, bank, body in events
        if body["type"] == "reversal"
    }


def _standing_orders(events: list[Event]) -> list[tuple[datetime, Body]]:
    undone = _undone(events)
    return [
        (at, body)
        for at, bank, body in events
        if body["type"] == "deposit" and "lessons" in body
        if identity_of(bank, body) not in undone
    ]


COMPETENT = {
    "subject": "education",
    "culture_arts": "culture_tourism_sports",
    "sports": "culture_tourism_sports",
    "science_tech": "science_tech",
}


def by_department(sample: Sample, found: dict[Alert, str]) -> dict[str, dict[str, int]]:
    """Return how many alerts of each level each department must receive."""
    leads = {
        name: COMPETENT[institution.kind] if institution.registered else "education"
        for account in sample.city.accounts
        for institution in [account.institution]
        for name in (institution.uscc, account.account_no)
    }
    counts: dict[str, dict[str, int]] = {}
    for (_, about, _), level in found.items():
        for department in {leads.get(about, "pboc"), "pboc", "cbirc", "finance_office"}:
            counts.setdefault(department, {"yellow": 0, "red": 0})[level] += 1
    return dict(sorted(counts.items()))


def raise_alert(found: dict[Alert, str], alert: Alert, level: str) -> None:
    found[alert] = max(found.get(alert, level), level, key=LEVELS.index)


def _owners(ledger: Ledger) -> dict[AccountKey, tuple[str, str]]:
    return {
        (bank.code, str(body["account_no"])): (
            str(body["institution_code"]),
            str(body["account_kind"]),
        )
        for _, bank, body in ledger.posted()
        if body["type"] == "account_opened"
    }


def level_of(balance: int, unconsumed: int) -> str | None:
    gap = unconsumed - balance
    if gap > 5_000_000 or balance * 10 < unconsumed * 9:
        return "red"
    return "yellow" if gap > max(unconsumed * 0.005, 50_000) else None


def _judge_coverage(
    found: dict[Alert, str], code: str, moves: list[tuple[datetime, int, int]]
) -> None:
    ends = list(_day_ends(moves))
    for day, balance, unconsumed in ends:
        if level_of(balance, unconsumed) == "red":
            raise_alert(found, ("coverage", code, f"{day:%Y-%m}"), "red")
    banking = [each for each in ends if is_workday(each[0])]
    for before, after in pairwise(banking):
        if level_of(*before[1:]) and level_of(*after[1:]):
            raise_alert(found, ("coverage", code, f"{after[0]:%Y-%m}"), "yellow")


def _day_ends(moves: list[tuple[datetime, int, int]]) -> Iterator[tuple[date, int, int]]:
    day = moves[0][0].date()
    while day <= AS_OF.date():
        end = datetime.combine(day + timedelta(days=1), time(), CITY_TIME)
        past = [each for each in moves if each[0] < end]
        yield day, sum(each[1] for each in past), sum(each[2] for each in past)
        day += timedelta(days=1)


def _judge_collection(
    found: dict[Alert, str], code: str, orders: list[tuple[datetime, Body]]
) -> None:
    over: list[tuple[datetime, str]] = []
    sums: dict[str, float] = defaultdict(float)
    for at, body in orders:
        alert = ("collection", code, f"{at:%Y-%m}")
        pupil = str(body.get("student_ref") or body["contract_no"])
        sums[pupil] += float(body["lessons"])
        first = date.fromisoformat(str(body["period_from"]))
        last = date.fromisoformat(str(body["period_until"]))
        if float(body["lessons"]) > LESSONS or last >= first + relativedelta(months=3):
            raise_alert(found, alert, "yellow")
            over.append((at, pupil))
            if len(_lately(over, at)) >= 5:
                raise_alert(found, alert, "red")
        if sums[pupil] > LESSONS * 1.5:
            raise_alert(found, alert, "red")


def _lately(over: list[tuple[datetime, str]], at: datetime) -> set[str]:
    return {pupil for when, pupil in over if when > at - timedelta(days=30)}
