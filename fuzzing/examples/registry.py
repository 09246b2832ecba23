"""Valid requests of the register; the institutions made here are known to every other service."""

from typing import Final

from fuzzing.example import Example, Known, staff

_INSTITUTION: Final = "/v1/institutions/{institution_id}"


def _filing(uscc: str, name: str) -> object:
    return {
        "name": name,
        "uscc": uscc,
        "kind": "culture_arts",
        "stages": ["compulsory"],
        "mode": "offline",
        "town": "xiashi",
    }


def _lasting(_: Known) -> object:
    return _filing("52330481MJ000001XJ", "海宁市青禾艺术培训中心")


def _passing(_: Known) -> object:
    return _filing("5233048158501009X7", "海宁市一时艺术培训中心")


EXAMPLES: Final = (
    Example(
        operation="POST /v1/institutions",
        by=staff("culture_tourism_sports"),
        body=_passing,
        keeps={"institution_id": "passing_institution_id"},
    ),
    Example(
        operation=f"POST {_INSTITUTION}/revoke",
        by=staff("culture_tourism_sports"),
        names={"institution_id": "passing_institution_id"},
        body=lambda _: {"revoked_on": "2026-03-02", "reason": "连续两次年检不合格"},
    ),
    Example(
        operation="POST /v1/institutions",
        by=staff("culture_tourism_sports"),
        body=_lasting,
        keeps={"institution_id": "institution_id"},
    ),
    Example(
        operation=f"PUT {_INSTITUTION}/licence",
        by=staff("culture_tourism_sports"),
        body=lambda _: {
            "number": "教民133048170000018号",
            "issued_on": "2023-09-01",
            "valid_until": "2027-08-31",
        },
    ),
    Example(
        operation=f"POST {_INSTITUTION}/sites",
        by=staff("culture_tourism_sports"),
        body=lambda _: {"address": "海宁市海昌路2号", "town": "xiashi", "area_m2": 200},
        keeps={"site_id": "site"},
    ),
    Example(
        operation=f"POST {_INSTITUTION}/sites",
        by=staff("culture_tourism_sports"),
        body=lambda _: {"address": "海宁市文苑路18号", "town": "xiashi", "area_m2": 320},
        keeps={"site_id": "site_id"},
    ),
    Example(
        operation=f"POST {_INSTITUTION}/sites/{{site_id}}/close",
        by=staff("culture_tourism_sports"),
        body=lambda _: {"closed_on": "2026-03-02"},
    ),
    Example(operation="GET /v1/institutions", query=lambda _: {"name": "青禾", "town": "xiashi"}),
    Example(operation=f"GET {_INSTITUTION}/history"),
    Example(operation=f"GET {_INSTITUTION}", by={"role": "staff", "town": "xiashi"}),
)
