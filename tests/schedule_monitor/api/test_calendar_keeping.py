"""Routes by which the department decides: single days, switches, school hours, closures."""

import pytest

from tests.schedule_monitor.builders import a_calendar_body

pytestmark = pytest.mark.integration

OVERRIDES = "/v1/calendar/overrides"
SWITCHES = "/v1/calendar/switches"
YEAR = "/v1/school-calendars/2025-2026"


@pytest.fixture
async def school_year(client, education):
    await client.put(YEAR, json=a_calendar_body(), headers=education)


def an_override(**more):
    defaults = {"date": "2026-03-03", "change": "rest_day", "reference": "海政发〔2026〕9号"}
    return {**defaults, "reason": "防台风", **more}


def a_decision(**more):
    return {"value": "on", "reference": "海教〔2026〕3号", "reason": "放假办法第三条", **more}


def hours(*tables, **more):
    return {"stage": "compulsory", "tables": list(tables), "basis": "作息时间表", **more}


def a_table(since="2025-09-01", *periods):
    told = periods or ((1, "08:00", "11:30"),)
    return {
        "since": since,
        "periods": [{"weekday": day, "start": start, "end": end} for day, start, end in told],
    }


def a_closure(**more):
    days = {"first_day": "2026-03-09", "last_day": "2026-03-10"}
    return {"stages": ["compulsory"], "reason": "台风“梅花”", **days, **more}


def pointers(answer):
    assert answer.status_code == 422, answer.text
    return [error["pointer"] for error in answer.json()["errors"]]


class TestDecideDays:
    @pytest.fixture
    def decide(self, client, education):
        async def work(*overrides):
            body = {"overrides": list(overrides)}
            return await client.post(OVERRIDES, json=body, headers=education)

        return work

    async def test_change_days_and_count_versions(self, decide, client, own):
        first = await decide(an_override(), an_override(date="2026-03-07", change="workday"))
        again = await decide(an_override())
        back = await decide(an_override(change="as_announced"))

        assert [one["version"] for one in first.json()["overrides"]] == [1, 1]
        assert [one["version"] for one in again.json()["overrides"]] == [1]
        assert [one["version"] for one in back.json()["overrides"]] == [2]
        day = (await client.get("/v1/calendar/2026-03-07", headers=own)).json()
        assert (day["kind"], day["working_day"]) == ("adjusted_workday", True)
        assert "海政发〔2026〕9号" in day["override"]
        plain = (await client.get("/v1/calendar/2026-03-03", headers=own)).json()
        assert (plain["kind"], plain["override"]) == ("ordinary_weekday", None)

    async def test_are_all_taken_or_none(self, decide, client, own):
        answer = await decide(an_override(), an_override(date="2026-10-01", change="workday"))

        assert answer.status_code == 422
        assert answer.json()["type"] == "urn:haining:problem:statutory-holiday-stays"
        assert pointers(answer) == ["/overrides/1/date"]
        assert (await client.get(OVERRIDES, headers=own)).json() == {"overrides": []}

    async def test_a_day_off_by_decision_is_told_as_one(self, decide, client, own):
        await decide(an_override())

        day = (await client.get("/v1/calendar/2026-03-03", headers=own)).json()

        said = next(one for one in day["subject_classes"] if one["stage"] == "compulsory")
        assert "依据海政发〔2026〕9号改为休息" in said["explanation"]
        assert "补假" not in said["explanation"]

    async def test_need_the_years_notice(self, decide):
        answer = await decide(an_override(date="2027-03-03"))

        assert answer.status_code == 409
        assert answer.json()["type"] == "urn:haining:problem:calendar-year-unknown"

    async def test_write_each_day_to_the_audit_without_the_reason(self, decide, db):
        await decide(an_override(), an_override(date="2026-03-04"))

        rows = await db["audit"].find().to_list()
        assert sorted(row["about"]["id"] for row in rows) == ["2026-03-03", "2026-03-04"]
        assert "防台风" not in str(rows)

    @pytest.mark.parametrize(
        ("change", "pointer"),
        [
            ({"date": "2026-02-30"}, "/overrides/0/date"),
            ({"change": "closed"}, "/overrides/0/change"),
            ({"reason": " "}, "/overrides/0/reason"),
            ({"reference": "文\n号"}, "/overrides/0/reference"),
            ({"banking": "ja"}, "/overrides/0/banking"),
        ],
    )
    async def test_point_at_what_is_wrong(self, decide, change, pointer):
        assert pointers(await decide(an_override(**change))) == [pointer]

    async def test_name_a_day_once(self, decide):
        assert pointers(await decide(an_override(), an_override())) == ["/overrides/1/date"]

    async def test_are_not_empty(self, decide):
        assert pointers(await decide()) == ["/overrides"]


class TestSwitches:
    @pytest.fixture
    def decide(self, client, education):
        async def work(switch="childrens_day", since="2026-06-01", **changes):
            url = f"{SWITCHES}/{switch}/{since}"
            return await client.put(url, json=a_decision(**changes), headers=education)

        return work

    async def test_stand_at_proposals_that_are_marked_as_such(self, client, own):
        found = (await client.get(SWITCHES, headers=own)).json()["switches"]

        assert {one["switch"]: one["stands_at"] for one in found} == {
            "adjusted_workdays": "workday",
            "childrens_day": "off",
            "senior_secondary": "subject_to_ban",
        }
        assert {one["origin"] for one in found} == {"P"}
        assert all("建议默认值" in one["note"] for one in found)

    async def test_are_decided_from_a_day_on(self, decide):
        answers = [await decide(), await decide(), await decide(value="off")]

        assert [answer.status_code for answer in answers] == [201, 200, 201]
        assert [answer.json()["version"] for answer in answers] == [1, 1, 2]

    @pytest.mark.usefixtures("school_year")
    async def test_close_schools_for_children_on_a_free_first_of_june(self, client, own, decide):
        await decide()

        day = (await client.get("/v1/calendar/2026-06-01", headers=own)).json()
        assert [one["school_day"] for one in day["schools"]] == [False, False, None]

    @pytest.mark.parametrize(
        ("changes", "pointer"),
        [
            ({"switch": "weekends"}, "/switch"),
            ({"since": "2020-12-31"}, "/since"),
            ({"since": "soon"}, "/since"),
            ({"value": "workday"}, "/value"),
            ({"reason": ""}, "/reason"),
        ],
    )
    async def test_point_at_what_is_wrong(self, decide, changes, pointer):
        assert pointers(await decide(**changes)) == [pointer]


class TestSchoolHours:
    @pytest.fixture
    def load(self, client, education):
        async def work(*tables, **more):
            return await client.put(f"{YEAR}/hours", json=hours(*tables, **more), headers=education)

        return work

    @pytest.mark.usefixtures("school_year")
    async def test_are_loaded_with_all_their_tables(self, load, client, own):
        summer = a_table("2026-05-01", (1, "07:50", "11:30"), (1, "14:00", "16:30"))
        answers = [await load(summer, a_table()), await load(a_table(), summer), await load(summer)]

        assert [answer.status_code for answer in answers] == [201, 200, 201]
        assert [answer.json()["version"] for answer in answers] == [1, 1, 2]
        [found] = (await client.get(f"{YEAR}/hours", headers=own)).json()["hours"]
        assert found["tables"] == [
            {
                "since": "2026-05-01",
                "periods": [
                    {"weekday": 1, "start": "07:50:00", "end": "11:30:00"},
                    {"weekday": 1, "start": "14:00:00", "end": "16:30:00"},
                ],
            }
        ]

    @pytest.mark.usefixtures("school_year")
    async def test_are_told_with_their_school_year(self, load, db):
        await load(a_table())

        rows = await db["school_years"].find().to_list()
        assert [(row["_id"], row["version"]) for row in rows] == [("2025-2026-compulsory", 2)]
        assert rows[0]["hours"][0]["periods"] == [
            {"weekday": 1, "start": "08:00:00", "end": "11:30:00"}
        ]

    async def test_need_a_loaded_school_year(self, load):
        answer = await load(a_table())

        assert answer.status_code == 404
        assert answer.json()["type"] == "urn:haining:problem:school-calendar-not-found"

    @pytest.mark.usefixtures("school_year")
    @pytest.mark.parametrize("since", ["2025-08-31", "2026-09-01"])
    async def test_begin_within_it(self, load, since):
        answer = await load(a_table(since))

        assert answer.status_code == 422
        assert answer.json()["type"] == "urn:haining:problem:hours-outside-school-year"
        assert pointers(answer) == ["/tables"]

    @pytest.mark.parametrize(
        ("tables", "pointer"),
        [
            ([], "/tables"),
            ([a_table(), a_table()], "/tables"),
            ([a_table("2025-09-01", (0, "08:00", "09:00"))], "/tables/0/periods/0/weekday"),
            ([a_table("2025-09-01", (8, "08:00", "09:00"))], "/tables/0/periods/0/weekday"),
            ([a_table("2025-09-01", (1, "08:00", "08:00"))], "/tables/0/periods/0/end"),
            ([a_table("2025-09-01", (1, "8:00", "09:00"))], "/tables/0/periods/0/start"),
            ([a_table("2025-09-01", (1, "23:00", "24:00"))], "/tables/0/periods/0/end"),
            (
                [a_table("2025-09-01", (1, "08:00", "09:00"), (1, "08:59", "10:00"))],
                "/tables/0/periods",
            ),
        ],
    )
    async def test_point_at_what_is_wrong(self, load, tables, pointer):
        assert pointers(await load(*tables)) == [pointer]


class TestClosures:
    @pytest.fixture
    def close(self, client, education):
        async def work(**more):
            return await client.post(f"{YEAR}/closures", json=a_closure(**more), headers=education)

        return work

    @pytest.mark.usefixtures("school_year")
    async def test_are_written_into_the_calendar_once(self, close, client, own, db):
        answers = [await close(), await close()]

        assert [answer.status_code for answer in answers] == [201, 200]
        [calendar] = (await client.get(YEAR, headers=own)).json()["calendars"]
        assert calendar["version"] == 2
        assert {
            "kind": "adhoc",
            "first_day": "2026-03-09",
            "last_day": "2026-03-10",
            "reason": "台风“梅花”",
        } in calendar["breaks"]
        actions = [row["action"] async for row in db["audit"].find().sort("_id", 1)]
        assert actions == ["school_calendar.loaded", "schools.closed"]

    @pytest.mark.usefixtures("school_year")
    async def test_close_all_stages_or_none(self, close, client, own):
        answer = await close(stages=["compulsory", "senior_secondary"])

        assert answer.status_code == 404
        assert "高中" in answer.json()["detail"]
        [calendar] = (await client.get(YEAR, headers=own)).json()["calendars"]
        assert calendar["version"] == 1

    @pytest.mark.usefixtures("school_year")
    async def test_lie_within_the_school_year(self, close):
        answer = await close(first_day="2026-08-31", last_day="2026-09-01")

        assert answer.status_code == 422
        assert answer.json()["type"] == "urn:haining:problem:closure-refused"
        assert pointers(answer) == ["/last_day"]

    @pytest.mark.parametrize(
        ("changes", "pointer"),
        [
            ({"stages": []}, "/stages"),
            ({"stages": ["university"]}, "/stages/0"),
            ({"last_day": "2026-03-08"}, "/last_day"),
            ({"reason": ""}, "/reason"),
        ],
    )
    async def test_point_at_what_is_wrong(self, close, changes, pointer):
        assert pointers(await close(**changes)) == [pointer]


@pytest.mark.parametrize("who", [{"department": "economy_it"}, {"department": "pboc"}])
@pytest.mark.parametrize(
    ("method", "url"),
    [
        ("POST", OVERRIDES),
        ("PUT", f"{SWITCHES}/childrens_day/2026-06-01"),
        ("PUT", f"{YEAR}/hours"),
        ("POST", f"{YEAR}/closures"),
    ],
)
async def test_only_education_decides(client, bearer, who, method, url):
    answer = await client.request(method, url, json={}, headers=bearer(role="staff", **who))

    assert answer.status_code == 403
