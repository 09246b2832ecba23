"""Banks that only deliver files: the file door, on real folders, real servers and real kills."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from services.fund_monitor.store.dropped_files import FOLDERS, DroppedFileStore
from shared.clock import machine_now
from tests.support.audit import audit_log
from tests.support.dropping import DroppingBank, lines_of
from tests.support.fund import FundMonitor, fund_monitor, money, opened

pytestmark = [pytest.mark.integration, pytest.mark.timeout(90)]

MAPPING = {"serial_no": "流水号", "account_no": "账号", "booked_on": "日期", "amount": "金额"}


@pytest.fixture
def bank(fund: FundMonitor, tmp_path) -> DroppingBank:
    return DroppingBank(fund, tmp_path)


def statuses(result):
    return [line["status"] for line in result[:-1]]


class TestEvents:
    async def test_are_taken_by_the_rules_of_the_door(self, bank: DroppingBank):
        await bank.fund.accepted([opened(), money("deposit", "d1", 500)])
        await bank.fund.settled()
        wrong = money("deposit", "d3", payer_name="某人")
        name = bank.drop_events(
            1,
            money("deposit", "d1", 500),
            money("deposit", "d2", 700),
            wrong,
            money("deposit", "d1", 999),
        )

        assert await bank.taken() == 1

        result = bank.result(name)
        assert statuses(result) == ["duplicate", "accepted", "refused", "conflict"]
        assert [line["line"] for line in result[:-1]] == [1, 2, 3, 4]
        assert [line.get("number") for line in result[:-1]] == [None, None, "E1001", "E1010"]
        assert result[2]["problem"]["errors"][0]["pointer"] == "/payer_name"
        assert result[-1]["summary"] == {
            "file": name,
            "status": "accepted",
            "digest": result[-1]["summary"]["digest"],
            "lines": 4,
            "accepted": 1,
            "duplicate": 1,
            "conflict": 1,
            "refused": 1,
            "missing": 0,
            "first_missing": [],
        }
        await bank.fund.settled()
        assert await bank.fund.balance("A1") == 1_200
        assert (await bank.fund.event("d1"))["conflicts"]
        assert bank.lying("in") == set()
        assert {name, f"{name}.sig"} <= bank.lying("done")

    async def test_that_are_no_events_are_refused_line_by_line(self, bank: DroppingBank):
        long = b'{"type": "' + b"x" * 40_000 + b'"}\n'
        content = b'{"type":\n' + long + lines_of(opened()) + b"\n\xff\xfe\n" + b"[1]"
        name = "events-20260302-000001.jsonl"
        bank.drop(name, content)

        await bank.taken()

        result = bank.result(name)
        assert statuses(result) == [
            "refused",
            "refused",
            "accepted",
            "refused",
            "refused",
            "refused",
        ]
        assert all(line["number"] == "E1001" for line in result[:2])

    async def test_of_many_chunks_are_each_taken_once(self, bank: DroppingBank):
        events = [opened(), *(money("deposit", f"d{n}", 3) for n in range(1_200))]
        name = bank.drop_events(1, *events)

        await bank.taken()

        assert bank.summary(name)["accepted"] == 1_201
        await bank.fund.settled()
        assert await bank.fund.balance("A1") == 3_600

    async def test_of_an_old_file_are_taken(self, bank: DroppingBank):
        name = "events-20260302-000001.jsonl"
        bank.drop(name, lines_of(opened()), signed_at=datetime.now(UTC) - timedelta(days=90))

        await bank.taken()

        assert bank.summary(name)["accepted"] == 1


class TestANumber:
    async def test_answers_the_same_file_the_same(self, bank: DroppingBank):
        name = bank.drop_events(1, opened())
        await bank.taken()
        first = bank.result(name)
        (bank.folder / "out" / f"{name}.result.jsonl").unlink()
        bank.drop_events(1, opened())

        await bank.taken()

        assert bank.result(name) == first
        assert {name, f"{name}.2"} <= bank.lying("done")

    @pytest.mark.parametrize("day", ["20260302", "20260303"])
    async def test_is_not_for_two_files(self, bank: DroppingBank, day):
        bank.drop_events(1, opened())
        await bank.taken()
        name = bank.drop_events(1, opened(), money("deposit", "d1"), day=day)

        await bank.taken()

        assert (bank.summary(name)["status"], bank.summary(name)["number"]) == ("refused", "E1302")
        assert not (await bank.fund.read("/v1/banks/alpha/events/d1")).is_success
        audit = await bank.fund.db["audit"].find_one({"action": "bank.file_number_taken"})
        assert audit["details"]["digest"] != audit["details"]["known"]

    async def test_that_is_used_again_alerts_the_central_bank_once(self, bank: DroppingBank):
        bank.drop_events(1, opened())
        await bank.taken()
        for _ in range(2):
            bank.drop_events(1, opened(), money("deposit", "d1"))
            await bank.taken()
        await bank.fund.settled()

        page = (await bank.fund.read("/v1/alerts?limit=200")).json()["alerts"]
        [alert] = [one for one in page if one["rule"] == "fund.identity_conflict"]
        [finding] = alert["findings"]
        assert (alert["about"]["id"], alert["window"], alert["lead"]) == (
            "alpha",
            "2026-03",
            "pboc",
        )
        assert finding["figures"] == {"file_conflicts": 1}
        assert "events-20260302-000001.jsonl" in finding["message"]

    async def test_of_another_file_stands_beside_conflicts_of_events(self, bank: DroppingBank):
        bank.drop_events(1, opened(), money("deposit", "d1"))
        await bank.taken()
        bank.drop_events(1, opened(), money("deposit", "d2"))
        await bank.taken()
        await bank.fund.accepted([money("deposit", "d1", 7)])
        await bank.fund.settled()

        page = (await bank.fund.read("/v1/alerts?limit=200")).json()["alerts"]
        [alert] = [one for one in page if one["rule"] == "fund.identity_conflict"]
        figures = [one["figures"] for one in alert["findings"]]
        assert figures == [{"conflicts": 1}, {"file_conflicts": 1}]

    async def test_that_is_missing_is_told_until_it_comes(self, bank: DroppingBank):
        bank.drop_events(1, opened())
        fourth = bank.drop_events(4, money("deposit", "d4"))
        await bank.taken()
        assert (bank.summary(fourth)["missing"], bank.summary(fourth)["first_missing"]) == (
            2,
            [2, 3],
        )

        second = bank.drop_events(2, money("deposit", "d2"))
        await bank.taken()

        assert bank.summary(second)["first_missing"] == [3]


class TestAFileThatIsRefused:
    @pytest.mark.parametrize(
        "how",
        [
            {"webhook_id": "events-20260302-000002.jsonl"},
            {"secret": "whsec_" + "QUJD" * 10},
            {"signed_after": timedelta(minutes=10)},
        ],
        ids=["signed under another name", "signed by another", "signed in the future"],
    )
    async def test_is_put_aside_and_its_number_stays_free(self, bank: DroppingBank, how):
        name = "events-20260302-000001.jsonl"
        bank.drop(name, lines_of(opened()), **how)

        await bank.taken()

        assert (bank.summary(name)["status"], bank.summary(name)["number"]) == ("refused", "E1002")
        assert bank.lying("in") == set()
        assert len(bank.lying("refused")) == 4
        bank.drop(name, lines_of(opened()))
        await bank.taken()
        assert bank.summary(name)["accepted"] == 1

    async def test_has_a_name_that_says_nothing(self, bank: DroppingBank):
        for name in ("events-20260230-000001.jsonl", "events-20260302-000000.jsonl", "x.txt"):
            bank.drop(name, lines_of(opened()))

        await bank.taken()

        assert bank.summary("x.txt")["number"] == "E1301"
        assert len(bank.lying("refused")) == 12

    async def test_comes_from_a_bank_that_is_suspended(self, bank: DroppingBank):
        await bank.fund.db["banks"].update_one({"_id": "alpha"}, {"$set": {"state": "suspended"}})
        name = bank.drop_events(1, opened())

        await bank.taken()

        assert bank.summary(name)["number"] == "E1008"
        assert await bank.fund.db["dropped_files"].count_documents({}) == 0


class TestAFileThatIsNotWhole:
    async def test_waits_for_its_signature(self, bank: DroppingBank):
        name = bank.drop_events(1, opened())
        signature = bank.folder / "in" / f"{name}.sig"
        signature.rename(signature.with_suffix(".part"))

        assert await bank.taken() == 0

        signature.with_suffix(".part").rename(signature)
        assert await bank.taken() == 1

    async def test_waits_while_it_grows(self, bank: DroppingBank):
        whole = lines_of(opened(), money("deposit", "d1"))
        name = "events-20260302-000001.jsonl"
        bank.drop(name, whole)
        path = bank.folder / "in" / name
        path.write_bytes(whole[:40])
        door = bank.door()

        await door.turn()
        path.write_bytes(whole)
        assert await door.turn() == 0

        assert await door.turn() == 1
        assert bank.summary(name)["accepted"] == 2

    async def test_is_no_way_to_another_file(self, bank: DroppingBank, tmp_path):
        name = bank.drop_events(1, opened())
        path = bank.folder / "in" / name
        path.rename(tmp_path / "elsewhere")
        path.symlink_to(tmp_path / "elsewhere")

        assert await bank.taken() == 0

        assert path.readlink() == tmp_path / "elsewhere"


class TestAStatement:
    async def test_is_taken_like_one_that_was_put(self, bank: DroppingBank):
        await bank.fund.accepted([opened(), money("deposit", "d1")])
        await bank.fund.settled()
        name = "statement-20260302-000001.csv"
        content = "流水号,账号,日期,金额\nd1,A1,2026-03-02,10.00\n".encode()
        bank.drop(name, content)
        await bank.taken()
        assert bank.summary(name)["number"] == "E1201"

        await bank.fund.client.put(
            "/v1/banks/alpha/statement-mapping",
            json=MAPPING,
            headers=bank.fund.bearer(role="bank_admin"),
        )
        bank.drop(name, content)
        await bank.taken()

        statement = (await bank.fund.read("/v1/banks/alpha/statements/2026-03-02")).json()
        assert bank.summary(name)["statement_id"] == statement["statement_id"]
        assert statement["rows"] == 1

    async def test_with_one_wrong_cell_is_refused_whole(self, bank: DroppingBank):
        await bank.fund.client.put(
            "/v1/banks/alpha/statement-mapping",
            json=MAPPING,
            headers=bank.fund.bearer(role="bank_admin"),
        )
        name = "statement-20260302-000001.csv"
        bank.drop(name, "流水号,账号,日期,金额\nd1,A1,2026-03-02,一元\n".encode())

        await bank.taken()

        summary = bank.summary(name)
        assert (summary["status"], summary["number"]) == ("refused", "E1202")
        assert summary["problem"]["errors"]


async def test_two_workers_take_each_file_once(database, bus, access, token, tmp_path):
    async with fund_monitor(database, bus, access, token) as fund:
        await fund.add_bank("alpha")
        bank = DroppingBank(fund, tmp_path)
        doors = [bank.door(), bank.door()]
        names = [
            bank.drop_events(number, *(money("deposit", f"d{number}-{n}") for n in range(600)))
            for number in range(1, 6)
        ]
        for _ in range(3):
            await asyncio.gather(*(door.turn() for door in doors))

        assert [bank.summary(name)["accepted"] for name in names] == [600] * 5
        assert bank.lying("done") >= set(names)
        assert not any(name.endswith(".2") for name in bank.lying("done"))


async def test_a_folder_of_a_worker_that_died_is_taken_over(bank: DroppingBank):
    dead = DroppedFileStore(bank.fund.db, audit_log(bank.fund.db))
    assert await dead.hold("alpha", timedelta(hours=1)) is not None
    name = bank.drop_events(1, opened())
    assert await bank.taken() == 0

    run_out = {"$set": {"until": machine_now()}}
    await bank.fund.db[FOLDERS].update_one({"_id": "alpha"}, run_out)

    assert await bank.taken() == 1
    assert bank.summary(name)["accepted"] == 1


async def test_what_is_wrong_with_one_folder_is_not_the_others_trouble(bank: DroppingBank):
    await bank.fund.add_bank("beta")
    beta = DroppingBank(bank.fund, bank.root, "beta")
    bank.drop_events(1, opened())
    name = beta.drop_events(1, opened())
    (bank.folder / "work").write_text("a file where a folder belongs")
    door = bank.door()

    await beta.taken(door)

    assert beta.summary(name)["accepted"] == 1
    with pytest.raises(TimeoutError, match="alpha"):
        await door.reaches()
