"""Filing accounts over real servers, and what the judge says of them."""

from itertools import permutations

import pytest

from shared.mongo import Database
from tests.support.fund import Event, FundMonitor, an_institution, at, money, opened

pytestmark = [pytest.mark.integration, pytest.mark.timeout(60)]

ACCOUNTS = "/v1/custody-accounts"
OURS = {"role": "institution", "institution": "inst-1"}
COMPETENT = {"role": "staff", "department": "culture_tourism_sports"}


def a_filing(**more: object) -> Event:
    return {
        "institution_id": "inst-1",
        "mode": "custody",
        "bank": "alpha",
        "account_no": "A1",
        "account_name": "甲培训机构预收费资金托管专户",
        "account_kind": "custody",
        "agreement_no": "X-1",
        **more,
    }


def happened(kind: str, day: str, **more: object) -> Event:
    return {
        "type": kind,
        "serial_no": f"{kind}-{day}",
        "account_no": "A1",
        "occurred_at": at(day),
        **more,
    }


@pytest.fixture
async def fund(fund: FundMonitor) -> FundMonitor:
    await fund.institutions.take(an_institution(town="xiashi"))
    await fund.institutions.take(
        an_institution(_id="inst-2", uscc="52330481MJ000002XH", name="乙", town="xieqiao")
    )
    return fund


async def post(fund: FundMonitor, path: str, body: Event | None = None, **claims: str):
    headers = fund.bearer(**claims)
    return await fund.client.post(f"{ACCOUNTS}{path}", json=body, headers=headers)


async def filed(fund: FundMonitor, **more: object) -> str:
    answer = await post(fund, "", a_filing(**more), **OURS)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["account_id"])


async def confirmed(fund: FundMonitor, **more: object) -> str:
    account_id = await filed(fund, **more)
    answer = await post(fund, f"/{account_id}/confirm", **COMPETENT)
    assert answer.status_code == 200, answer.text
    return account_id


async def rules(fund: FundMonitor) -> set[tuple[str, str, str, str]]:
    await fund.settled()
    return {(about, rule, window, level) for about, rule, window, level, _ in await fund.standing()}


class TestFiling:
    async def test_is_repeatable_and_refuses_other_particulars(self, fund: FundMonitor):
        account_id = await filed(fund)

        again = await post(fund, "", a_filing(), **OURS)
        other = await post(fund, "", a_filing(agreement_no="X-2"), **OURS)

        assert (again.status_code, again.json()["account_id"]) == (200, account_id)
        assert other.json()["type"] == "urn:haining:problem:account-filed-otherwise"

    @pytest.mark.parametrize(
        ("more", "problem", "pointer"),
        [
            ({"account_name": "甲培训机构"}, "account-name-wrong", "/account_name"),
            ({"mode": "risk_deposit"}, "account-unfit-for-mode", "/account_kind"),
            ({"filed_on": "2026-06-29"}, "filing-date-wrong", "/filed_on"),
            ({"bank": "alhpa"}, "bank-not-known", "/bank"),
        ],
    )
    async def test_names_the_field_that_breaks_a_rule(
        self, fund: FundMonitor, database: Database, more, problem, pointer
    ):
        answer = await post(fund, "", a_filing(**more), **OURS)

        assert answer.status_code == 422
        assert answer.json()["type"] == f"urn:haining:problem:{problem}"
        assert answer.json()["errors"][0]["pointer"] == pointer
        assert await database["custody_accounts"].count_documents({}) == 0

    async def test_takes_a_second_account_only_in_the_place_of_the_first(self, fund: FundMonitor):
        account_id = await filed(fund)

        second = await post(fund, "", a_filing(account_no="A2"), **OURS)
        changed = await post(fund, "", a_filing(account_no="A2", replaces=account_id), **OURS)

        assert second.json()["type"] == "urn:haining:problem:second-account-filed"
        assert changed.status_code == 201

    async def test_is_the_institutions_own_matter_and_its_competent_departments(
        self, fund: FundMonitor
    ):
        account_id = await filed(fund)
        theirs = {"role": "institution", "institution": "inst-2"}

        foreign = await post(fund, "", a_filing(), **theirs)
        wrong = await post(fund, f"/{account_id}/confirm", role="staff", department="education")
        hidden = await fund.read(f"{ACCOUNTS}/{account_id}", **theirs)

        assert (foreign.status_code, wrong.status_code, hidden.status_code) == (403, 403, 404)

    async def test_keeps_each_version_with_who_and_why(self, fund: FundMonitor, database: Database):
        account_id = await filed(fund)
        await post(fund, f"/{account_id}/refuse", {"reason": "协议未附"}, **COMPETENT)
        again = await post(fund, "", a_filing(agreement_no="X-2"), **OURS)
        await post(fund, f"/{account_id}/confirm", **COMPETENT)

        answer = (await fund.read(f"{ACCOUNTS}/{account_id}", **OURS)).json()

        assert again.json()["account_id"] == account_id
        assert [v["state"] for v in answer["history"]] == ["confirmed", "filed", "refused", "filed"]
        assert answer["history"][2]["reason"] == "协议未附"
        actions = [row["action"] async for row in database["audit"].find().sort("_id")]
        assert actions[-4:] == [
            f"custody_account.{action}" for action in ("filed", "refused", "filed", "confirmed")
        ]


class TestStanding:
    async def test_is_the_same_whatever_order_the_banks_events_come_in(self, fund: FundMonitor):
        account_id = await confirmed(fund)
        events = [
            opened(),
            money("deposit", "d1", 1_000),
            happened("account_frozen", "03-05", frozen_fen=200),
            happened("account_unfrozen", "03-08"),
            happened("account_frozen", "03-09", frozen_fen=300),
        ]
        found = []
        for number, order in enumerate(list(permutations(range(5)))[::30]):
            name = f"A{number + 1}"
            some = [{**events[i], "account_no": name} for i in order]
            for event in some:
                await fund.accepted([event])
            await fund.settled()
            await fund.db["custody_accounts"].update_one(
                {"_id": account_id}, {"$set": {"content.account_no": name}}
            )
            answer = (await fund.read(f"{ACCOUNTS}/{account_id}", **OURS)).json()
            standing = answer["standing"]
            found.append((answer["status"], standing["frozen_fen"], standing["available_fen"]))

        assert found == [("frozen", 300, 700)] * 4

    async def test_shows_an_opening_balance_as_unconfirmed_until_it_is_confirmed(
        self, fund: FundMonitor
    ):
        account_id = await confirmed(fund)
        await fund.accepted([opened(), money("opening_balance", "ob", 1_000)])
        await fund.settled()

        before = (await fund.read(f"{ACCOUNTS}/{account_id}", **OURS)).json()["standing"]
        told = await post(fund, f"/{account_id}/opening-balance", {"amount_fen": 900}, **COMPETENT)

        assert before["opening_balance"] == {
            "state": "unconfirmed",
            "reported_fen": 1_000,
            "confirmed_fen": None,
        }
        assert told.json()["standing"]["opening_balance"]["state"] == "differs"
        assert ("alpha/A1", "fund.opening_balance", "2026-03", "yellow") in await rules(fund)
        await post(fund, f"/{account_id}/opening-balance", {"amount_fen": 1_000}, **COMPETENT)
        assert await rules(fund) == set()


class TestJudging:
    async def test_finds_a_second_open_account_and_no_more_once_its_change_is_filed(
        self, fund: FundMonitor
    ):
        first = await confirmed(fund)
        await fund.accepted([opened(), opened("A2", occurred_at=at("06-29"))])
        before = await rules(fund)

        await filed(fund, account_no="A2", replaces=first)

        assert before == {("inst-1", "fund.second_account", "2026-06", "red")}
        assert await rules(fund) == set()

    async def test_finds_an_account_that_one_who_files_has_not_filed_and_none_of_one_who_files_none(
        self, fund: FundMonitor
    ):
        answer = await post(fund, "", a_filing(filed_on="2026-03-02"), **COMPETENT)
        deposit = {"account_kind": "risk_deposit", "account_name": "甲培训机构风险保证金专户"}
        await fund.accepted([opened(), opened("D1", occurred_at=at("03-03"), **deposit)])
        before = await rules(fund)

        await post(
            fund, f"/{answer.json()['account_id']}/refuse", {"reason": "协议未附"}, **COMPETENT
        )

        assert before == {("alpha/D1", "fund.account_unfiled", "2026-03", "yellow")}
        assert await rules(fund) == set()

    async def test_tells_the_competent_department_of_freezes_and_of_money_after_the_closing(
        self, fund: FundMonitor
    ):
        await fund.accepted(
            [
                money("deposit", "late", occurred_at=at("05-02"), lessons="1.00"),
                happened("account_closed", "04-30"),
                happened("account_frozen", "04-01"),
                opened(),
            ]
        )

        assert await rules(fund) == {
            ("alpha/A1", "fund.account_frozen", "2026-04", "red"),
            ("alpha/A1", "fund.closed_account_inflow", "2026-05", "red"),
        }
        leads = {lead for *_, lead in await fund.standing()}
        assert leads == {"culture_tourism_sports"}

    @pytest.mark.parametrize("order", [(0, 1, 2, 3, 4), (4, 3, 2, 1, 0), (3, 4, 0, 2, 1)])
    async def test_finds_what_left_while_frozen_whatever_order_its_events_come_in(
        self, fund: FundMonitor, order
    ):
        events = [
            opened(),
            money("deposit", "d", 1_000),
            happened("account_frozen", "03-05", frozen_fen=900),
            money("release", "lawful", 100, occurred_at=at("03-06")),
            money("withdrawal", "held", 50, occurred_at=at("03-31", "23:59:59")),
        ]
        for place in order:
            await fund.accepted([events[place]])
            await fund.settled()

        found = await rules(fund)
        await fund.accepted([happened("account_unfrozen", "03-30")])

        assert ("alpha/A1", "fund.frozen_account_outflow", "2026-03", "red") in found
        page = (await fund.read("/v1/alerts?limit=200")).json()["alerts"]
        [alert] = [one for one in page if one["rule"] == "fund.frozen_account_outflow"]
        assert alert["findings"][0]["figures"] == {"outflows": 1, "amount_fen": 50}
        assert await rules(fund) == {("alpha/A1", "fund.account_frozen", "2026-03", "red")}

    async def test_what_left_while_frozen_and_was_reversed_never_left(self, fund: FundMonitor):
        await fund.accepted(
            [
                opened(),
                money("deposit", "d", 1_000),
                happened("account_frozen", "03-05"),
                money("release", "out", 100, occurred_at=at("04-06")),
            ]
        )
        before = await rules(fund)

        undone = {"reverses_serial_no": "out", "occurred_at": at("05-07")}
        await fund.accepted([money("reversal", "back", 100, **undone)])

        frozen = ("alpha/A1", "fund.account_frozen", "2026-03", "red")
        assert before == {
            frozen,
            ("alpha/A1", "fund.frozen_account_outflow", "2026-04", "red"),
        }
        assert await rules(fund) == {frozen}

    async def test_finds_what_left_after_the_closing_and_tells_the_competent_department(
        self, fund: FundMonitor
    ):
        await fund.accepted(
            [
                money("refund", "late", 100, occurred_at=at("05-02")),
                happened("account_closed", "04-30"),
                money("deposit", "d", 1_000),
                opened(),
            ]
        )

        found = await rules(fund)

        assert found == {("alpha/A1", "fund.closed_account_outflow", "2026-05", "red")}
        assert {lead for *_, lead in await fund.standing()} == {"culture_tourism_sports"}


class TestEnrolment:
    async def test_counts_a_confirmed_account_until_the_bank_closes_it(self, fund: FundMonitor):
        everybody = {"role": "staff", "department": "pboc"}
        await confirmed(fund)
        before = (await fund.read("/v1/custody-enrolment", **everybody)).json()["all"]
        await fund.accepted([opened(), happened("account_closed", "04-30")])
        await fund.settled()

        after = (await fund.read("/v1/custody-enrolment", **everybody)).json()["all"]
        missing = (await fund.read("/v1/custody-enrolment/missing?limit=1", **everybody)).json()

        assert (before["confirmed"], before["rate_per_mille"]) == (1, 500)
        assert (after["active"], after["missing"]) == (2, 2)
        assert [each["institution_id"] for each in missing["institutions"]] == ["inst-1"]
        assert missing["next_cursor"] == "inst-1"

    async def test_does_not_count_an_account_after_a_later_exemption(self, fund: FundMonitor):
        everybody = {"role": "staff", "department": "pboc"}
        filed_before = await post(fund, "", a_filing(filed_on="2026-06-01"), **COMPETENT)
        await post(fund, f"/{filed_before.json()['account_id']}/confirm", **COMPETENT)
        nothing = dict.fromkeys(("bank", "account_no", "account_name", "account_kind"))
        await confirmed(fund, mode="post_paid", **nothing, agreement_no=None)

        of_all = (await fund.read("/v1/custody-enrolment", **everybody)).json()["all"]

        assert (of_all["confirmed"], of_all["exempt"], of_all["missing"]) == (0, 1, 1)

    async def test_shows_a_town_its_own(self, fund: FundMonitor):
        await confirmed(fund)
        town = {"role": "staff", "town": "xieqiao"}

        answer = (await fund.read("/v1/custody-enrolment", **town)).json()
        listed = (await fund.read(ACCOUNTS, **town)).json()

        assert [share["name"] for share in answer["by_town"]] == ["xieqiao"]
        assert listed["accounts"] == []
