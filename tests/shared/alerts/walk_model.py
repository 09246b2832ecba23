"""A model of an alert's life in a few sets and dicts, written apart from the code it is held to.

Its calendar knows weekdays only, and its deadlines are the midnights after their last day.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from shared.city_time import CITY_TIME

GRAVITY = {"yellow": 1, "red": 2}
ROUTE = ["culture_tourism_sports", "pboc", "cbirc", "finance_office"]
ABOVE = [(1, "education"), (2, "education_supervision")]
DAYS = {"yellow": {"acknowledge": 3, "dispose": 20}, "red": {"acknowledge": 1, "dispose": 10}}


def midnight_after(start, days):
    day = start
    for _ in range(days):
        day += timedelta(days=1)
        while day.isoweekday() > 5:
            day += timedelta(days=1)
    return datetime.combine(day + timedelta(days=1), time(), CITY_TIME)


def day_of(moment):
    return moment.astimezone(CITY_TIME).date()


@dataclass
class Mark:
    """A clock that passed: the day it was marked on, and how far it was carried up."""

    on: date
    step: int


@dataclass
class Model:
    """What is known of the alert beside the record that is judged."""

    now: datetime
    record: dict = field(default_factory=dict)
    level: str | None = None
    known: set = field(default_factory=set)
    known_level: str | None = None
    disposals: int = 0
    led: list = field(default_factory=lambda: [ROUTE[0]])
    seen: set = field(default_factory=set)
    until: date | None = None
    checked_on: date | None = None
    opened_on: date | None = None
    led_on: date | None = None
    told_on: date | None = None
    said: dict = field(default_factory=dict)
    feedback: list = field(default_factory=list)
    quiet: dict = field(default_factory=dict)
    marks: dict = field(default_factory=dict)
    carried: list = field(default_factory=list)

    @property
    def lead(self):
        return self.led[-1]

    @property
    def roles(self):
        found = {self.lead: "lead"}
        for former in self.led[:-1]:
            found.setdefault(former, "assist")
        for department in ROUTE:
            found.setdefault(department, "inform")
        for _, _, department in self.carried:
            if department is not None:
                found.setdefault(department, "inform")
        return found

    @property
    def state(self):
        if self.level is None:
            return None
        if not self.record:
            return "superseded"
        if self.is_judged():
            return "disposed"
        if self.lead not in self.seen:
            return "raised"
        if self.until is None:
            return "acknowledged"
        return "rectifying" if self.checked_on is None else "rechecked"

    @property
    def is_open(self):
        return self.state not in (None, "superseded", "disposed")

    def is_judged(self):
        return (
            self.known_level is not None
            and set(self.record) <= self.known
            and GRAVITY[self.gravest()] <= GRAVITY[self.known_level]
        )

    def gravest(self):
        return max(self.record.values(), key=GRAVITY.get)

    def judge(self, record):
        was = self.state
        self.record = record
        if not record:
            self.settle()
            return
        closed = was in (None, "disposed", "superseded")
        rises = self.level is not None and GRAVITY[self.gravest()] > GRAVITY[self.level]
        if (closed or rises) and not self.is_judged():
            self.seen, self.quiet = set(), {}
            self.until = self.checked_on = None
            self.opened_on = self.led_on = self.told_on = day_of(self.now)
        self.level = self.gravest()
        self.settle()

    def dispose(self):
        self.disposals += 1
        self.known |= set(self.record)
        levels = [level for level in (self.known_level, self.level) if level]
        self.known_level = max(levels, key=GRAVITY.get)
        self.seen.add(self.lead)
        self.settle()

    def hand_over(self, to):
        before = self.roles
        self.led.append(to)
        self.led_on = day_of(self.now)
        kept = {it for it in self.seen if self.roles.get(it) == before[it] or it == self.led[-2]}
        self.seen = kept - {to}
        self.quiet = {it: end for it, end in self.quiet.items() if it in kept and it != to} | {
            it: end
            for it, end in self.quiet.items()
            if it != to and (self.roles.get(it) == before[it] or it == self.led[-2])
        }
        self.settle()

    def must_hear(self):
        early = self.now < midnight_after(self.told_on, 5)
        return early or not all(self.said.values())

    def running(self):
        if not self.is_open:
            return
        if self.lead not in self.seen:
            began = max(self.opened_on, self.led_on)
            yield "acknowledge", began, DAYS[self.level]["acknowledge"]
        if self.until is not None and self.checked_on is None:
            yield "recheck", self.until, 3
        else:
            yield "dispose", self.checked_on or self.opened_on, DAYS[self.level]["dispose"]

    def waits_until(self):
        for clock in self.running():
            mark = self.marks.get(clock)
            if mark is None:
                yield midnight_after(*clock[1:]), clock
            elif mark.step < 2:
                yield midnight_after(mark.on - timedelta(days=1), 3), clock

    def tick(self):
        """Mark what has passed; return how often something was carried up."""
        due = [clock for until, clock in list(self.waits_until()) if until <= self.now]
        for clock in due:
            mark = self.marks.setdefault(clock, Mark(day_of(self.now), 0))
            above = [it for it in ABOVE if it[0] > mark.step and it[1] != self.lead]
            mark.step, to = above[0] if above else (2, None)
            self.carried.append((clock[0], mark.step, to))
        return len(due)

    def may_snooze(self, until):
        end = datetime.combine(until, time(), CITY_TIME)
        if end <= self.now or end > midnight_after(day_of(self.now), 10):
            return False
        waits = [moment for moment, _ in self.waits_until()]
        return self.level != "red" or (not self.marks and not any(end > it for it in waits))

    def settle(self):
        running = set(self.running())
        self.marks = {clock: mark for clock, mark in self.marks.items() if clock in running}
