import pytest

from deploy.demo.acting import waiting
from deploy.demo.acting.doors import DemoFailed
from deploy.demo.acting.waiting import until


class TestUntil:
    async def test_asks_again_until_the_answer_is_yes(self, monkeypatch):
        monkeypatch.setattr(waiting, "_PAUSE_SECONDS", 0)
        answers = iter([False, False, True])

        async def holds() -> bool:
            return next(answers)

        await until(holds, failing="")

        assert list(answers) == []

    async def test_says_what_is_wrong_after_too_many_noes(self, monkeypatch):
        monkeypatch.setattr(waiting, "_DEADLINE_SECONDS", 0)
        monkeypatch.setattr(waiting, "_PAUSE_SECONDS", 0)

        async def never() -> bool:
            return False

        with pytest.raises(DemoFailed, match="仍未处理完"):
            await until(never, failing="仍未处理完")
