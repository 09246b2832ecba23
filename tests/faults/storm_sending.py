"""Who sends a storm: banks, an institution and its department, each asking until it is answered."""

import asyncio
import itertools
import random
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import httpx
from standardwebhooks import Webhook

from services.fund_monitor.store.institutions import InstitutionReplica
from shared.mongo import Database
from tests.faults.storm import (
    BANK,
    DAYS_STATED,
    INSTITUTIONS,
    REFUNDED,
    TAUGHT,
    Event,
    Storm,
    account_of,
    body_of,
    code_of,
    lesson_of,
)
from tests.support.contracts import a_contract_body
from tests.support.fund import an_institution
from tests.support.waiting import until

CULTURE: Final = {"role": "staff", "department": "culture_tourism_sports"}
Attempt = Callable[[], Awaitable[httpx.Response]]
_AT_ONCE: Final = 6


@dataclass
class Door:
    """A fund_monitor as its senders meet it: who gets no answer asks again, whole."""

    http: httpx.AsyncClient
    token: Callable[..., str]
    secret: str = ""
    repeats: int = 0
    _readers: "itertools.count[int]" = field(default_factory=itertools.count)

    async def ask(
        self, method: str, path: str, *, content: bytes | None = None, json: Any = None, **who: str
    ) -> httpx.Response:
        # A bearer may ask fifty times a second: these are several people.
        subject = f"person-{next(self._readers) % 40}"
        headers = {
            "Authorization": f"Bearer {self.token(**(who or {'role': 'admin'}), sub=subject)}"
        }
        return await self._until_known(
            lambda: self.http.request(method, path, content=content, json=json, headers=headers)
        )

    async def get(self, path: str) -> Any:
        answer = await self.ask("GET", path)
        assert answer.status_code == 200, (path, answer.text)
        return answer.json()

    async def send(self, events: Sequence[Event]) -> None:
        """Send a signed request until it is known to be stored, signed anew each time."""
        body, name = body_of(events), f"msg-{random.getrandbits(64):x}"

        def attempt() -> Awaitable[httpx.Response]:
            now = datetime.now(UTC)
            headers = {
                "webhook-id": name,
                "webhook-timestamp": str(int(now.timestamp())),
                "webhook-signature": Webhook(self.secret).sign(name, now, body),
            }
            return self.http.post(f"/v1/banks/{BANK}/events", content=body, headers=headers)

        answer = await self._until_known(attempt)
        assert answer.status_code == 202, answer.text
        found = {one["status"] for one in answer.json()["results"]}
        assert found <= {"accepted", "duplicate", "refused"}, answer.text

    async def _until_known(self, attempt: Attempt) -> httpx.Response:
        async with asyncio.timeout(120):
            while True:
                with suppress(httpx.TransportError):
                    answer: httpx.Response = await attempt()
                    if answer.status_code < 500 and answer.status_code != 429:
                        return answer
                self.repeats += 1
                await asyncio.sleep(0.2)

    async def settled(self) -> None:
        async def nothing_waits() -> bool:
            waiting = (await self.get("/v1/summary"))["waiting"]
            return waiting["intake"] == waiting["judging"] == 0

        await until(nothing_waits, seconds=120)


@dataclass
class Sender:
    """Sends a storm to a door: its waves in turn, within a wave everything at once or in order."""

    door: Door
    storm: Storm
    orderly: bool

    async def begin(self, db: Database) -> None:
        """Make what must be there before: institutions, the bank, accounts, contracts."""
        replica = InstitutionReplica(db)
        for number in range(INSTITUTIONS):
            row = an_institution(_id=f"inst-{number}", uscc=code_of(number), name=f"机构{number}")
            await replica.take(row)
        made = await self.door.ask("POST", "/v1/banks", json={"code": BANK}, role="bank_admin")
        assert made.status_code == 201, made.text
        self.door.secret = made.json()["secret"]
        mapping = {"serial_no": "流水号", "account_no": "账号", "booked_on": "日期"}
        await self._made(
            "PUT", f"/v1/banks/{BANK}/statement-mapping",
            {**mapping, "amount": "金额", "encoding": "gb18030"}, role="bank_admin",
        )  # fmt: skip
        await self.door.send(self.storm.openings())
        for institution, number in itertools.product(range(INSTITUTIONS), range(self.storm.filed)):
            student = {"kind": "other", "number": f"N-{institution}-{number}", "name": "王小禾"}
            body = a_contract_body(contract_no=f"C{number}", student=student)
            await self._made(
                "POST", "/v1/contracts", {"institution_id": f"inst-{institution}", **body}
            )
        for number in range(INSTITUTIONS):
            await self._file_account(number)
        await self.door.settled()

    async def all_waves(self) -> None:
        await self._at_once([*self._money(0), *self._lessons(), *self._statements()])
        await self.door.settled()
        conflicts = [self.door.send(self.storm.conflicts)]
        await self._at_once([*self._money(1), *self._refunds(), *conflicts])
        await self.door.settled()
        await self._at_once(self._money(2))
        await self.door.settled()

    async def _file_account(self, number: int) -> None:
        filing = {
            "institution_id": f"inst-{number}",
            "mode": "custody",
            "bank": BANK,
            "account_no": account_of(number),
            "account_name": f"机构{number}预收费资金托管专户",
            "account_kind": "custody",
            "agreement_no": "X-1",
            "filed_on": "2026-02-16",
        }
        filed = await self.door.ask("POST", "/v1/custody-accounts", json=filing)
        assert filed.status_code == 201, filed.text
        await self._made("POST", f"/v1/custody-accounts/{filed.json()['account_id']}/confirm")

    def _money(self, wave: int) -> list[Any]:
        if self.orderly:
            ordered = sorted(self.storm.waves[wave], key=lambda one: str(one["occurred_at"]))
            return [self.door.send(ordered[at : at + 500]) for at in range(0, len(ordered), 500)]
        return [self.door.send(some) for some in self.storm.requests(wave)]

    def _statements(self) -> list[Any]:
        return [
            self._made(
                "PUT",
                f"/v1/banks/{BANK}/statements/{day}",
                content=self.storm.statement(day),
                role="bank",
                bank=BANK,
            )
            for day in DAYS_STATED
        ]

    def _lessons(self) -> list[Any]:
        return [self._lesson(contract, n) for contract, n in self.storm.lessons(TAUGHT)]

    async def _lesson(self, contract: str, number: int) -> None:
        """State a lesson as the institution does, and confirm it as the department does."""
        began, until = lesson_of(number)
        one = {
            "reference": f"{contract}-{number}",
            "contract_no": contract,
            "started_at": began.isoformat(),
            "ended_at": until.isoformat(),
        }
        owner = {"role": "institution", "institution": f"inst-{TAUGHT}"}
        body = {"institution_id": f"inst-{TAUGHT}", "confirmations": [one]}
        stated = await self.door.ask("POST", "/v1/lesson-confirmations", json=body, **owner)
        [result] = stated.json()["results"]
        assert len(result.get("confirmations", ())) == 1, stated.text
        [found] = result["confirmations"]
        path = f"/v1/lesson-confirmations/{found['confirmation_id']}/confirm"
        said = await self.door.ask("POST", path, json={}, **CULTURE)
        # Whose answer was lost may have been heard.
        assert said.status_code in {200, 409}, said.text

    def _refunds(self) -> list[Any]:
        return [self._refund(institution) for institution in REFUNDED]

    async def _refund(self, institution: int) -> None:
        owner = {"role": "institution", "institution": f"inst-{institution}"}
        asked = {
            "institution_id": f"inst-{institution}",
            "contract_no": "C0",
            "requested_on": "2026-06-25",
            "reason": "搬家",
        }
        found = await self.door.ask("POST", "/v1/refunds", json=asked, **CULTURE)
        assert found.status_code in {200, 201}, found.text
        path = f"/v1/refunds/{found.json()['refund_id']}/agree"
        said = await self.door.ask("POST", path, json={"reason": "同意"}, **owner)
        assert said.status_code in {200, 409}, said.text

    async def _made(self, method: str, path: str, json: Any = None, **more: Any) -> None:
        answer = await self.door.ask(method, path, json=json, **more)
        assert answer.is_success, (path, answer.text)

    async def _at_once(self, work: Sequence[Any]) -> None:
        if self.orderly:
            for one in work:
                await one
            return
        places = asyncio.Semaphore(_AT_ONCE)

        async def placed(one: Any) -> None:
            async with places:
                await one

        shuffled = random.sample(work, len(work))
        await asyncio.gather(*(placed(one) for one in shuffled))
