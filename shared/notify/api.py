"""Notifications over HTTP, the same in every service: where they go, what was sent, send again."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query

from shared import problem
from shared.access.enforcement import CallerDep
from shared.access.tokens import Caller
from shared.duties.departments import is_known
from shared.errors import Forbidden, Malformed, Unauthenticated, Unavailable
from shared.kernel import Kernel
from shared.notify.addresses import AddressRefused
from shared.notify.desk import Desk, MailNotOffered
from shared.notify.model import DeliveryState
from shared.notify.replays import (
    Asked,
    ChannelNotActive,
    DeliveryNotFound,
    Replays,
    ReplayTooWide,
)
from shared.notify.subscriptions import SubscribedChannel, SubscriptionNotFound, SubscriptionStore
from shared.notify.views import (
    MailRequest,
    NewWebhook,
    NotificationDeliveryPage,
    NotificationDeliveryView,
    Replayed,
    SpanRequest,
    SubscriptionView,
    WebhookRequest,
)

_MOST_PER_PAGE = 200


async def _office(caller: CallerDep, department: Annotated[str, Path(max_length=64)]) -> str:
    """Return the department of the path: one's own, or any for an administrator."""
    return _own(caller, department)


def _own(caller: Caller, department: str) -> str:
    caller.require_department(department)
    if not is_known(department):
        raise Malformed("没有这个部门代码")
    return department


OfficeDep = Annotated[str, Depends(_office)]


async def _asked(
    caller: CallerDep,
    department: Annotated[str | None, Query(max_length=64)] = None,
    state: DeliveryState | None = None,
    cursor: Annotated[UUID | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=_MOST_PER_PAGE)] = 50,
) -> Asked:
    wanted = department
    if caller.role != "admin":
        wanted = _own(caller, department or caller.department or caller.town or "")
    return Asked(
        department=wanted,
        state=state,
        before=None if cursor is None else str(cursor),
        limit=limit,
    )


def notifications_router(kernel: Kernel) -> APIRouter:
    """Return the routes of a service's notifications."""
    router = APIRouter(
        prefix="/v1/notifications",
        tags=["通知"],
        responses=problem.responses(Unauthenticated, Forbidden, Malformed, Unavailable),
    )
    desk = Desk(kernel)
    _setting(router, desk)
    _reading(router, SubscriptionStore(kernel.db), Replays(kernel.db))
    _replaying(router, desk)
    return router


def _setting(router: APIRouter, desk: Desk) -> None:
    @router.put("/subscriptions/{department}/webhook", responses=problem.responses(AddressRefused))
    async def put_webhook(
        department: OfficeDep, body: WebhookRequest, caller: CallerDep
    ) -> NewWebhook:
        """登记或更换 webhook 地址；签名密钥只显示这一次，旧密钥再并用 24 小时。"""
        made, secret = await desk.put_webhook(department, body, by=caller)
        return NewWebhook(**SubscriptionView.of(made).model_dump(), secret=secret)

    @router.put("/subscriptions/{department}/mail", responses=problem.responses(MailNotOffered))
    async def put_mail(
        department: OfficeDep, body: MailRequest, caller: CallerDep
    ) -> SubscriptionView:
        """登记或更换接收邮箱。"""
        return SubscriptionView.of(await desk.put_mail(department, body, by=caller))

    @router.delete(
        "/subscriptions/{department}/{channel}",
        status_code=204,
        responses=problem.responses(SubscriptionNotFound),
    )
    async def delete_subscription(
        department: OfficeDep, channel: SubscribedChannel, caller: CallerDep
    ) -> None:
        """取消一种通知方式；尚未送达的保留，可在重新登记后重发。"""
        await desk.remove(department, channel, by=caller)


def _reading(router: APIRouter, subscriptions: SubscriptionStore, replays: Replays) -> None:
    @router.get(
        "/subscriptions/{department}/{channel}", responses=problem.responses(SubscriptionNotFound)
    )
    async def read_subscription(
        department: OfficeDep, channel: SubscribedChannel
    ) -> SubscriptionView:
        """查看一种通知方式；停用的写明原因。"""
        return SubscriptionView.of(await subscriptions.get(department, channel))

    @router.get("/deliveries")
    async def list_deliveries(asked: Annotated[Asked, Depends(_asked)]) -> NotificationDeliveryPage:
        """列出本部门的通知记录，最新在前。"""
        rows = await replays.page(asked)
        return NotificationDeliveryPage(
            deliveries=[NotificationDeliveryView.of(row) for row in rows],
            next_cursor=rows[-1]["_id"] if len(rows) == asked.limit else None,
        )


def _replaying(router: APIRouter, desk: Desk) -> None:
    @router.post(
        "/deliveries/{delivery_id}/replay",
        responses=problem.responses(DeliveryNotFound, ChannelNotActive),
    )
    async def replay_delivery(delivery_id: UUID, caller: CallerDep) -> NotificationDeliveryView:
        """重发一条通知，编号（webhook-id）不变；仍在等待发送的保持原状。"""
        return NotificationDeliveryView.of(await desk.replay_one(delivery_id, by=caller))

    @router.post("/replay", responses=problem.responses(ReplayTooWide, ChannelNotActive))
    async def replay_span(body: SpanRequest, caller: CallerDep) -> Replayed:
        """重发一个部门一段时间内的通知（最多 31 天、1000 条），编号不变，接收方据此去重。"""
        _own(caller, body.department)
        return Replayed(replayed=await desk.replay_span(body, by=caller))
