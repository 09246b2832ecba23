"""A department's HTTP side: its inbox and duties in every service, and nobody else's inbox."""

import asyncio
from http import HTTPStatus

import httpx

from deploy.kit.check import Check, failed, passed
from deploy.local.stack import Stack
from shared.duties.departments import body_of
from shared.messaging.permissions import SERVICES

_SECONDS = 10.0


def token_of(stack: Stack, department: str, *, hours: float = 1) -> str:
    """Return a token of a department's or town's staff."""
    if body_of(department).kind == "town":
        return stack.issuer.token(role="staff", town=department, hours=hours)
    return stack.issuer.token(role="staff", department=department, hours=hours)


async def api_checks(stack: Stack, department: str) -> list[Check]:
    """Ask every service side by side."""
    headers = {"Authorization": f"Bearer {token_of(stack, department)}"}
    async with httpx.AsyncClient(timeout=_SECONDS, trust_env=False, headers=headers) as client:
        return await asyncio.gather(
            *(_service(client, service, stack.urls[service], department) for service in SERVICES)
        )


async def _service(client: httpx.AsyncClient, service: str, url: str, department: str) -> Check:
    name = f"接口 {service}"
    other = "education" if department != "education" else "pboc"
    expected = {
        "/v1/alerts?limit=1": HTTPStatus.OK,
        f"/v1/duties/{department}": HTTPStatus.OK,
        f"/v1/alerts?limit=1&department={other}": HTTPStatus.FORBIDDEN,
    }
    wrong = []
    try:
        for path, status in expected.items():
            answer = await client.get(f"{url}{path}")
            if answer.status_code != status:
                wrong.append(f"{path} 答 {answer.status_code}，应为 {status.value}")
    except httpx.HTTPError as error:
        advice = f"用 ./run status 查看 {service} 是否就绪"
        return failed(name, f"{url} 没有应答：{type(error).__name__}", advice=advice)
    if wrong:
        return failed(name, "；".join(wrong), advice="核对令牌的部门和角色，再看该服务的日志")
    return passed(name, f"{url}：收件箱和职责可读，其他部门的收件箱被拒绝")
