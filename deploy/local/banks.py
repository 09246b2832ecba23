"""Make a bank at fund_monitor's door, as its administrator."""

from collections.abc import Sequence

import httpx

from deploy.local.problem import StackProblem
from deploy.local.stack import Stack

_CREATED = 201
_CONFLICT = 409
_TIMEOUT_SECONDS = 15.0


def add(stack: Stack, *, code: str, name: str | None, identity_fields: Sequence[str]) -> str:
    """Return the signing secret of a new bank; nobody can ask for it a second time."""
    body: dict[str, object] = {"code": code, "identity_fields": list(identity_fields)}
    if name is not None:
        body["name"] = name
    answer = _post(stack, body)
    if answer.status_code == _CONFLICT:
        raise StackProblem(f"银行 {code} 已经存在：密钥只在创建时显示一次")
    if answer.status_code != _CREATED:
        raise StackProblem(f"创建银行 {code} 被拒绝：{_detail(answer)}")
    secret: str = answer.json()["secret"]
    return secret


def _post(stack: Stack, body: dict[str, object]) -> httpx.Response:
    token = stack.issuer.token(role="bank_admin")
    try:
        with httpx.Client(timeout=_TIMEOUT_SECONDS, trust_env=False) as client:
            return client.post(
                f"{stack.urls['fund_monitor']}/v1/banks",
                json=body,
                headers={"Authorization": f"Bearer {token}"},
            )
    except httpx.TransportError as error:
        raise StackProblem(f"fund_monitor 没有应答（{error}）：用 ./run status 查看") from error


def _detail(answer: httpx.Response) -> str:
    try:
        problem = answer.json()
    except ValueError:
        return f"HTTP {answer.status_code}"
    return f"{problem.get('title', '')} {problem.get('detail', '')}".strip()
