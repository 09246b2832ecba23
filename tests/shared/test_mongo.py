import pytest

from shared.mongo import Session, connect, transact, unreachable
from tests.support.servers import mongo_for_tests

pytestmark = [pytest.mark.integration, pytest.mark.timeout(60)]


class TestTransact:
    async def test_gives_up_while_the_store_is_away_and_says_that_it_is(self):
        with mongo_for_tests() as server:
            client = connect(server.url, username=None, password=None, database="t")
            db = client["t"]
            await db["rows"].insert_one({"_id": 1})
            server.kill()

            async def work(session: Session) -> None:
                await db["rows"].update_one({"_id": 1}, {"$inc": {"n": 1}}, session=session)

            with pytest.raises(Exception) as away:  # noqa: PT011 - which one is the driver's matter
                await transact(db, work)

            assert unreachable(away.value)
            server.restart()
            await transact(db, work)
            assert await db["rows"].find_one() == {"_id": 1, "n": 1}
            await client.close()
