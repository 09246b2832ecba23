"""What staff change about notifications: each change is one transaction with its audit row."""

from collections.abc import Mapping
from typing import ClassVar
from uuid import UUID

from shared.access.tokens import Caller
from shared.audit.log import Detail, Entry, Who
from shared.errors import Rejected
from shared.kernel import Kernel
from shared.mongo import Row, Session, transact
from shared.notify.replays import DeliveryNotFound, Replays
from shared.notify.subscriptions import (
    SubscribedChannel,
    Subscription,
    SubscriptionStore,
    endpoint_of,
)
from shared.notify.views import MailRequest, SpanRequest, WebhookRequest


class MailNotOffered(Rejected):
    """This service has no mail server."""

    code: ClassVar[str] = "mail-not-offered"
    title: ClassVar[str] = "本服务未设置邮件服务器"


class Desk:
    """The notifications of one service, as staff arrange them."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self._subscriptions = SubscriptionStore(kernel.db)
        self._replays = Replays(kernel.db)

    async def put_webhook(
        self, department: str, request: WebhookRequest, *, by: Caller
    ) -> tuple[Subscription, str]:
        """Set a webhook; return it with its new secret."""
        self._kernel.ways.addresses.check(request.url)

        async def work(session: Session) -> tuple[Subscription, str]:
            secret = await self._subscriptions.put_webhook(
                department, str(request.url), sealer=self._kernel.sealer, session=session
            )
            await self._audit(
                "subscribed", endpoint_of(department, "webhook"), by=by, session=session
            )
            made = await self._subscriptions.get(department, "webhook", session=session)
            return made, secret

        return await transact(self._kernel.db, work)

    async def put_mail(self, department: str, request: MailRequest, *, by: Caller) -> Subscription:
        """Set a mailbox, where there is a server to reach it."""
        if self._kernel.ways.mail is None:
            raise MailNotOffered("请改用 webhook，或由运维设置邮件服务器")

        async def work(session: Session) -> Subscription:
            await self._subscriptions.put_mail(department, request.address, session=session)
            await self._audit("subscribed", endpoint_of(department, "mail"), by=by, session=session)
            return await self._subscriptions.get(department, "mail", session=session)

        return await transact(self._kernel.db, work)

    async def remove(self, department: str, channel: SubscribedChannel, *, by: Caller) -> None:
        """Forget a channel; what still waits for it is held."""

        async def work(session: Session) -> None:
            await self._subscriptions.remove(department, channel, session=session)
            await self._audit(
                "unsubscribed", endpoint_of(department, channel), by=by, session=session
            )

        await transact(self._kernel.db, work)

    async def replay_one(self, delivery: UUID, *, by: Caller) -> Row:
        """Let one delivery be sent again; to staff of other departments it does not exist."""

        async def work(session: Session) -> Row:
            row = await self._replays.get(str(delivery), session=session)
            if by.role != "admin" and row["department"] not in (by.department, by.town):
                raise DeliveryNotFound("没有这个编号的通知记录，或它不属于您所在的部门")
            if await self._replays.one(row, session=session):
                await self._audit("replayed", str(delivery), by=by, session=session)
            return await self._replays.get(str(delivery), session=session)

        return await transact(self._kernel.db, work)

    async def replay_span(self, asked: SpanRequest, *, by: Caller) -> int:
        """Let what was made in a span be sent again; return how many that are."""

        async def work(session: Session) -> int:
            done = await self._replays.span(
                asked.department,
                asked.channel,
                since=asked.since,
                until=asked.until,
                session=session,
            )
            await self._audit(
                "replayed_span",
                endpoint_of(asked.department, asked.channel),
                by=by,
                session=session,
                details={
                    "from": asked.since.isoformat(),
                    "until": asked.until.isoformat(),
                    "replayed": done,
                },
            )
            return done

        return await transact(self._kernel.db, work)

    async def _audit(
        self,
        action: str,
        about: str,
        *,
        by: Caller,
        session: Session,
        details: Mapping[str, Detail] | None = None,
    ) -> None:
        entry = Entry(
            action=f"notification.{action}",
            about_kind="notification",
            about_id=about,
            who=Who.of(by),
            details=details or {},
        )
        await self._kernel.audit.record(entry, session=session)
