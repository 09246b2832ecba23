"""Checks before filing: slots, receipts that can be quoted, and what has changed since."""

import re
from datetime import timedelta

import pytest

from services.schedule_monitor.domain.receipt import FORM
from shared.clock import machine_now
from tests.schedule_monitor.builders import (
    INSTITUTION,
    a_calendar_body,
    a_class,
    a_filing,
    a_state,
)

pytestmark = pytest.mark.integration

URL = "/v1/timetables"
CHECK = f"{URL}/check"
SUNDAY = "2026-03-08"
LABEL = "2025-2026学年第二学期"


def a_pattern(**more):
    weekly = {"weekday": 2, "first_day": "2026-03-02", "last_day": "2026-03-31"}
    stated = a_class(**(weekly | more))
    del stated["date"]
    return stated


@pytest.fixture
async def ready(client, education, institutions):
    await institutions.take(a_state())
    await client.put("/v1/school-calendars/2025-2026", json=a_calendar_body(), headers=education)


async def check(client, headers, *classes, **more):
    answer = await client.post(CHECK, json={"sessions": classes, **more}, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def receipt_of(client, headers, number):
    return await client.get(f"{URL}/checks/{number}", headers=headers)


@pytest.mark.usefixtures("ready")
class TestSlots:
    async def test_says_where_an_unlawful_class_would_be_lawful(self, client, own):
        said = await check(client, own, a_class(), a_class(SUNDAY), institution_id=INSTITUTION)

        lawful, unlawful = said["sessions"]
        assert lawful["nearest_slot"] is None
        assert unlawful["nearest_slot"] == {
            "date": "2026-03-09",
            "start": "18:00:00",
            "end": "18:30:00",
            "shortened": False,
            "words": "可改至2026-03-09（星期一）18:00:00至18:30:00",
        }

    @pytest.mark.parametrize(
        ("planned", "why"),
        [
            ({"start": "00:00:00", "end": "23:59:00"}, "前后70天内没有找到"),
            ({"stage": "preschool"}, "改时间不能解决"),
        ],
    )
    async def test_says_why_there_is_none(self, client, own, planned, why):
        said = await check(client, own, a_class(SUNDAY, **planned), institution_id=INSTITUTION)

        [one] = said["sessions"]
        assert one["nearest_slot"] is None
        assert one["slot_note"].startswith(why)

    async def test_a_class_group_is_one_however_its_name_is_typed(self, client, own):
        first = a_class(mode="online", class_group="１班")
        next_one = a_class(mode="online", start="18:35:00", end="18:50:00", class_group="1班\u200b")

        said = await check(client, own, first, next_one, institution_id=INSTITUTION)

        assert {one["class_group"] for one in said["sessions"]} == {"1班"}
        rules = [one["rule"] for one in said["sessions"][1]["findings"]]
        assert rules == ["schedule.online_gap"]

    async def test_looks_beside_what_is_filed_under_other_labels(self, client, own):
        await client.post(URL, json=a_filing(a_class("2026-03-09"), label="甲"), headers=own)
        asked = {"institution_id": INSTITUTION, "label": "乙"}

        said = await check(client, own, a_class(SUNDAY), **asked)
        again = await check(client, own, a_class(SUNDAY), institution_id=INSTITUTION, label="甲")

        assert said["sessions"][0]["nearest_slot"]["date"] != "2026-03-09"
        # What is filed under its own label gives way to the new version.
        assert again["sessions"][0]["nearest_slot"]["date"] == "2026-03-09"

    async def test_a_label_is_of_somebody(self, client, education):
        body = {"sessions": [a_class()], "label": "甲"}

        answer = await client.post(CHECK, json=body, headers=education)

        assert [one["pointer"] for one in answer.json()["errors"]] == ["/institution_id"]


@pytest.mark.usefixtures("ready")
class TestPatterns:
    async def test_are_checked_class_by_class(self, client, own):
        body = {"institution_id": INSTITUTION, "patterns": [a_pattern()]}

        said = (await client.post(CHECK, json=body, headers=own)).json()

        days = [one["date"] for one in said["sessions"]]
        assert days == [f"2026-03-{day:02}" for day in (3, 10, 17, 24, 31)]

    async def test_are_filed_once_though_the_calendar_changes(self, client, own, education):
        body = a_filing(patterns=[a_pattern(skip_days_off=True)])
        first = await client.post(URL, json=body, headers=own)
        closed = {"kind": "adhoc", "first_day": "2026-03-10", "last_day": "2026-03-10"}
        year = a_calendar_body(breaks=[closed])
        await client.put("/v1/school-calendars/2025-2026", json=year, headers=education)

        again = await client.post(URL, json=body, headers=own)
        other = a_filing(patterns=[a_pattern(skip_days_off=True, exceptions=["2026-03-17"])])
        refused = await client.post(URL, json=other, headers=own)

        assert (first.status_code, again.status_code, refused.status_code) == (201, 200, 409)
        assert again.json()["timetable_id"] == first.json()["timetable_id"]
        assert len(again.json()["sessions"]) == 5

    @pytest.mark.parametrize(
        ("change", "pointer"),
        [
            ({"weekday": 0}, "/patterns/0/weekday"),
            ({"weekday": 8}, "/patterns/0/weekday"),
            ({"last_day": "2026-03-01"}, "/patterns/0/last_day"),
            ({"last_day": "2027-06-01"}, "/patterns/0/last_day"),
            ({"end": "17:00:00"}, "/patterns/0/end"),
            ({"exceptions": ["2026-02-30"]}, "/patterns/0/exceptions/0"),
            ({"date": "2026-03-03"}, "/patterns/0/date"),
        ],
    )
    async def test_point_at_what_is_wrong(self, client, own, change, pointer):
        body = {"institution_id": INSTITUTION, "patterns": [a_pattern() | change]}

        answer = await client.post(CHECK, json=body, headers=own)

        assert answer.status_code == 422
        assert [one["pointer"] for one in answer.json()["errors"]] == [pointer]

    @pytest.mark.parametrize(
        ("change", "code"),
        [
            ({"exceptions": ["2026-03-04"]}, "exception-not-in-pattern"),
            ({"last_day": "2026-03-02"}, "pattern-without-days"),
        ],
    )
    async def test_are_refused_where_they_come_to_nothing(self, client, own, change, code):
        body = {"institution_id": INSTITUTION, "patterns": [a_pattern(), a_pattern() | change]}

        answer = await client.post(CHECK, json=body, headers=own)

        assert (answer.status_code, answer.json()["type"]) == (422, f"urn:haining:problem:{code}")
        [field] = change
        assert [one["pointer"] for one in answer.json()["errors"]] == [f"/patterns/1/{field}"]

    async def test_are_bounded_together(self, client, own):
        long = a_pattern(last_day="2027-03-01")
        body = {"institution_id": INSTITUTION, "patterns": [long] * 300}

        answer = await client.post(CHECK, json=body, headers=own)

        assert answer.json()["type"] == "urn:haining:problem:too-many-sessions"

    async def test_a_filing_says_that_nothing_is_held_or_what(self, client, own):
        body = a_filing()
        del body["sessions"]

        answer = await client.post(URL, json=body, headers=own)

        assert [one["pointer"] for one in answer.json()["errors"]] == ["/sessions"]


@pytest.mark.usefixtures("ready")
class TestReceipts:
    async def test_a_receipt_says_what_was_answered(self, client, own, education):
        said = await check(client, own, a_class(SUNDAY), institution_id=INSTITUTION)

        shown = (await receipt_of(client, education, said["receipt"])).json()
        assert re.fullmatch(FORM, said["receipt"])
        assert shown["answer"] == said
        assert (shown["asked_by"], shown["institution_id"]) == (INSTITUTION, INSTITUTION)
        assert (shown["verdict"], shown["session_count"]) == ("unlawful", 1)
        assert shown["changed_since"] == []
        assert shown["basis"]["2025-2026学年义务教育阶段校历"] == "第1版"

    async def test_a_receipt_tells_what_has_changed_since(self, client, own, education):
        said = await check(client, own, a_class(), institution_id=INSTITUTION)
        year = a_calendar_body(basis="另一份校历")
        await client.put("/v1/school-calendars/2025-2026", json=year, headers=education)
        senior = a_calendar_body(stage="senior_secondary")
        await client.put("/v1/school-calendars/2025-2026", json=senior, headers=education)

        shown = (await receipt_of(client, own, said["receipt"])).json()

        assert shown["changed_since"] == ["2025-2026学年义务教育阶段校历有变"]

    async def test_a_receipt_is_kept_a_year(self, client, own, db):
        await check(client, own, a_class(), institution_id=INSTITUTION)

        [row] = await db["receipts"].find().to_list()
        assert row["forget_at"] - row["asked_at"] == timedelta(days=400)
        assert abs(row["asked_at"] - machine_now()) > timedelta(days=1)

    @pytest.mark.parametrize(
        ("who", "status"),
        [
            ({"role": "staff", "department": "economy_it"}, 200),
            ({"role": "staff", "town": "xiashi"}, 200),
            ({"role": "staff", "town": "haizhou"}, 403),
            ({"role": "institution", "institution": "another"}, 404),
            ({"role": "bank", "bank": "icbc"}, 403),
        ],
    )
    async def test_a_receipt_is_for_those_whose_matter_it_is(
        self, client, own, bearer, who, status
    ):
        said = await check(client, own, a_class(), institution_id=INSTITUTION)

        answer = await receipt_of(client, bearer(**who), said["receipt"])

        assert answer.status_code == status

    async def test_a_check_for_nobody_is_its_callers(self, client, own, bearer):
        said = await check(client, own, a_class())

        assert (await receipt_of(client, own, said["receipt"])).status_code == 200
        other = bearer(role="institution", institution="another")
        answer = await receipt_of(client, other, said["receipt"])
        assert answer.json()["type"] == "urn:haining:problem:receipt-not-found"

    async def test_a_number_is_known_as_people_type_it(self, client, own):
        number = (await check(client, own, a_class(), institution_id=INSTITUTION))["receipt"]
        typed = number.lower().replace("0", "o").replace("1", "l").replace("-", "－")

        found = await receipt_of(client, own, typed)
        filed = await client.post(URL, json=a_filing(receipt=typed), headers=own)

        assert (found.status_code, filed.status_code) == (200, 201)
        assert found.json()["receipt"] == filed.json()["receipt"]["receipt"] == number

    async def test_a_number_that_is_none_is_refused(self, client, own):
        assert (await receipt_of(client, own, "KB20260302-IIIIIIIIII")).status_code == 422
        assert (await receipt_of(client, own, "KB20260302-0000000000")).status_code == 404

    async def test_a_filing_quotes_a_receipt(self, client, own, education, db):
        said = await check(client, own, a_class(), institution_id=INSTITUTION)
        year = a_calendar_body(basis="另一份校历")
        await client.put("/v1/school-calendars/2025-2026", json=year, headers=education)

        body = a_filing(a_class(), receipt=said["receipt"])
        filed = (await client.post(URL, json=body, headers=own)).json()

        assert filed["receipt"] == {
            "receipt": said["receipt"],
            "checked_at": said["checked_at"],
            "verdict": "lawful",
            "same_classes": True,
            "changed_since": ["2025-2026学年义务教育阶段校历有变"],
        }
        [entry] = await db["audit"].find({"action": "timetable.filed"}).to_list()
        assert entry["details"]["receipt"] == said["receipt"]

    async def test_a_filing_of_other_classes_is_told_so(self, client, own):
        said = await check(client, own, a_class(), institution_id=INSTITUTION)

        body = a_filing(a_class("2026-03-04"), receipt=said["receipt"])
        filed = (await client.post(URL, json=body, headers=own)).json()

        assert filed["receipt"]["same_classes"] is False

    async def test_a_filing_quotes_only_its_own(self, client, own, education, db):
        said = await check(client, education, a_class())

        body = a_filing(a_class(), receipt=said["receipt"])
        answer = await client.post(URL, json=body, headers=own)

        assert answer.json()["type"] == "urn:haining:problem:receipt-unknown"
        assert [one["pointer"] for one in answer.json()["errors"]] == ["/receipt"]
        assert await db["timetables"].count_documents({}) == 0


@pytest.mark.usefixtures("ready")
class TestDiff:
    async def file(self, client, own, *classes, **more):
        return (await client.post(URL, json=a_filing(*classes, **more), headers=own)).json()

    async def test_a_filing_again_tells_what_it_changes(self, client, own, db):
        first = await self.file(
            client, own, a_class(), a_class("2026-03-04"), a_class("2026-03-05")
        )
        said = await self.file(
            client,
            own,
            a_class(room="301"),
            a_class("2026-03-06"),
            a_class("2026-03-05"),
            a_class("2026-03-05", class_group="四年级1班"),
            version=2,
        )

        found = said["diff"]
        assert (first["diff"], found["against"]) == (None, first["timetable_id"])
        assert found["counts"] == {"added": 1, "removed": 0, "moved": 1, "changed": 1}
        [moved], [changed], [added] = found["moved"], found["changed"], found["added"]
        assert (moved["before"]["date"], moved["after"]["date"]) == ("2026-03-04", "2026-03-06")
        assert changed["fields"] == ["room"]
        assert added["class_group"] == "四年级1班"
        [_, entry] = await db["audit"].find({"action": "timetable.filed"}).sort("_id").to_list()
        assert {key: entry["details"][key] for key in found["counts"]} == found["counts"]

    async def test_is_read_against_any_version(self, client, own):
        one = await self.file(client, own, a_class())
        two = await self.file(client, own, a_class("2026-03-04"), version=2)
        three = await self.file(client, own, a_class(), version=3)
        at = f"{URL}/{three['timetable_id']}/diff"

        before = (await client.get(at, headers=own)).json()
        first = await client.get(at, params={"against": one["timetable_id"]}, headers=own)

        assert (before["against"], before["counts"]["moved"]) == (two["timetable_id"], 1)
        assert not any(first.json()["counts"].values())

    async def test_the_first_version_adds_all(self, client, own):
        one = await self.file(client, own, a_class())

        found = (await client.get(f"{URL}/{one['timetable_id']}/diff", headers=own)).json()

        assert (found["against"], found["counts"]["added"]) == (None, 1)

    async def test_compares_only_versions_of_the_same(self, client, own):
        one = await self.file(client, own, a_class(), label="甲")
        other = await self.file(client, own, a_class(), label="乙")

        answer = await client.get(
            f"{URL}/{one['timetable_id']}/diff",
            params={"against": other["timetable_id"]},
            headers=own,
        )

        assert (answer.status_code, answer.json()["type"]) == (
            422,
            "urn:haining:problem:other-timetable",
        )

    async def test_is_for_those_whose_matter_it_is(self, client, own, bearer):
        one = await self.file(client, own, a_class(), label=LABEL)
        other = bearer(role="institution", institution="another")

        answer = await client.get(f"{URL}/{one['timetable_id']}/diff", headers=other)

        assert answer.status_code == 404


@pytest.mark.usefixtures("ready")
async def test_a_filed_course_has_the_judge_look_again(client, own, db, judged):
    await client.post(URL, json=a_filing(a_class(course="SX3A")), headers=own)
    course = {
        "name": "四年级数学",
        "kind": "subject",
        "stage": "compulsory",
        "mode": "offline",
        "subject_matter": "数学",
    }
    await judged()
    before = await db["timetables"].find_one()

    await client.put(f"/v1/institutions/{INSTITUTION}/courses/OTHER", json=course, headers=own)
    await judged()

    after = await db["timetables"].find_one()
    assert (before["counts"]["unlawful"], after["counts"]["unlawful"]) == (0, 1)


async def test_a_class_is_no_larger_than_its_registered_site(client, own, education, institutions):
    await client.put("/v1/school-calendars/2025-2026", json=a_calendar_body(), headers=education)
    site = {"site_id": "s1", "address": "文苑路8号", "town": "xiashi", "area_m2": 200}
    await institutions.take(a_state(sites=[site]))

    told = await check(
        client,
        own,
        a_class(site="s1", students=66),
        a_class("2026-03-04", site="s1", students=67),
        institution_id=INSTITUTION,
    )

    found = [[one["rule"] for one in it["findings"]] for it in told["sessions"]]
    assert found == [[], ["schedule.capacity"]]
