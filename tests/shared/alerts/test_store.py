import asyncio
import json
from dataclasses import replace

import pytest
from pymongo import AsyncMongoClient
from pymongo.monitoring import CommandListener

from shared.alerts.changes import AlertAlreadyDisposed, NotTheLead
from shared.alerts.desk import Act, AlertDesk
from shared.alerts.handling import Ending, Receipt
from shared.alerts.inbox import Inbox, Scope
from shared.alerts.model import Actor
from shared.alerts.rows import alert_of, row_of
from shared.alerts.store import AlertChanged, AlertNotFound, AlertStore
from shared.contracts.alerts import ALERT_CHANNELS
from shared.mongo import transact
from tests.shared.alerts.builders import (
    LATER,
    LEAD,
    NOW,
    PBOC,
    RULE,
    TELLING,
    TO_SCIENCE,
    a_finding,
    a_verdict,
    an_alert,
    an_institution,
    busy,
    content,
    seen,
)
from tests.support.audit import audit_log

pytestmark = pytest.mark.integration

DEPARTMENTS = ["culture_tourism_sports", "pboc", "cbirc", "finance_office"]
IN_CHARGE = Scope(abouts=(an_institution(),), rules=(RULE.code,))


class Commands(CommandListener):
    """Writes down what a client asks of the server."""

    def __init__(self):
        self.commands = []
        self.database = None

    def started(self, event):
        self.commands.append(event.command_name)

    def succeeded(self, event):
        pass

    def failed(self, event):
        pass


@pytest.fixture
async def asked(database):
    """Watch a second client of the same database."""
    commands = Commands()
    host, port = await database.client.address
    async with AsyncMongoClient(
        host, port, directConnection=True, tz_aware=True, event_listeners=[commands]
    ) as client:
        commands.database = client[database.name]
        yield commands


def an_act(alert_id, *, by=LEAD, now=LATER, **seen):
    return Act(alert_id=alert_id, by=by, now=now, **seen)


def an_inbox_of(department, **asked):
    return Inbox(department=department, **asked)


class TestRows:
    def test_keep_everything(self):
        alert = an_alert(a_finding("e-1", "e-2", share=None, known=True), a_finding("e-3"))

        assert alert_of(row_of(alert)) == alert

    async def test_come_back_from_mongo_as_they_went(self, store, settle):
        verdict = a_verdict(a_finding("e-1", gap_fen=2**40, share=None), a_finding("e-2"))
        [change] = await settle(verdict)

        assert await store.get(change.after.id) == change.after
        assert await settle(verdict) == []

    def test_keep_all_that_people_and_clocks_did(self):
        alert = busy(an_alert(rule=TELLING))

        assert alert_of(row_of(alert)) == alert
        # Otherwise this would show nothing.
        for field in ("past_rectifications", "transfers", "feedback", "statements", "lateness"):
            assert getattr(alert, field)

    async def test_bring_it_back_from_mongo(self, database):
        alert = busy(an_alert(rule=TELLING))
        await database["alerts"].insert_one(row_of(alert))

        assert alert_of(await database["alerts"].find_one()) == alert

    def test_of_the_first_schema_read_as_an_alert_nobody_has_done_more_to(self):
        row = row_of(seen(an_alert()))
        newer = ("route", "opened_at", "led_since", "told_at", "rectification", "transfers")
        for field in (*newer, "past_rectifications", "feedback", "statements", "lateness"):
            del row[field]
        del row["escalations"], row["rule"]["tells_institution"]
        for delivery in row["deliveries"]:
            for field in ("assignee", "deputy", "snoozed_until", "snooze_reason"):
                del delivery[field]

        old, new = alert_of({**row, "schema": 1}), seen(an_alert())
        assert old == replace(new, route=old.route)
        # Its deliveries are its route; on which duties they rest it has never known.
        assert [(it.department, it.role) for it in old.route.deliveries] == [
            (it.department, it.role) for it in new.route.deliveries
        ]


class TestSettle:
    async def test_writes_one_alert_and_a_notice_for_each_department(self, store, settle, notices):
        [change] = await settle(a_verdict(a_finding(level="red")))

        assert (await store.get(change.after.id)).state == "raised"
        assert await notices() == [
            (f"alerts.v1.{department}.red.fund_monitor", 1, "raised") for department in DEPARTMENTS
        ]

    async def test_tells_the_bus_all_that_a_department_needs(self, database, settle):
        [change] = await settle(a_verdict(a_finding("e-1")))

        row = await database["outbox"].find_one({"key": f"alert:{change.after.id}:pboc"})
        event = json.loads(row["body"])
        assert event["time"].startswith("2026-03-31T10:00:00")
        assert event["subject"] == change.after.id
        data = event["data"]
        assert (data["department"], data["role"]) == ("pboc", "inform")
        assert data["lead"] == "culture_tourism_sports"
        assert data["reason"].startswith("附件4（市人民银行）")
        assert data["article"] == "教监管函〔2021〕2号 预收费全额存管"
        assert data["about"] == {"kind": "institution", "id": "inst-1", "name": "启明艺术培训"}
        assert data["causes"] == ["e-9"]

    async def test_does_nothing_the_second_time(self, database, settle, notices):
        verdict = a_verdict(a_finding())
        await settle(verdict)
        before = await notices()

        assert await settle(verdict, now=LATER) == []
        assert await notices() == before
        assert await database["alerts"].count_documents({}) == 1

    async def test_settles_one_verdict_alone(self, database, store):
        change = await transact(
            database, lambda session: store.settle(session, a_verdict(a_finding()), now=NOW)
        )
        again = await transact(
            database, lambda session: store.settle(session, a_verdict(a_finding()), now=NOW)
        )

        assert (change.kind, again) == ("raised", None)

    async def test_publishes_a_rise_under_its_level(self, settle, notices):
        await settle(a_verdict(a_finding("e-1")))
        await settle(a_verdict(a_finding("e-1"), a_finding("e-2", level="red")))

        assert (await notices())[4] == (
            "alerts.v1.culture_tourism_sports.red.fund_monitor",
            2,
            "level_changed",
        )

    async def test_supersedes_what_stands_in_its_scope_without_a_verdict(self, store, settle):
        await settle(a_verdict(a_finding("e-1"), window="2026-02"), a_verdict(a_finding("e-2")))
        await settle(a_verdict(a_finding("e-3"), about=an_institution("inst-2")))

        changes = await settle(a_verdict(a_finding("e-2")), scope=IN_CHARGE, causes=("late-1",))

        assert [(it.kind, it.after.window, it.after.causes) for it in changes] == [
            ("superseded", "2026-02", ("late-1",))
        ]
        assert [key.window for key in await store.standing(IN_CHARGE)] == ["2026-03"]

    async def test_leaves_windows_out_of_its_scope_alone(self, settle):
        await settle(a_verdict(a_finding("e-1"), window="2026-02"), a_verdict(a_finding("e-2")))

        changes = await settle(scope=replace(IN_CHARGE, windows=("2026-03",)))

        assert [it.after.window for it in changes] == ["2026-03"]

    async def test_has_nothing_to_do_without_verdicts_and_scope(self, settle):
        assert await settle() == []
        assert await settle(scope=Scope(abouts=(), rules=(RULE.code,))) == []

    async def test_refuses_two_verdicts_of_one_key(self, settle):
        with pytest.raises(ValueError, match="one verdict"):
            await settle(a_verdict(a_finding("e-1")), a_verdict(a_finding("e-2")))

    async def test_updates_the_deliveries_when_the_route_changes(self, store, settle, notices):
        await settle(a_verdict(a_finding()))

        [change] = await settle(a_verdict(a_finding(), decision=TO_SCIENCE))

        alert = await store.get(change.after.id)
        assert alert.lead == "science_tech"
        assert (
            "alerts.v1.culture_tourism_sports.yellow.fund_monitor",
            2,
            "withdrawn",
        ) in await notices()
        assert await store.inbox(an_inbox_of("culture_tourism_sports")) == []

    async def test_leaves_no_trace_of_an_aborted_transaction(self, database, store, notices):
        async def work(session):
            await store.settle(session, a_verdict(a_finding()), now=NOW)
            raise RuntimeError

        with pytest.raises(RuntimeError):
            await transact(database, work)

        assert await notices() == []
        assert await store.inbox(Inbox()) == []

    async def test_by_many_judges_at_once_raises_one_alert(self, database, settle, notices):
        verdicts = [a_verdict(a_finding("e-1"), about=an_institution(f"i-{n}")) for n in range(10)]

        await asyncio.gather(*(settle(*verdicts) for _ in range(8)))

        assert await database["alerts"].count_documents({}) == 10
        assert len(await notices()) == 10 * len(DEPARTMENTS)

    @pytest.mark.usefixtures("store")
    @pytest.mark.parametrize("many", [1, 100])
    async def test_asks_the_server_as_often_for_one_verdict_as_for_many(self, asked, many):
        verdicts = [a_verdict(a_finding(), about=an_institution(f"i-{n}")) for n in range(many)]

        watched = AlertStore(asked.database, ALERT_CHANNELS["fund_monitor"])
        await transact(
            asked.database, lambda session: watched.settle_many(session, verdicts, now=NOW)
        )

        assert asked.commands == ["find", "insert", "insert", "update", "commitTransaction"]


class TestAcknowledge:
    async def test_is_kept_with_who_and_when(self, desk, store, settle):
        [change] = await settle(a_verdict(a_finding()))

        shown = await desk.acknowledge(
            an_act(change.after.id, by=LEAD, now=LATER), Receipt(note="已派员")
        )

        assert shown == await store.get(change.after.id)
        assert (shown.state, shown.version) == ("acknowledged", 2)
        assert shown.delivery_to("culture_tourism_sports").note == "已派员"

    async def test_twice_returns_the_same(self, desk, settle):
        [change] = await settle(a_verdict(a_finding()))
        first = await desk.acknowledge(
            an_act(change.after.id, by=PBOC, now=NOW), Receipt(note=None)
        )

        again = await desk.acknowledge(
            an_act(change.after.id, by=PBOC, now=LATER, version=1), Receipt(note="又")
        )

        assert again == first

    async def test_by_all_departments_at_once_keeps_each(self, desk, store, settle):
        [change] = await settle(a_verdict(a_finding()))
        actors = [Actor(f"staff-{department}", department) for department in DEPARTMENTS]

        await asyncio.gather(
            *(
                desk.acknowledge(an_act(change.after.id, by=it, now=NOW), Receipt(note=None))
                for it in actors
            )
        )

        alert = await store.get(change.after.id)
        assert [it.acknowledged_by for it in alert.deliveries] == [it.subject for it in actors]

    async def test_of_another_departments_alert_is_not_found(self, desk, settle):
        [change] = await settle(a_verdict(a_finding()))

        with pytest.raises(AlertNotFound):
            await desk.acknowledge(
                an_act(change.after.id, by=Actor("x", "tax"), now=NOW), Receipt(note=None)
            )

    async def test_of_a_version_that_has_passed_is_refused(self, desk, settle):
        [change] = await settle(a_verdict(a_finding("e-1")))
        await settle(a_verdict(a_finding("e-1"), a_finding("e-2", level="red")))

        with pytest.raises(AlertChanged, match="第1版，现在是第2版"):
            await desk.acknowledge(
                an_act(change.after.id, by=LEAD, now=NOW, version=1), Receipt(note=None)
            )


class TestDispose:
    async def test_ends_the_alert_and_tells_each_department(self, desk, store, settle, notices):
        [change] = await settle(a_verdict(a_finding()))

        alert = await desk.dispose(
            an_act(change.after.id, by=LEAD, now=LATER),
            Ending(outcome="corrected", reason="已补足"),
        )

        assert alert == await store.get(change.after.id)
        assert alert.disposal.reason == "已补足"
        assert [change for _, version, change in await notices() if version == 2] == [
            "disposed"
        ] * 4

    async def test_tells_the_outcome_without_who(self, desk, database, settle):
        [change] = await settle(a_verdict(a_finding()))
        await desk.dispose(
            an_act(change.after.id, by=LEAD, now=LATER), Ending(outcome="upheld", reason="属实")
        )

        row = await database["outbox"].find_one(
            {"key": f"alert:{change.after.id}:cbirc", "version": 2}
        )
        assert json.loads(row["body"])["data"]["disposal"] == {
            "outcome": "upheld",
            "reason": "属实",
            "department": "culture_tourism_sports",
            "disposed_at": "2026-04-01T10:00:00Z",
        }
        assert '"li"' not in row["body"]

    async def test_repeated_changes_nothing_and_otherwise_is_refused(self, desk, settle, notices):
        [change] = await settle(a_verdict(a_finding()))
        act, ending = an_act(change.after.id, by=LEAD), Ending(outcome="upheld", reason="属实")
        first = await desk.dispose(act, ending)

        assert await desk.dispose(act, ending) == first
        with pytest.raises(AlertAlreadyDisposed):
            await desk.dispose(act, replace(ending, reason="不属实"))
        assert len(await notices()) == 8

    async def test_is_the_leads_alone(self, desk, settle):
        [change] = await settle(a_verdict(a_finding()))

        with pytest.raises(NotTheLead):
            await desk.dispose(
                an_act(change.after.id, by=PBOC, now=LATER), Ending(outcome="upheld", reason="属实")
            )

    async def test_survives_judging_and_reopens_on_new_evidence(self, desk, store, settle):
        [change] = await settle(a_verdict(a_finding("e-1")))
        await desk.dispose(
            an_act(change.after.id, by=LEAD, now=LATER), Ending(outcome="upheld", reason="属实")
        )

        assert await settle(a_verdict(a_finding("e-1"))) == []
        [reopened] = await settle(a_verdict(a_finding("e-1"), a_finding("e-2")))
        assert reopened.kind == "reopened"
        [back] = await settle(a_verdict(a_finding("e-1")))
        assert back.kind == "disposed"
        assert content(await store.get(change.after.id)) == content(back.after)


class TestInbox:
    @pytest.fixture
    async def many(self, settle):
        changes = await settle(
            *(
                a_verdict(
                    a_finding(level="red" if n % 3 == 0 else "yellow"),
                    about=an_institution(f"i-{n}"),
                    decision=TO_SCIENCE if n % 2 else a_verdict(a_finding()).route,
                )
                for n in range(9)
            )
        )
        return [change.after for change in changes]

    async def test_is_the_departments_own_newest_first(self, store, many):
        found = await store.inbox(an_inbox_of("science_tech"))

        own = sorted((it.id for it in many if it.lead == "science_tech"), reverse=True)
        assert [alert.id for alert in found] == own

    async def test_goes_on_where_a_page_ended_whatever_happens_between(self, store, settle, many):
        first = await store.inbox(an_inbox_of("pboc", limit=4))
        await settle(a_verdict(a_finding("e-9", level="red"), about=first[-1].about))
        await settle(a_verdict(a_finding(), about=an_institution("newcomer")))

        rest = await store.inbox(an_inbox_of("pboc", before=first[-1].id, limit=10))

        assert {it.id for it in [*first, *rest]} == {it.id for it in many}
        assert len(first) + len(rest) == len(many)

    async def test_filters_by_level_and_state(self, desk, store, settle, many):
        await settle(a_verdict(about=many[0].about))
        await desk.acknowledge(an_act(many[2].id, by=LEAD, now=NOW), Receipt(note=None))

        red = await store.inbox(an_inbox_of("pboc", level="red", state="raised"))
        superseded = await store.inbox(an_inbox_of("pboc", state="superseded"))
        acknowledged = await store.inbox(an_inbox_of("pboc", state="acknowledged"))

        assert {it.about.id for it in red} == {"i-3", "i-6"}
        assert [it.about.id for it in superseded] == ["i-0"]
        assert [it.about.id for it in acknowledged] == ["i-2"]

    @pytest.mark.usefixtures("many")
    @pytest.mark.parametrize(
        ("asked_for", "index"), [({}, "inbox"), ({"state": "raised"}, "inbox_by_state")]
    )
    async def test_uses_its_index(self, database, asked_for, index):
        found = database["alerts"].find({"deliveries.department": "pboc", **asked_for})

        plan = json.dumps((await found.sort("_id", -1).explain())["queryPlanner"]["winningPlan"])

        assert f'"indexName": "{index}"' in plan
        assert '"SORT"' not in plan

    async def test_says_when_a_person_has_changed_something(self, database, many):
        told = []
        store = AlertStore(
            database, ALERT_CHANNELS["fund_monitor"], committed=lambda: told.append("committed")
        )
        desk = AlertDesk(store, audit_log(database))

        await desk.dispose(an_act(many[0].id), Ending(outcome="upheld", reason="属实"))

        assert told == ["committed"]

    async def test_sums_up_what_stands_per_department_and_level(self, desk, store, settle, many):
        await settle(a_verdict(about=many[0].about))
        await desk.dispose(
            an_act(many[2].id, by=LEAD, now=NOW), Ending(outcome="upheld", reason="属实")
        )

        assert await store.summary() == {
            "cbirc": {"yellow": 6, "red": 2},
            "culture_tourism_sports": {"yellow": 3, "red": 1},
            "finance_office": {"yellow": 6, "red": 2},
            "pboc": {"yellow": 6, "red": 2},
            "science_tech": {"yellow": 3, "red": 1},
        }
