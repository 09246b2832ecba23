"""Contracts by spreadsheet on a real store: the rules of the filing, cell by cell."""

import asyncio
import io

import openpyxl
import pytest

from services.fund_monitor.api.contracts.contract_sheet import COLUMNS
from shared.in_hand import InHand
from shared.spreadsheets import uploads
from shared.spreadsheets.writing import MEDIA_TYPE
from tests.support.contracts import INSTITUTION, STUDENT, a_contract_body, a_filing
from tests.support.fund import FundMonitor, an_institution

pytestmark = [pytest.mark.integration, pytest.mark.timeout(60)]

URL = "/v1/contracts"
OWNER = {"role": "institution", "institution": INSTITUTION}
CULTURE = {"role": "staff", "department": "culture_tourism_sports"}
ROW = {
    "合同编号": "C1",
    "课程": "美术",
    "类别": "非学科类",
    "授课方式": "线下",
    "学段": "义务教育",
    "班级人数": "10",
    "每课时分钟数": "45",
    "课时数": "48",
    "合同价款（元）": "1200.00",
    "签订日期": "2026年3月1日",
    "开课日期": "2026/3/7",
    "证件类型": "身份证",
    "证件号码": STUDENT["number"],
    "学员姓名": STUDENT["name"],
}
FULL = {column.header: "" for column in COLUMNS} | ROW


def a_row(**more):
    return {**FULL, **more}


def a_csv(*rows):
    lines = [list(FULL), *(list(row.values()) for row in rows)]
    return "\n".join(",".join(f'"{cell}"' for cell in line) for line in lines).encode("gb18030")


@pytest.fixture
async def city(fund: FundMonitor) -> FundMonitor:
    await fund.institutions.take(an_institution())
    return fund


async def upload(fund, content, *, accept="*/*", institution=INSTITUTION, partial=None, **claims):
    query = {"institution_id": institution} | ({} if partial is None else {"partial": partial})
    headers = {**fund.bearer(**(claims or OWNER)), "Accept": accept}
    return await fund.client.post(f"{URL}/upload", params=query, content=content, headers=headers)


async def post(fund, body):
    return await fund.client.post(URL, json=body, headers=fund.bearer(**OWNER))


def cells(answer):
    return [(one["pointer"], one["detail"]) for one in answer.json()["errors"]]


class TestUpload:
    async def test_files_what_the_json_door_files(self, city):
        filled = await upload(city, a_csv(a_row()))
        again = await post(city, a_filing())

        assert filled.json() == {
            "rows": 1, "filed": 1, "changed": 0, "duplicate": 0, "refused": 0, "errors": [],
        }  # fmt: skip
        assert again.json()["status"] == "duplicate"
        assert again.json()["contract"]["source"] == "manual"

    @pytest.mark.parametrize(
        ("written", "filed"),
        [("资金托管", "custody"), ("银行托管", "custody"), ("先上课后收费", "post_paid")],
    )
    async def test_reads_supervision_as_the_model_contract_and_the_plan_write_it(
        self, city, written, filed
    ):
        answer = await upload(city, a_csv(a_row(监管方式=written)))

        assert answer.json()["filed"] == 1, answer.text
        assert (await city.db["contracts"].find_one({}))["supervision"] == filed

    async def test_the_same_sheet_again_changes_nothing(self, city):
        content = a_csv(*(a_row(合同编号=f"C{n}") for n in range(250)))

        answers = [(await upload(city, content)).json() for _ in range(2)]

        assert [(one["filed"], one["duplicate"]) for one in answers] == [(250, 0), (0, 250)]
        assert await city.db["contracts"].count_documents({"version": 1}) == 250
        filed = await city.db["audit"].count_documents({"action": "contract.filed"})
        assert filed == 250
        assert await city.db["audit"].count_documents({"action": "student.referenced"}) == 1

    async def test_another_content_is_a_new_version(self, city):
        await upload(city, a_csv(a_row()))

        answer = await upload(city, a_csv(a_row(课时数="60")))

        assert answer.json()["changed"] == 1
        assert await city.db["contract_versions"].count_documents({}) == 1

    async def test_the_template_filled_in_is_filed(self, city):
        headers = city.bearer(**OWNER)
        given = await city.client.get(f"{URL}/template", headers=headers)
        book = openpyxl.load_workbook(io.BytesIO(given.content))
        page = book["合同"]
        page.append([a_row()[cell.value] or None for cell in page[1]])
        file = io.BytesIO()
        book.save(file)

        answer = await upload(city, file.getvalue())

        assert answer.json()["filed"] == 1

    async def test_instalments_stand_in_one_cell(self, city):
        parts = "2026-03-01 600.00；2026年4月1日 600"

        answer = await upload(city, a_csv(a_row(分期付款=parts)))

        assert answer.json()["filed"] == 1
        row = await city.db["contracts"].find_one({})
        assert row["instalments"] == [
            {"due_on": "2026-03-01", "amount_fen": 60_000},
            {"due_on": "2026-04-01", "amount_fen": 60_000},
        ]

    async def test_a_reference_stands_for_a_student(self, city):
        made = await city.client.post("/v1/students", json=STUDENT, headers=city.bearer(**OWNER))
        known = made.json()["student_ref"]
        nobody = {"证件类型": "", "证件号码": "", "学员姓名": ""}

        answer = await upload(
            city,
            a_csv(
                a_row(学员代码=known.upper().replace("STU_", "stu_"), **nobody),
                a_row(合同编号="C2", 学员代码="stu_" + "b" * 26, **nobody),
            ),
            partial=True,
        )

        assert (answer.json()["filed"], answer.json()["refused"]) == (1, 1)
        assert "不是本服务签发的学员代码" in answer.json()["errors"][0]["reason"]

    async def test_a_fee_that_the_rules_forbid_is_filed_and_found(self, city):
        answer = await upload(city, a_csv(a_row(课时数="200")))

        assert answer.json()["filed"] == 1
        assert await city.db["to_judge"].count_documents({"kind": "institution"}) >= 1


class TestWhatIsRefused:
    async def test_nothing_is_filed_of_a_sheet_with_anything_wrong(self, city):
        answer = await upload(city, a_csv(a_row(), a_row(合同编号="C2", 班级人数="十")))

        assert answer.status_code == 422
        assert cells(answer) == [("/rows/3/F", "F3 班级人数“十”：须为数字")]
        assert await city.db["contracts"].count_documents({}) == 0
        assert await city.db["students"].count_documents({}) == 0

    @pytest.mark.parametrize(
        ("change", "at"),
        [
            ({"课时数": ""}, "H"),
            ({"服务期首日": "2026-03-07"}, "J"),
            ({"分期付款": "2026-03-01 600.00"}, "N"),
            ({"分期付款": "三月六百"}, "N"),
            ({"学员姓名": ""}, "T"),
            ({"证件号码": "330481201501011241"}, "S"),
            ({"学员代码": "stu_" + "b" * 26}, "Q"),
            ({"合同价款（元）": "0"}, "K"),
            ({"合同编号": "合同一"}, "A"),
        ],
    )
    async def test_a_shape_that_cannot_be_is_told_by_its_cell(self, city, change, at):
        answer = await upload(city, a_csv(a_row(**change)))

        assert answer.status_code == 422
        assert [pointer for pointer, _ in cells(answer)] == [f"/rows/2/{at}"]

    async def test_no_answer_says_who_a_student_is(self, city):
        answer = await upload(city, a_csv(a_row(证件号码="1" * 40, 学员姓名="王" * 70)))

        assert answer.status_code == 422
        assert "1" * 8 not in answer.text
        assert "王王" not in answer.text

    async def test_what_a_platform_filed_is_left_to_it(self, city):
        await upload(city, a_csv(a_row()))
        await city.db["contracts"].update_one(
            {}, {"$set": {"platform": "p1", "source": "platform"}}
        )

        answer = await upload(city, a_csv(a_row(课时数="60"), a_row(合同编号="C2")), partial=True)

        assert (answer.json()["filed"], answer.json()["refused"]) == (1, 1)
        assert "平台" in answer.json()["errors"][0]["reason"]

    async def test_the_error_sheet_is_corrected_and_uploaded(self, city):
        content = a_csv(a_row(), a_row(合同编号="C2", 类别="文化课"))
        answer = await upload(city, content, accept=MEDIA_TYPE, partial=True)
        book = openpyxl.load_workbook(io.BytesIO(answer.content))
        page = book["合同"]

        assert [cell.value for cell in page[2]][-3:-1] == [3, "C3"]
        page["C2"] = "非学科类"
        file = io.BytesIO()
        book.save(file)
        rest = await upload(city, file.getvalue())

        assert rest.json()["filed"] == 1
        assert await city.db["contracts"].count_documents({}) == 2

    @pytest.mark.parametrize(
        ("claims", "status"),
        [
            pytest.param(CULTURE, 200, id="the competent department"),
            pytest.param({"role": "staff", "department": "education"}, 403, id="another one"),
            pytest.param({"role": "institution", "institution": "inst-2"}, 403, id="another's"),
        ],
    )
    async def test_is_for_the_institution_and_its_department(self, city, claims, status):
        assert (await upload(city, a_csv(a_row()), **claims)).status_code == status

    async def test_waits_for_an_institution_the_register_has_not_told(self, fund):
        answer = await upload(fund, a_csv(a_row()))

        assert answer.status_code == 409


def test_the_sheet_has_every_field_of_the_filing():
    fields = set(a_contract_body()) | {
        "student_ref", "period_from", "period_until", "instalments", "supervision",
        "cooling_off_days",
    }  # fmt: skip

    assert fields <= {column.key for column in COLUMNS}


class TestMoreUploadsThanAtOnce:
    async def test_are_told_to_come_again_and_nothing_of_them_is_read(self, city: FundMonitor):
        hand = InHand(most=1, said="请稍后重新上传", retry_after_seconds=10)
        city.app.state.uploads = hand
        read = []

        async def body():
            read.append(1)
            yield a_csv(a_row())

        with hand.take():
            refused = await upload(city, body())
            filed_meanwhile = await post(city, a_filing(contract_no="C2"))
        taken = await upload(city, a_csv(a_row()))

        assert (refused.status_code, refused.headers["retry-after"]) == (503, "10")
        assert refused.json()["type"] == "urn:haining:problem:busy"
        assert read == []
        assert filed_meanwhile.status_code == 201
        assert (taken.status_code, taken.json()["rows"]) == (200, 1)
        assert hand.count == 0

    async def test_end_where_the_file_does_not_come(self, city: FundMonitor, monkeypatch):
        monkeypatch.setattr(uploads, "UPLOAD_SECONDS", 0.1)

        async def body():
            yield b"half"
            await asyncio.Event().wait()

        answer = await upload(city, body())

        assert (answer.status_code, answer.json()["type"]) == (
            408,
            "urn:haining:problem:body-too-slow",
        )
        assert city.app.state.uploads.count == 0
