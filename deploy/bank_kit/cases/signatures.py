"""Who may send: the signature, its age, and two secrets during a rotation."""

from datetime import timedelta

from deploy.bank_kit.case import Case
from deploy.bank_kit.checking import Desk, Differs
from deploy.bank_kit.plan import Plan
from deploy.bank_kit.sending import Signing, body_of
from shared.senders.signing import new_signing_secret

_UNKNOWN = (401, "unauthenticated")
_PAST_TOLERANCE = timedelta(minutes=5, seconds=30)
_WITHIN_TOLERANCE = timedelta(minutes=4)
_CREATED = 201
_ENDED = 204


async def _wrong_secret(desk: Desk) -> None:
    signing = Signing(secret=new_signing_secret())
    await desk.turned_away(*_UNKNOWN, body_of([desk.books.opened()]), signing)


async def _from_the_future(desk: Desk) -> None:
    signing = Signing(moved=_PAST_TOLERANCE)
    await desk.turned_away(*_UNKNOWN, body_of([desk.books.opened()]), signing)


async def _within_tolerance(desk: Desk) -> None:
    opened = desk.books.opened()
    await desk.answered([opened], "accepted", signing=Signing(moved=-_WITHIN_TOLERANCE))
    await desk.stands(opened, "posted")


async def _signed_anew(desk: Desk) -> None:
    opened, message_id = desk.books.opened(), f"kit-{desk.books.account}"
    stale = Signing(message_id=message_id, moved=-_PAST_TOLERANCE)
    await desk.turned_away(*_UNKNOWN, body_of([opened]), stale)
    await desk.answered([opened], "accepted", signing=Signing(message_id=message_id))
    await desk.stands(opened, "posted")


async def _at_another_banks_door(desk: Desk) -> None:
    signing = Signing(bank=f"kit-{desk.plan.run}")
    await desk.turned_away(*_UNKNOWN, body_of([desk.books.opened()]), signing)


async def _two_secrets(desk: Desk) -> None:
    """Change over to a new secret, which is kept before anything else can go wrong."""
    path, old = f"/v1/banks/{desk.plan.bank}/secrets", desk.sending.secret
    live = (await desk.sending.administer("GET", path)).json()["secrets"]
    made = await desk.sending.administer("POST", path, {"keep_previous_hours": 1})
    if made.status_code != _CREATED:
        raise Differs(f"换发密钥：{made.status_code}，应为 {_CREATED}")
    desk.sending.change_secret(made.json()["secret"])
    first, second = desk.books.opened(), desk.books.money("deposit", 1)
    await desk.answered([first], "accepted", signing=Signing(secret=old))
    await desk.answered([second], "accepted")
    await desk.stands(second, "posted")
    ended = await desk.sending.administer("DELETE", f"{path}/{live[0]['id']}")
    desk.note(f"作废旧密钥 {ended.status_code}")
    if ended.status_code != _ENDED:
        raise Differs(f"应为 {_ENDED}")
    await desk.turned_away(*_UNKNOWN, body_of([first]), Signing(secret=old))


def _no_administrator(plan: Plan) -> str | None:
    return None if plan.administrator else "没有 --admin-token-file"


CASES = (
    Case("K23", "别的密钥的签名", "401 unauthenticated", _wrong_secret),
    Case("K24", "签名时间超前 5 分半", "401 unauthenticated", _from_the_future),
    Case("K25", "签名时间落后 4 分钟", "在容差内：接收并入账", _within_tolerance),
    Case("K26", "签名 5 分半前过期，重新签名再发", "先 401，重签后接收并入账", _signed_anew),
    Case("K27", "本行的签名用在别的银行", "401，与签名错误不区分", _at_another_banks_door),
    Case(
        "K28",
        "换发密钥期间新旧两个密钥",
        "两个都接收；旧的作废后立即 401",
        _two_secrets,
        needs=_no_administrator,
        alone=True,
    ),
)
