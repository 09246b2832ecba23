"""Filing on a real store while no judge works: what it leaves to be judged."""

from datetime import UTC, datetime

import pytest

from services.fund_monitor.app.contracts.file_contracts import ContractDesk, Filer, file_contracts
from services.fund_monitor.store.contracts.contracts import ContractStore
from services.fund_monitor.store.contracts.students import StudentStore
from services.fund_monitor.store.institutions import InstitutionReplica
from shared.audit.log import Who
from shared.marks import FROM_THE_BEGINNING
from shared.mongo import transact
from shared.sealing import Sealer
from tests.support.audit import audit_log
from tests.support.contracts import a_contract
from tests.support.fund import an_institution

pytestmark = [pytest.mark.integration, pytest.mark.timeout(60)]


class TestFileContracts:
    async def test_marks_the_institution_once_for_each_new_version(self, database):
        desk = ContractDesk(
            db=database,
            contracts=ContractStore(database),
            students=StudentStore(database, Sealer.unkept()),
            institutions=InstitutionReplica(database),
            audit=audit_log(database),
        )
        await database["institutions"].insert_one(an_institution())
        await database["students"].insert_one({"_id": a_contract().student_ref})
        by = Filer(Who(role="institution"), datetime(2026, 6, 30, tzinfo=UTC))

        async def work(session):
            return await file_contracts(
                [a_contract(), a_contract()], desk=desk, by=by, session=session
            )

        results = await transact(database, work)

        assert [one.step for one in results] == ["filed", "duplicate"]
        [mark] = [row async for row in database["to_judge"].find()]
        assert (mark["key"], mark["from_month"]) == (
            "institution|52330481MJ000001XJ",
            FROM_THE_BEGINNING,
        )
        assert mark["causes"] == ["contract:inst-1|C1:v1"]
        assert set(mark["names"]) == {a_contract().student_ref, "C1"}
