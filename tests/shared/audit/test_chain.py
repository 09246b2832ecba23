"""The canonical form of rows: one form for each, the same after any journey through the store."""

from datetime import UTC, datetime, timedelta, timezone

import bson
import pytest
from bson.codec_options import CodecOptions
from hypothesis import given
from hypothesis import strategies as st

from shared.audit.chain import beginning, canonical, hash_of, sealed

AT = datetime(2026, 6, 30, 10, 0, 0, 123_000, UTC)
_TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)
_LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | _TEXT
    | st.floats(allow_nan=False)
    | st.binary(max_size=8)
    | st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001
        lambda at: at.replace(microsecond=at.microsecond // 1000 * 1000)
    )
)
_NAMES = _TEXT | st.sampled_from(["$date", "$bson", "$$date", "hash"])
VALUES = st.recursive(
    _LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES, inner, max_size=3),
    max_leaves=8,
)
ROWS = st.dictionaries(_NAMES, VALUES, max_size=5)
AWARE = CodecOptions(tz_aware=True, tzinfo=UTC)


def from_store(row):
    return bson.decode(bson.encode(row), codec_options=AWARE)


def typed(value):
    """Return a value in which 1, 1.0 and True are three."""
    if isinstance(value, dict):
        return {name: typed(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [typed(inner) for inner in value]
    return (type(value).__name__, repr(value))


class TestCanonical:
    @given(ROWS)
    def test_is_the_same_after_a_journey_through_the_store(self, row):
        assert canonical(from_store(row)) == canonical(row)

    @given(ROWS)
    def test_does_not_depend_on_the_order_of_fields(self, row):
        assert canonical(dict(reversed(row.items()))) == canonical(row)

    @given(ROWS, ROWS)
    def test_tells_any_two_rows_apart(self, one, other):
        assert (canonical(one) == canonical(other)) == (typed(one) == typed(other))

    @given(ROWS, _NAMES, VALUES)
    def test_changes_with_any_field(self, row, name, value):
        changed = {**row, name: value}

        assert (canonical(changed) == canonical(row)) == (typed(changed) == typed(row))

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            (1, True),
            (1, 1.0),
            (0, None),
            ("1", 1),
            (AT, {"$date": 1782813600123}),
            (AT, AT.isoformat()),
            (AT, AT + timedelta(milliseconds=1)),
            ("a", bson.Code("a")),
            ([], {}),
            ("é", "e\u0301"),
        ],
    )
    def test_tells_like_values_of_two_kinds_apart(self, one, other):
        assert canonical({"x": one}) != canonical({"x": other})

    def test_is_written_as_documented(self):
        city = timezone(timedelta(hours=8))
        row = {"z": [1, None, True], "a": "预", "at": AT.astimezone(city), "$x": {}}

        assert canonical(row) == (
            b'{"$$x":{},"a":"\\u9884","at":{"$date":1782813600123},"z":[1,null,true]}'
        )


class TestSealed:
    def test_names_the_algorithm_beside_the_hash(self):
        row = sealed({"_id": "a", "sealed": False}, sequence=1, previous="p", at=AT)

        assert row["hash"].startswith("sha-256:")
        assert "sealed" not in row
        assert hash_of(row) == row["hash"]

    def test_cannot_be_judged_by_an_algorithm_nobody_knows(self):
        row = sealed({"_id": "a"}, sequence=1, previous="p", at=AT)

        assert hash_of({**row, "hash": "md-5:00"}) is None

    def test_begins_every_service_s_chain_elsewhere(self):
        assert beginning("registry") != beginning("fund_monitor")
