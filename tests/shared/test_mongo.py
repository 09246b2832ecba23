import pytest
from pymongo.errors import BulkWriteError, DuplicateKeyError, OperationFailure, WriteError

from shared.mongo import Session, connect, refuses_a_document, transact, unreachable
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


class TestKindsOfError:
    @pytest.mark.parametrize("code", [18, 91, 211, 11600, 13436])
    def test_a_server_that_starts_or_stops_is_out_of_reach(self, code):
        error = OperationFailure("not now", code)

        assert unreachable(error)
        assert not refuses_a_document(error)

    def test_a_document_that_is_refused_stays_refused(self):
        invalid = WriteError("Document failed validation", 121)
        many = BulkWriteError({"writeErrors": [{"code": 121}]})

        assert refuses_a_document(invalid)
        assert refuses_a_document(many)
        assert refuses_a_document(OverflowError())
        assert not any(unreachable(error) for error in (invalid, many))

    @pytest.mark.parametrize(
        "details",
        [
            pytest.param({"writeErrors": [{"code": 11600}]}, id="a write as the server stops"),
            pytest.param({"writeErrors": [{"code": 121}, {"code": 11602}]}, id="one of two writes"),
            pytest.param({"writeConcernErrors": [{"code": 91}]}, id="written, and then it stopped"),
            pytest.param({"writeConcernErrors": [{"code": 64}]}, id="no majority in time"),
        ],
    )
    def test_a_server_that_stops_among_many_writes_refuses_none_of_them(self, details):
        error = BulkWriteError({"writeErrors": [], "writeConcernErrors": [], **details})

        assert unreachable(error)
        assert not refuses_a_document(error)

    def test_a_refusal_under_a_label_that_asks_for_a_repeat_is_none(self):
        error = WriteError("busy", 121, {"errorLabels": ["TransientTransactionError"]})

        assert not refuses_a_document(error)

    def test_somebody_who_was_faster_refuses_nothing(self):
        assert not refuses_a_document(DuplicateKeyError("E11000", 11_000))
        assert not refuses_a_document(BulkWriteError({"writeErrors": [{"code": 11_000}]}))
