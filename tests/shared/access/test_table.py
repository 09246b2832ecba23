"""The table itself: complete, without contradictions, and as the city means it."""

import re

import pytest

from shared.access.grants import Row
from shared.access.scopes import SCOPES
from shared.access.table import ROWS
from shared.access.tokens import ROLES
from shared.access.visibility import RESTRICTED
from shared.duties.departments import is_known
from shared.messaging.permissions import SERVICES

BOUND_PARAMETERS = {
    "own bank": "{bank}",
    "own platform": "{platform}",
    "named office": "{department}",
}
# The contract that the body names knows its platform, and the handler asks it; a confirmation too.
_CONFIRMATIONS = "/v1/lesson-confirmations"
NAMED_BY_THE_BODY = {
    ("POST", "/v1/refunds"),
    ("GET", _CONFIRMATIONS),
    ("GET", f"{_CONFIRMATIONS}/{{confirmation_id}}"),
    *(
        ("POST", f"{_CONFIRMATIONS}/{{confirmation_id}}/{said}")
        for said in ("confirm", "object", "withdraw")
    ),
}


def name(row: Row) -> str:
    return f"{row.service} {row.method} {row.path}"


def test_no_route_stands_in_two_rows():
    keys = [
        (service, row.method, re.sub(r"\{\w+\}", "{}", row.path))
        for row in ROWS
        for service in (SERVICES if row.service == "*" else (row.service,))
    ]

    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("row", ROWS, ids=name)
class TestRow:
    def test_belongs_to_a_service(self, row):
        assert row.service in ("*", *SERVICES)

    def test_names_somebody_exactly_where_a_token_is_needed(self, row):
        assert bool(row.grants) == (row.door == "token")
        assert (row.scope is not None) == (row.door == "token")

    def test_names_known_roles_departments_and_scopes(self, row):
        assert {grant.role for grant in row.grants} <= set(ROLES)
        assert len({grant.role for grant in row.grants}) == len(row.grants)
        assert all(is_known(code) for grant in row.grants for code in grant.departments)
        assert row.scope is None or row.scope in SCOPES

    def test_writes_for_nobody_without_a_token_or_a_signature(self, row):
        assert row.door != "public" or row.method == "GET"

    def test_binds_senders_by_what_the_path_names(self, row):
        for grant in row.grants:
            parameter = BOUND_PARAMETERS.get(grant.bound)
            bound = parameter is None or parameter in row.path
            assert bound or (row.method, row.path) in NAMED_BY_THE_BODY


def test_restricted_fields_are_named_once():
    names = [(one.model, one.field) for one in RESTRICTED]

    assert len(names) == len(set(names))


def test_restricted_fields_are_seen_by_known_readers():
    kinds = {*ROLES, "departments", "towns"}

    for one in RESTRICTED:
        assert all(reader in kinds or is_known(reader) for reader in (*one.seen_by, *one.but_not))
