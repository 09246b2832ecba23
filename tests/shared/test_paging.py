"""Cursors lead back to where a page ended; what is none is refused."""

import pytest

from shared.errors import Malformed
from shared.paging import before_of, cursor_after, cursor_to_version, id_of, version_of

IDS = ["01890000-0000-7000-8000-000000000001", "01890000-0000-7000-8000-000000000002"]
NOT_CURSORS = ["", "x", "二", "AAAA", "%%%", "A" * 64]


class TestCursorAfter:
    def test_leads_to_the_last_id_of_a_full_page(self):
        assert before_of(cursor_after(IDS, limit=2)) == IDS[-1]

    def test_is_none_after_a_page_that_is_not_full(self):
        assert cursor_after(IDS, limit=3) is None
        assert before_of(None) is None


class TestCursorToVersion:
    @pytest.mark.parametrize("version", [1, 2, 255, 256, 2**53 - 1])
    def test_leads_back_to_the_version(self, version):
        assert version_of(cursor_to_version(version)) == version


@pytest.mark.parametrize("read", [id_of, version_of])
@pytest.mark.parametrize("cursor", NOT_CURSORS)
def test_what_is_no_cursor_is_refused(read, cursor):
    with pytest.raises(Malformed):
        read(cursor)
