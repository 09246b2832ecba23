"""What one transaction of posting will write, gathered account by account."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pymongo import InsertOne, UpdateOne

from services.fund_monitor.domain.banks.intake import Received
from services.fund_monitor.domain.ledger.allocation import Allocation
from services.fund_monitor.domain.ledger.booking import entry_of
from services.fund_monitor.domain.ledger.posting import Event, Outcome, resolve
from services.fund_monitor.domain.rules.over_collection import EASES
from services.fund_monitor.store.banks.outcomes import outcome_of_received, outcome_of_recorded
from services.fund_monitor.store.ledger.journal import Effects
from services.fund_monitor.store.ledger.unallocated import UnallocatedChanges
from services.fund_monitor.store.rows import (
    HISTORY_TYPES,
    event_of,
    event_row,
    outcome_fields,
    outcome_of,
    turns_of,
)
from shared.city_time import city_month
from shared.marks import FROM_THE_BEGINNING, mark
from shared.mongo import Row
from shared.telemetry.carried import MOST_TRACES


@dataclass(slots=True)
class Account:
    """An account while a batch is posted: what was known of it, and what the batch adds."""

    key: str
    row: Row | None
    opening: Event | None = None
    opening_body: Mapping[str, Any] | None = None
    totals: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    causes: list[str] = field(default_factory=list)
    months: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    """Pupils, or payments without one, of whom something was posted."""
    eased: set[str] = field(default_factory=set)
    """Pupils of whom something was posted with which no rule finds more than it did."""

    @property
    def opened(self) -> bool:
        return self.row is not None and self.row.get("opened_by") is not None

    @property
    def institution(self) -> str | None:
        return None if self.row is None else self.row.get("institution_code")


class Batch:
    """What one transaction will write."""

    def __init__(
        self,
        posting: str,
        fresh: dict[str, Received],
        rows: dict[str, Row],
        accounts: dict[str, Account],
        allocations: Mapping[str, Allocation],
    ) -> None:
        self._posting = posting
        self._fresh = fresh
        self._rows = rows
        self._accounts = accounts
        self._known = {key: (event_of(row), outcome_of(row)) for key, row in rows.items()}
        self.effects = Effects(posting)
        self.unallocated = UnallocatedChanges(allocations)
        self.writes: defaultdict[str, list[Any]] = defaultdict(list)
        self.told: list[Row] = []
        self.outcomes: dict[str, Outcome] = {}
        """Where the events stand of which that changes."""
        self._mine: defaultdict[str, list[Event]] = defaultdict(list)
        for one in fresh.values():
            self._mine[one.event.account].append(one.event)

    def settle(self, account: Account, in_play: Sequence[Event]) -> None:
        """Decide every event in play of one account, and write what changes."""
        events = {event.identity: event for event in (*self._mine[account.key], *in_play)}
        outcomes = resolve(events.values(), opened=account.opened, known=self._known)
        # What falls is written before what stands: both may touch one original.
        for identity in sorted(outcomes, key=lambda key: outcomes[key].state == "posted"):
            self._change(account, events[identity], outcomes[identity], events)
        self._write_account(account)

    def _change(
        self, account: Account, event: Event, outcome: Outcome, events: dict[str, Event]
    ) -> None:
        fresh = self._fresh.get(event.identity)
        row = None if fresh else self._rows[event.identity]
        before = None if row is None else outcome_of(row)
        if before == outcome:
            return
        self.outcomes[event.identity] = outcome
        turns = 0 if row is None else turns_of(row)
        was, now = before is not None and before.state == "posted", outcome.state == "posted"
        if was != now:
            turns += self._stand(account, event, events, turn=turns, standing=now)
        if fresh:
            made = event_row(fresh, outcome, posting=self._posting, turns=turns)
            self.writes["events"].append(InsertOne(made))
            self.told.append(outcome_of_received(fresh, outcome.state, outcome.reason))
        else:
            self.writes["events"].append(
                UpdateOne({"_id": event.identity}, {"$set": outcome_fields(outcome, turns=turns)})
            )
            self.told.append(outcome_of_recorded(self._rows[event.identity], outcome))
        # So that whoever asks how many there are need not count them.
        account.totals[outcome.state] += 1
        if before is not None:
            account.totals[before.state] -= 1
        account.totals["reversals"] += fresh is not None and event.reverses is not None

    def _stand(
        self,
        account: Account,
        event: Event,
        events: dict[str, Event],
        *,
        turn: int,
        standing: bool,
    ) -> bool:
        """Give a posted event its effect, or take it back from one that no longer stands.

        Tells whether that made an entry: an opening, for one, moves no money.
        """
        body = self._body(event)
        if event.type == "account_opened" and standing:
            account.opening, account.opening_body = event, body
        original = None
        if event.reverses is not None:
            original = events.get(event.reverses) or self._known[event.reverses][0]
        entry = entry_of(
            event,
            body,
            turn=turn,
            original=None if original is None else (original, self._body(original)),
        )
        if entry is None and event.type not in HISTORY_TYPES:
            return False
        account.causes.append(event.identity)
        account.months.add(city_month(event.occurred_at))
        if original is not None:
            account.months.add(city_month(original.occurred_at))
        if entry is None:
            return False
        # A reversal turns back what its original moved, not what was done with it since.
        deposit, stands = (event, standing) if original is None else (original, not standing)
        also = self.unallocated.change(deposit, self._body(deposit), stands=stands)
        for each in (entry, *([] if also is None else [also])):
            if each.name is not None:
                eases = each.type in EASES and each.sign > 0
                (account.eased if eases else account.names).add(each.name)
            self.effects.add(each)
        return True

    def _body(self, event: Event) -> Mapping[str, Any]:
        fresh = self._fresh.get(event.identity)
        return fresh.body if fresh else self._rows[event.identity]["body"]

    def _write_account(self, account: Account) -> None:
        """Touch the account with every batch, so that two processes cannot miss each other."""
        update: Row = {
            "$inc": {
                "version": 1,
                "entries": 0,
                **account.totals,
                **self.effects.accounts.get(account.key, {}),
            }
        }
        bank, _, account_no = account.key.partition("|")
        update["$setOnInsert"] = {"bank": bank, "account_no": account_no}
        if account.opening is not None and account.opening_body is not None:
            update["$set"] = {
                "opened_by": account.opening.identity,
                **{
                    name: account.opening_body[name]
                    for name in ("institution_code", "account_kind", "account_name", "agreement_no")
                },
            }
        self.writes["accounts"].append(UpdateOne({"_id": account.key}, update, upsert=True))

    def marks(self) -> list[InsertOne[Row]]:
        """Return the marks that make the judge look again."""
        found: list[InsertOne[Row]] = []
        for account in self._accounts.values():
            new: str | None = (account.opening_body or {}).get("institution_code")
            changed = new is not None and new != account.institution
            if not account.months and not changed:
                continue
            month = FROM_THE_BEGINNING if changed else min(account.months)
            causes = account.causes[:20] or [account.key]
            traces = self._traces(account)
            codes = {code for code in (new, account.institution) if code is not None}
            found.extend(
                mark(
                    "institution",
                    code,
                    month,
                    causes,
                    traces,
                    names=account.names,
                    eased=account.eased - account.names,
                    # Its payments are another institution's now: all of them are looked at.
                    everything=changed,
                )
                for code in sorted(codes)
            )
        return found

    def _traces(self, account: Account) -> list[str]:
        """Return the first traces in which this batch brought an account something."""
        mine = (self._fresh[event.identity].trace for event in self._mine[account.key])
        return list(dict.fromkeys(trace for trace in mine if trace))[:MOST_TRACES]
