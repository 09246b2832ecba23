"""Where a bank may be told its outcomes: public addresses over https, and no others."""

from deploy.bank_kit.case import Case
from deploy.bank_kit.checking import Desk, Differs
from deploy.bank_kit.sending import problem_of

_REFUSED = (422, "webhook-address-refused")


async def _refused_address(desk: Desk, url: str) -> None:
    path = f"/v1/banks/{desk.plan.bank}/webhook"
    answer = await desk.sending.ask("PUT", path, {"url": url})
    desk.note(f"{answer.status_code} {problem_of(answer)}")
    if (answer.status_code, problem_of(answer)) != _REFUSED:
        raise Differs(f"应为 {' '.join(map(str, _REFUSED))}")


async def _plain_http(desk: Desk) -> None:
    await _refused_address(desk, "http://bank.example/outcomes")


async def _inside_the_city(desk: Desk) -> None:
    await _refused_address(desk, "https://169.254.169.254/outcomes")


CASES = (
    Case("K84", "登记 http 接收地址", "422 webhook-address-refused", _plain_http),
    Case("K85", "登记内部网段的接收地址", "422 webhook-address-refused", _inside_the_city),
)
