"""Who is in charge of an institution."""

import pytest

from services.registry.domain.competence import competence_reason, competent_department


class TestCompetentDepartment:
    """方案任务18."""

    @pytest.mark.parametrize(
        ("kind", "department"),
        [
            ("subject", "education"),
            ("culture_arts", "culture_tourism_sports"),
            ("sports", "culture_tourism_sports"),
            ("science_tech", "science_tech"),
        ],
    )
    def test_follows_from_the_kind(self, kind, department):
        assert competent_department(kind) == department
        assert competence_reason(kind).startswith("方案任务18")
