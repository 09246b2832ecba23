"""A bank's statement comes in and is compared; what differs is explained, resolved or closes."""

import pytest

from services.fund_monitor.app.statements.reconcile import Reconciler
from services.fund_monitor.store.statements.compared import ComparedStore
from services.fund_monitor.store.statements.differences import DifferenceStore
from shared.working_days import WorkingDays
from tests.support.audit import audit_log
from tests.support.fund import SEEN_AT, FundMonitor, money, opened

pytestmark = [pytest.mark.integration, pytest.mark.timeout(60)]

MAPPING = {"serial_no": "流水号", "account_no": "账号", "booked_on": "日期", "amount": "金额"}
PATH = "/v1/banks/alpha/statements/2026-03-02"


def file_of(*rows):
    lines = [f"{serial},{account},2026-03-02,{yuan}" for serial, account, yuan in rows]
    return "\n".join(["流水号,账号,日期,金额", *lines]).encode()


class Bank:
    """The bank alpha, and the loop that compares what it sends."""

    def __init__(self, fund: FundMonitor) -> None:
        self.fund = fund
        differences = DifferenceStore(fund.db, audit_log(fund.db))
        self.reconciler = Reconciler(
            ComparedStore(fund.db), differences, calendar=WorkingDays(), now=lambda: SEEN_AT
        )

    async def put(self, *rows, content=None):
        return await self.fund.client.put(
            PATH,
            content=content or file_of(*rows),
            headers=self.fund.bearer(role="bank", bank="alpha"),
        )

    async def compared(self):
        while await self.reconciler.reconcile_one():
            pass
        return (await self.fund.read(PATH)).json()["result"]

    async def differences(self, query=""):
        answer = await self.fund.read(f"/v1/banks/alpha/differences{query}")
        return answer.json()["differences"]

    async def answer(self, difference_id, state, **claims):
        return await self.fund.client.post(
            f"/v1/banks/alpha/differences/{difference_id}/answer",
            json={"state": state, "reason": "次日补报"},
            headers=self.fund.bearer(**claims),
        )


@pytest.fixture
async def bank(fund: FundMonitor):
    answer = await fund.client.put(
        "/v1/banks/alpha/statement-mapping", json=MAPPING, headers=fund.bearer(role="bank_admin")
    )
    assert answer.status_code == 200, answer.text
    await fund.accepted([opened(), money("deposit", "d1"), money("release", "r1", 400)])
    await fund.settled()
    return Bank(fund)


class TestAFile:
    async def test_is_taken_and_compared(self, bank: Bank):
        answer = await bank.put(("d1", "A1", "10.00"), ("r1", "A1", "-4.00"), ("x1", "A1", "0.07"))

        assert answer.status_code == 200, answer.text
        assert (answer.json()["version"], answer.json()["rows"]) == (1, 3)
        result = await bank.compared()
        assert (result["one_to_one"], result["statement_only"]) == (2, 1)
        [difference] = await bank.differences("?state=open")
        assert (difference["stated_fen"], difference["owner"]) == (7, "bank")
        assert difference["due_at"] == "2026-07-03T16:00:00Z"

    async def test_sent_again_answers_the_same_and_another_one_replaces_it(self, bank: Bank):
        first = (await bank.put(("d1", "A1", "10.00"))).json()
        again = (await bank.put(("d1", "A1", "10.00"))).json()
        other = (await bank.put(("d1", "A1", "10.00"), ("r1", "A1", "-4.00"))).json()

        assert again["statement_id"] == first["statement_id"]
        assert other["version"] == 2
        listed = (await bank.fund.read("/v1/banks/alpha/statements")).json()["statements"]
        assert [(one["version"], one["current"]) for one in listed] == [(2, True), (1, False)]

    async def test_with_one_wrong_cell_leaves_nothing_behind(self, bank: Bank):
        answer = await bank.put(("d1", "A1", "10.00"), ("r1", "A1", "4"))

        assert answer.status_code == 422
        problem = answer.json()
        assert problem["type"] == "urn:haining:problem:statement-refused"
        assert [error["pointer"] for error in problem["errors"]] == ["/rows/3/金额"]
        assert (await bank.fund.read(PATH)).status_code == 404
        assert await bank.fund.db["statement_lines"].count_documents({}) == 0

    @pytest.mark.parametrize(
        ("content", "pointer", "told"),
        [
            pytest.param(
                file_of(("d1", "A1", "10.00")).decode().encode("gb18030"),
                "/file/",
                "编码 UTF-8",
                id="another encoding",
            ),
            pytest.param(
                file_of(("d1", "A1", "10.00")).decode().encode("utf-16"),
                "/file/",
                "编码 UTF-8",
                id="UTF-16",
            ),
            pytest.param(b"\xd0\xcf\x11\xe0" + bytes(600), "/file/", ".xls", id="an old workbook"),
            pytest.param(
                file_of(("d1", "10.00", "A1")), "/rows/2/账号", "错位", id="two swapped columns"
            ),
            pytest.param(
                "账号,流水号,日期\nA1,d1,2026-03-02".encode(),
                "/rows/1/金额",
                "缺少此表头",
                id="a column that is missing",
            ),
            pytest.param(
                file_of(("d1", "A1", "10.00"), ("r1", "A1", "-4.00")) + "\n合计,,,6.01".encode(),
                "/rows/4/金额",
                "二者不符",
                id="a total that does not add up",
            ),
        ],
    )
    async def test_that_is_wrong_as_a_whole_says_where_and_leaves_nothing_behind(
        self, bank: Bank, content, pointer, told
    ):
        answer = await bank.put(content=content)

        assert answer.status_code == 422, answer.text
        error = answer.json()["errors"][0]
        assert error["pointer"] == pointer
        assert told in error["detail"]
        assert (await bank.fund.read(PATH)).status_code == 404
        assert await bank.fund.db["statement_lines"].count_documents({}) == 0
        assert (await bank.put(("d1", "A1", "10.00"))).status_code == 200

    async def test_in_another_encoding_than_declared_is_told_by_its_header(self, bank: Bank):
        await bank.fund.client.put(
            "/v1/banks/alpha/statement-mapping",
            json={**MAPPING, "encoding": "gb18030"},
            headers=bank.fund.bearer(role="bank_admin"),
        )

        answer = await bank.put(("d1", "A1", "10.00"))

        assert answer.status_code == 422
        assert "编码" in answer.json()["errors"][0]["detail"]

    async def test_that_names_no_account_of_the_bank_has_its_columns_swapped(self, bank: Bank):
        answer = await bank.put(("A1", "d1", "10.00"))

        assert answer.status_code == 422
        assert "错位" in answer.json()["errors"][0]["detail"]

    async def test_larger_than_any_other_body_is_read(self, bank: Bank):
        answer = await bank.put(content=file_of(("d1", "A1", "10.00")) + b"\n".ljust(1_000) * 1_500)

        assert answer.status_code == 200, answer.text


class TestADifference:
    async def test_closes_by_itself_when_the_event_comes_late(self, bank: Bank):
        await bank.put(("d1", "A1", "10.00"), ("r1", "A1", "-4.00"), ("d2", "A1", "0.05"))
        await bank.compared()
        await bank.fund.accepted([money("deposit", "d2", 5)])
        await bank.fund.settled()
        await bank.fund.db["statements"].update_many({}, {"$inc": {"stale": 1}})

        result = await bank.compared()

        assert result["one_to_one"] == 3
        assert [one["state"] for one in await bank.differences()] == ["closed"]

    async def test_keeps_a_persons_word_when_it_is_found_again(self, bank: Bank):
        await bank.put(("d1", "A1", "10.00"))
        await bank.compared()
        [found] = await bank.differences()
        said = await bank.answer(found["difference_id"], "explained", role="bank", bank="alpha")
        await bank.fund.db["statements"].update_many({}, {"$inc": {"stale": 1}})
        await bank.compared()

        assert said.status_code == 200, said.text
        [again] = await bank.differences()
        assert (again["state"], again["reason"]) == ("explained", "次日补报")

    async def test_is_resolved_by_an_office_once_and_never_by_the_bank(self, bank: Bank):
        await bank.put(("d1", "A1", "10.00"))
        await bank.compared()
        [found] = await bank.differences("?kind=report_only")
        staff = {"role": "staff", "department": "finance_office"}

        by_bank = await bank.answer(found["difference_id"], "resolved", role="bank", bank="alpha")
        by_office = await bank.answer(found["difference_id"], "resolved", **staff)
        again = await bank.answer(found["difference_id"], "resolved", **staff)

        assert (by_bank.status_code, by_office.status_code, again.status_code) == (403, 200, 409)


async def test_what_is_posted_lets_the_statements_around_it_wait_again(bank: Bank):
    await bank.put(("d1", "A1", "10.00"))
    await bank.compared()
    compared = ComparedStore(bank.fund.db)
    row = await bank.fund.db["entries"].find_one({"event": "alpha|A1|d1"})
    await bank.fund.db["reconciliation"].insert_one({"_id": "journal", "until": row["posting"]})

    marked = await compared.follow(machine_now=SEEN_AT.replace(year=2099))

    assert marked == 1
    assert (await bank.fund.read(PATH)).json()["waiting"]
