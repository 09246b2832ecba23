"""Tell the services who there is: institutions at the register, banks at the fund monitor."""

import asyncio
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date

import httpx

from deploy.demo.acting.doors import Call, DemoFailed, Doors, as_json, expect, patiently
from deploy.demo.acting.secret_file import SecretFile
from deploy.demo.sample.model import Bank, Institution, Sample, Trouble

_AT_ONCE = 8
_OK, _CREATED, _CONFLICT = 200, 201, 409
_IN_THE_WAY = (
    "{who} {code} 已在本机数据中存在，但不是由本次示例（种子 {seed}）建立的，或其密钥已丢失；"
    "请用 ./run demo --fresh 重新开始。"
)


async def register_institutions(doors: Doors, sample: Sample) -> dict[str, str]:
    """Register every institution the register is to know, and revoke the one that is revoked.

    Returns the register's own ids by 统一社会信用代码.
    """
    at_once = asyncio.Semaphore(_AT_ONCE)

    async def one(institution: Institution) -> str:
        async with at_once:
            return await _register(doors, sample, institution)

    known = [each for each in sample.city.institutions if each.registered]
    ids = await asyncio.gather(*(one(each) for each in known))
    return {each.uscc: found for each, found in zip(known, ids, strict=True)}


async def make_banks(doors: Doors, sample: Sample, secrets: SecretFile) -> dict[str, str]:
    """Make the banks, or take the secrets of an earlier run; return the secrets by bank."""
    return {
        bank.code: await _make_bank(doors, bank, seed=sample.seed, secrets=secrets)
        for bank in sample.city.banks
    }


def filing_of(institution: Institution) -> dict[str, object]:
    """Return the body with which an institution that exists is entered."""
    return {
        "name": institution.name,
        "uscc": institution.uscc,
        "kind": institution.kind,
        "stages": list(institution.stages),
        "mode": institution.mode,
        "town": institution.town,
        "licence": {name: _told(value) for name, value in asdict(institution.licence).items()},
        "sites": [asdict(site) for site in institution.sites],
    }


async def _register(doors: Doors, sample: Sample, institution: Institution) -> str:
    body = filing_of(institution)
    url = doors.url("registry", "/v1/institutions")
    known = expect(await _post(doors, url, body, role="admin"), _OK, _CREATED)
    if institution.trouble is Trouble.REVOKED and known["status"] != "revoked":
        revocation = {"revoked_on": sample.revoked_on.isoformat(), "reason": "连续两次年检不合格"}
        revoke = f"{url}/{known['institution_id']}/revoke"
        expect(await _post(doors, revoke, revocation, role="admin"), _OK, _CREATED)
    return str(known["institution_id"])


def _told(value: str | date) -> str:
    return value.isoformat() if isinstance(value, date) else value


async def _make_bank(doors: Doors, bank: Bank, *, seed: int, secrets: SecretFile) -> str:
    body = {"code": bank.code, "name": bank.name, "identity_fields": list(bank.identity_fields)}
    url = doors.url("fund_monitor", "/v1/banks")
    return await make_sender(doors, url, body, who="银行", seed=seed, secrets=secrets)


async def make_sender(
    doors: Doors,
    url: str,
    body: Mapping[str, object],
    *,
    who: str,
    seed: int,
    secrets: SecretFile,
) -> str:
    """Make one that signs what it sends, or find it made; return its secret."""
    code = str(body["code"])
    # Under one key the secret comes again when a run before this one died before it kept it.
    key = {"Idempotency-Key": f"demo-{seed}-{code}"}
    answer = await _post(doors, url, body, role="bank_admin", more=key)
    if answer.status_code == _CONFLICT:
        secret = secrets.read(code, seed=seed)
        if secret is None:
            raise DemoFailed(_IN_THE_WAY.format(who=who, code=code, seed=seed))
        return secret
    secret = str(expect(answer, _CREATED)["secret"])
    secrets.write(code, seed=seed, secret=secret)
    return secret


async def _post(
    doors: Doors, url: str, body: object, *, role: str, more: Mapping[str, str] | None = None
) -> httpx.Response:
    def headers() -> Mapping[str, str]:
        return {**doors.bearer(role=role), **(more or {})}

    call = Call(url=url, headers=headers, content=as_json(body))
    return await patiently(doors, call)
