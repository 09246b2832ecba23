"""Whose rule of silence applies: the platform's own, the national one, by the day."""

from datetime import date

from services.fund_monitor.domain.lessons.lesson_silence import (
    DEFAULT_SILENCE,
    LessonSilence,
    silence_of,
)

NATIONAL = LessonSilence(source="national", effective_from=date(2026, 3, 1), days=10)
CLOUD = LessonSilence(
    source="cloud", effective_from=date(2026, 4, 1), effective_until=date(2026, 5, 1), days=7
)


def days(day: date, platform: str | None = "cloud") -> int:
    return silence_of([NATIONAL, CLOUD], platform=platform, day=day).days


class TestSilenceOf:
    def test_is_the_platforms_own_while_it_is_in_force_and_else_the_national_one(self):
        assert [days(date(2026, *on)) for on in ((3, 31), (4, 1), (4, 30), (5, 1))] == [
            10,
            7,
            7,
            10,
        ]
        assert days(date(2026, 4, 1), "other") == days(date(2026, 4, 1), None) == 10

    def test_is_fifteen_working_days_before_anybody_has_decided(self):
        found = silence_of([NATIONAL, CLOUD], platform=None, day=date(2026, 2, 28))

        assert found == DEFAULT_SILENCE
        assert (found.days, found.counting) == (15, "working_days")
