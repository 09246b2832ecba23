"""A patrol's sheet, filled in and uploaded: results as over the bus, or an error sheet."""

from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO

import openpyxl
import pytest

from shared.clock import Clock
from shared.spreadsheets.writing import MEDIA_TYPE
from tests.schedule_monitor.builders import INSTITUTION, TUESDAY, a_class, a_filing

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("licensed_city", "filed")]

PATROL = f"/v1/patrol-proposals/{TUESDAY}"
EVENING = datetime(2026, 3, 3, 14, tzinfo=UTC)
CODE, AT, OUTCOME, SEEN, CONCLUDED, BY = (
    "编号",
    "巡查时间",
    "现场情况",
    "在场班级",
    "核实",
    "巡查人",
)
FOUND = {
    AT: "20:35",
    OUTCOME: "已进入",
    SEEN: "三年级1班 19:30-20:45 14人；四年级（2）班（高中） 19：30 至 20：10 8",
    CONCLUDED: "1属实",
    BY: "王某",
}


@pytest.fixture
def kernel(kernel):
    """Return a service late on the day of the visit."""
    return replace(kernel, clock=Clock(EVENING - datetime.now(UTC)))


@pytest.fixture
def xiashi(bearer):
    return bearer(role="staff", town="xiashi")


@pytest.fixture
async def filed(client, own):
    late = a_class(start="19:30:00", end="20:31:00", site="s1")
    answer = await client.post("/v1/timetables", json=a_filing(late), headers=own)
    assert answer.status_code == 201


@pytest.fixture
def upload(client, xiashi):
    """Fill in the first place of the sheet as it is printed, and send it back."""

    async def work(*, headers=None, accept="application/json", then=None, **cells):
        printed = await client.get(f"{PATROL}/export.xlsx", headers=xiashi)
        book = openpyxl.load_workbook(BytesIO(printed.content))
        page = book.active
        for key, value in cells.items():
            [at] = [cell.column for cell in page[1] if str(cell.value).startswith(key)]
            page.cell(2, at).value = value
        if then is not None:
            then(page)
        content = BytesIO()
        book.save(content)
        return await client.post(
            f"{PATROL}/results/upload",
            content=content.getvalue(),
            headers={**(headers or xiashi), "accept": accept},
        )

    return work


class TestAFilledSheet:
    async def test_is_what_the_visit_plan_would_tell(self, upload, db, client, xiashi, judged):
        answer = await upload(**FOUND)

        assert answer.status_code == 200, answer.text
        [line] = answer.json()["visits"]
        assert (line["new"], line["seen"], line["confirmed"]) == (True, 2, ["schedule.offline_end"])
        visit = await db["visits"].find_one()
        assert (visit["visited_by"], visit["site"], visit["on"]) == ("xiashi", "s1", TUESDAY)
        assert (visit["proposed_on"], visit["proposed_version"]) == (TUESDAY, 1)
        assert [(one["class_group"], one["stage"], one["head_count"]) for one in visit["seen"]] == [
            ("三年级1班", "compulsory", 14),
            ("四年级(2)班", "senior_secondary", 8),
        ]
        await judged()
        alert = await db["alerts"].find_one({"rule.code": "schedule.offline_end"})
        assert any("visits" in one["figures"] for one in alert["findings"])
        [shown] = (await client.get(PATROL, headers=xiashi)).json()["patrols"][0]["places"][0][
            "visits"
        ]
        assert shown["outcome_name"] == "已进入"
        # Who went there stays on the sheet.
        assert "王某" not in str(visit)

    async def test_changes_nothing_when_it_comes_again_and_is_corrected_by_another(
        self, upload, db
    ):
        await upload(**FOUND)

        again = (await upload(**FOUND)).json()["visits"][0]
        other = (await upload(**{**FOUND, CONCLUDED: "1不属实", SEEN: None})).json()["visits"][0]

        assert (again["new"], again["version"]) == (False, 1)
        assert (other["new"], other["version"], other["unfounded"]) == (
            True,
            2,
            ["schedule.offline_end"],
        )
        assert await db["visits"].count_documents({}) == 1

    async def test_in_which_nobody_went_anywhere_is_none(self, upload, db):
        answer = await upload()

        assert answer.status_code == 422
        assert "没有填写任何巡查结果" in answer.text
        assert await db["visits"].count_documents({}) == 0


class TestWhatIsWrong:
    @pytest.mark.parametrize(
        ("cells", "header", "reason"),
        [
            ({OUTCOME: None}, OUTCOME, "须写明现场情况"),
            ({OUTCOME: "开着"}, OUTCOME, "只能填写"),
            ({AT: None}, AT, "须填写巡查时间"),
            ({AT: "24:00"}, AT, "24:00"),
            ({AT: "23:50"}, "", "最多可比服务时钟晚5分钟"),
            ({OUTCOME: "关门"}, SEEN, "看不到上课"),
            ({SEEN: "三年级1班 14人"}, SEEN, "写作"),
            ({SEEN: "三年级1班 20:00-19:00 14人"}, SEEN, "晚于开始时间"),
            ({SEEN: "三年级1班 19:00-24:00 14人"}, SEEN, "23:59"),
            ({SEEN: "三年级1班 21:00-23:00 14人"}, "", "尚未结束"),
            ({CONCLUDED: "属实"}, CONCLUDED, "按理由的序号"),
            ({CONCLUDED: "9属实"}, CONCLUDED, "没有第9条理由"),
            ({CONCLUDED: "1属实；1不属实"}, CONCLUDED, "既属实又不属实"),
            ({CODE: "xiashi-1-2"}, CODE, "没有这个编号"),
            ({CODE: "xiashi-1-0"}, CODE, "印好的编号"),
            ({CODE: "haizhou-1-1"}, CODE, "本辖区"),
        ],
    )
    async def test_is_told_with_its_cell_and_nothing_is_taken(
        self, upload, db, cells, header, reason
    ):
        answer = await upload(**{**FOUND, **cells})

        assert answer.status_code == 422, answer.text
        [error] = answer.json()["errors"]
        assert reason in error["detail"]
        assert header in error["detail"]
        assert await db["visits"].count_documents({}) == 0

    async def test_comes_back_as_an_error_sheet(self, upload):
        answer = await upload(**{**FOUND, CONCLUDED: "9属实"}, accept=MEDIA_TYPE)

        assert (answer.status_code, answer.headers["x-rows-refused"]) == (422, "1")
        page = openpyxl.load_workbook(BytesIO(answer.content)).active
        assert "没有第9条理由" in str([cell.value for cell in page[2]])

    async def test_a_place_of_two_versions_stands_in_a_sheet_once(self, upload, client, own):
        def doubled(page):
            page.append([cell.value for cell in page[2]])
            page.cell(3, 1).value = "xiashi-1-1"

        await upload(**FOUND)
        later = a_filing(a_class(start="19:30:00", end="20:40:00", site="s1"), version=2)
        await client.post("/v1/timetables", json=later, headers=own)

        answer = await upload(**FOUND, then=doubled)

        assert answer.status_code == 422
        assert "同一地点" in answer.text

    async def test_an_institution_tells_no_results(self, upload, bearer):
        institution = bearer(role="institution", institution=INSTITUTION)

        assert (await upload(**FOUND, headers=institution)).status_code == 403
