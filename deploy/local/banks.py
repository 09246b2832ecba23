"""Make a bank at fund_monitor's door, and its next secret, as its administrator."""

from collections.abc import Mapping, Sequence
from contextlib import suppress

import httpx

from deploy.local.problem import StackProblem
from deploy.local.stack import Stack
from shared.ids import new_id

_CREATED = 201
_CONFLICT = 409
_REPEATS = 2
_TIMEOUT_SECONDS = 15.0


def add(stack: Stack, *, code: str, name: str | None, identity_fields: Sequence[str]) -> str:
    """Return the signing secret of a new bank; nobody can ask for it a second time."""
    body: dict[str, object] = {"code": code, "identity_fields": list(identity_fields)}
    if name is not None:
        body["name"] = name
    answer = _post(stack, "/v1/banks", body)
    if answer.status_code == _CONFLICT:
        raise StackProblem(f"银行 {code} 已经存在：密钥只在创建时显示一次")
    if answer.status_code != _CREATED:
        raise StackProblem(f"创建银行 {code} 被拒绝：{_detail(answer)}")
    secret: str = answer.json()["secret"]
    return secret


def rotate(stack: Stack, *, code: str, keep_hours: int) -> Mapping[str, str | None]:
    """Return a bank's new secret and until when the one before it holds."""
    answer = _post(stack, f"/v1/banks/{code}/secrets", {"keep_previous_hours": keep_hours})
    if answer.status_code != _CREATED:
        raise StackProblem(f"更换银行 {code} 的密钥被拒绝：{_detail(answer)}")
    made: Mapping[str, str | None] = answer.json()
    return made


def _post(stack: Stack, path: str, body: Mapping[str, object]) -> httpx.Response:
    """Post once, however often it takes: under one key a lost answer comes again."""
    headers = {
        "Authorization": f"Bearer {stack.issuer.token(role='bank_admin')}",
        "Idempotency-Key": new_id(),
    }
    url = f"{stack.urls['fund_monitor']}{path}"
    with httpx.Client(timeout=_TIMEOUT_SECONDS, trust_env=False) as client:
        for _ in range(_REPEATS):
            with suppress(httpx.TransportError):
                return client.post(url, json=body, headers=headers)
        try:
            return client.post(url, json=body, headers=headers)
        except httpx.TransportError as error:
            raise StackProblem(f"fund_monitor 没有应答（{error}）：用 ./run status 查看") from error


def _detail(answer: httpx.Response) -> str:
    try:
        problem = answer.json()
    except ValueError:
        return f"HTTP {answer.status_code}"
    return f"{problem.get('title', '')} {problem.get('detail', '')}".strip()
