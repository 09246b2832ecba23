"""A city's money in a storm: what banks, institutions and officers send, and what it must come to.

The plain figures here are counted from what is sent and know nothing of the service.
"""

import json
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

Event = dict[str, Any]
BANK: Final = "alpha"
INSTITUTIONS: Final = 4
FROZEN, CLOSED, TAUGHT, PLAIN = range(INSTITUTIONS)
"""What is particular to each: one is frozen, one closed, of two refunds are asked for."""
PRICE_FEN, LESSONS = 120_000, 48
LESSON_FEN: Final = PRICE_FEN // LESSONS
LESSONS_TOLD: Final = 5
MOST_FILED: Final = 20
REFUNDED: Final = (TAUGHT, PLAIN)
DAYS_STATED: Final = (date(2026, 3, 9), date(2026, 3, 10))
_FIRST = date(2026, 3, 2)
_MONEY_IN: Final = frozenset({"opening_balance", "deposit", "refund_returned", "interest"})


def account_of(institution: int) -> str:
    return f"A{institution}"


def moment(day: date, hour: int = 9, minute: int = 0, second: int = 0) -> str:
    return f"{datetime.combine(day, time(hour, minute, second)).isoformat()}+08:00"


def lesson_of(number: int) -> tuple[datetime, datetime]:
    """Return when a contract's lesson began and ended; no two overlap."""
    began = datetime(2026, 4, 1, 10, tzinfo=UTC) + timedelta(days=number)
    return began, began + timedelta(minutes=45)


@dataclass
class Storm:
    """Everything that is sent, in three waves that follow each other.

    Within a wave there is no order: what a wave sends may rest on what the waves before it sent.
    """

    contracts: int
    seed: int = 5
    waves: list[list[Event]] = field(default_factory=lambda: [[], [], []])
    conflicts: list[Event] = field(default_factory=list)
    _serials: int = 0

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)  # noqa: S311 - a sample, not a secret
        for institution in range(INSTITUTIONS):
            self._account(institution)
            for number in range(self.contracts):
                self._contract(institution, f"C{number}", wave=number % 2)
        for institution in REFUNDED:
            self._event(
                institution, "refund", self.owed(institution), date(2026, 6, 28), wave=2,
                contract_no="C0", payee_class="student",
            )  # fmt: skip
        known = [one for one in self.waves[0] if one["type"] == "deposit"]
        for one in self._random.sample(known, len(known) // 20 + 1):
            self.conflicts.append({**one, "amount_fen": one["amount_fen"] + 1})

    @property
    def filed(self) -> int:
        """How many contracts of each institution are filed: banks name others as well."""
        return min(self.contracts, MOST_FILED)

    def openings(self) -> list[Event]:
        """Return what is sent before the storm: a statement must know its accounts."""
        return [
            {
                "type": "account_opened",
                "serial_no": f"open-{institution}",
                "account_no": account_of(institution),
                "occurred_at": moment(date(2026, 2, 16)),
                "institution_code": code_of(institution),
                "account_kind": "custody",
                "account_name": f"机构{institution}预收费资金托管专户",
                "agreement_no": "X-1",
            }
            for institution in range(INSTITUTIONS)
        ]

    def requests(self, wave: int) -> Iterator[list[Event]]:
        """Give a wave's events shuffled, some of them twice, in requests of uneven sizes."""
        events = self.waves[wave]
        again = self._random.sample(events, len(events) // 10)
        sent = [*events, *again]
        self._random.shuffle(sent)
        while sent:
            size = self._random.choice((1, 3, 25, 120))
            yield sent[:size]
            sent = sent[size:]

    def statement(self, day: date) -> bytes:
        """Return the bank's statement of a day: some lines are left out, some are otherwise."""
        lines = ["流水号,账号,日期,金额"]
        of_day = [one for one in self.everything() if one["occurred_at"].startswith(f"{day}")]
        for number, one in enumerate(sorted(of_day, key=lambda it: str(it["serial_no"]))):
            fen = signed_fen(one) + (7 if number % 11 == 5 else 0)
            if number % 9 != 4 and fen:
                lines.append(f"{one['serial_no']},{one['account_no']},{day},{fen / 100:.2f}")
        lines.append(f"bank-only-{day:%m%d},A0,{day},3.33")
        return "\n".join(lines).encode("gb18030")

    def everything(self) -> list[Event]:
        return [one for wave in self.waves for one in wave]

    def balances(self) -> dict[str, int]:
        sums: defaultdict[str, int] = defaultdict(int)
        for one in self.everything():
            sums[one["account_no"]] += signed_fen(one)
        return dict(sums)

    def paid(self, institution: int, contract: str) -> int:
        """Return what stands of what was paid for a contract."""
        return self._sum(institution, contract, "deposit") - self._sum(
            institution, contract, "reversal"
        )

    def released(self, institution: int, contract: str) -> int:
        return self._sum(institution, contract, "release")

    def lessons(self, institution: int) -> Sequence[tuple[str, int]]:
        """Return the lessons that an institution states: contract and number."""
        if institution != TAUGHT:
            return ()
        return [
            (f"C{number}", lesson) for number in range(self.filed) for lesson in range(LESSONS_TOLD)
        ]

    def owed(self, institution: int) -> int:
        """Return what the refund of the first contract comes to: paid less what is consumed."""
        consumed = self.released(institution, "C0")
        if institution == TAUGHT:
            known_from, _ = lesson_of(0)
            before = [one for one in self._of(institution, "C0", "release") if at(one) < known_from]
            consumed = sum(one["amount_fen"] for one in before) + LESSONS_TOLD * LESSON_FEN
        return self.paid(institution, "C0") - consumed

    def _sum(self, institution: int, contract: str, kind: str) -> int:
        return sum(int(one["amount_fen"]) for one in self._of(institution, contract, kind))

    def _of(self, institution: int, contract: str, kind: str) -> list[Event]:
        """Return a contract's events of a kind; a reversal names none and is its deposit's."""
        everything = self.everything()
        named = {one["serial_no"]: one.get("contract_no") for one in everything}
        return [
            one
            for one in everything
            if (one["account_no"], one["type"]) == (account_of(institution), kind)
            and named[one.get("reverses_serial_no", one["serial_no"])] == contract
        ]

    def _account(self, institution: int) -> None:
        self._event(institution, "opening_balance", 5_000_000, _FIRST, wave=0)
        for number in range(3):
            self._event(institution, "deposit", 1_000 + number, self._day(), wave=number % 2)
            self._event(institution, "fee", 15, self._day(), wave=number % 2)
            self._event(institution, "interest", 321, self._day(), wave=number % 2)
        if institution == FROZEN:
            self._event(institution, "account_frozen", None, date(2026, 5, 1), wave=0)
            self._event(institution, "account_unfrozen", None, date(2026, 5, 20), wave=1)
            self._event(institution, "withdrawal", 4_000, date(2026, 5, 8), wave=0)
        if institution == CLOSED:
            self._event(institution, "account_closed", None, date(2026, 6, 20), wave=1)
            self._event(institution, "deposit", 2_000, date(2026, 6, 22), wave=0)
            self._event(institution, "withdrawal", 900, date(2026, 6, 23), wave=0)

    def _contract(self, institution: int, contract: str, *, wave: int) -> None:
        day = self._day()
        self._event(
            institution, "deposit", PRICE_FEN, day, wave=wave, contract_no=contract, lessons="48.00"
        )
        for number in range(self._random.randint(0, 8)):
            on = min(day + timedelta(days=7 * number + 1), date(2026, 6, 18))
            self._event(
                institution, "release", LESSON_FEN, on, wave=wave, contract_no=contract,
                lessons="1.00",
            )  # fmt: skip
        wrong = self._event(institution, "deposit", 777, day, wave=wave, contract_no=contract)
        if self._random.random() < 0.7:
            self._event(
                institution, "reversal", 777, day, wave=wave, reverses_serial_no=wrong["serial_no"]
            )
        if contract != "C0" and self._random.random() < 0.3:
            refund = {"contract_no": contract, "payee_class": "student"}
            self._event(institution, "refund", 2_000, date(2026, 6, 1), wave=wave, **refund)
            returned = {"contract_no": contract}
            self._event(
                institution, "refund_returned", 500, date(2026, 6, 5), wave=wave, **returned
            )

    def _event(
        self, institution: int, kind: str, fen: int | None, day: date, *, wave: int, **more: object
    ) -> Event:
        self._serials += 1
        event: Event = {
            "type": kind,
            "serial_no": f"s{self._serials:06d}",
            "account_no": account_of(institution),
            # Ends of days and their beginnings, where a cut-over takes place.
            "occurred_at": moment(day, *self._random.choice([(0, 0, 0), (9, 30, 0), (23, 59, 59)])),
            **({} if fen is None else {"amount_fen": fen}),
            **more,
        }
        self.waves[wave].append(event)
        return event

    def _day(self) -> date:
        return _FIRST + timedelta(days=self._random.randint(0, 20))


def at(event: Event) -> datetime:
    return datetime.fromisoformat(event["occurred_at"])


def signed_fen(event: Event) -> int:
    """Return what an event adds to the balance; a reversal here is of a deposit."""
    fen = int(event.get("amount_fen", 0))
    return fen if event["type"] in _MONEY_IN else -fen


def code_of(institution: int) -> str:
    return ("52330481MJ000001XJ", "52330481MJ000002XH", "52330481MJ000003XF", "52330481MJ000004XD")[
        institution
    ]


def body_of(events: Sequence[Event]) -> str:
    return json.dumps({"events": list(events)}, ensure_ascii=False)
