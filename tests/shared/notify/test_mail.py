"""Mail through a real SMTP server on loopback."""

from datetime import UTC, datetime
from email import message_from_bytes, policy

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from shared.notify.mail import MailCarrier, MailServer, NoMail
from shared.notify.model import Job, Undelivered
from tests.support.servers import free_port

pytestmark = [
    pytest.mark.integration,
    pytest.mark.timeout(30),
    # It is right: this server is on loopback, and TLS would need a certificate here.
    pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS"),
]

JOB = Job(
    id="0198c0de-0000-7000-8000-000000000001",
    department="pboc",
    channel="mail",
    kind="red_alert",
    title="红色预警：资金低于下限",
    text="请尽快处理。\n详见预警列表。",
    data={},
    made_at=datetime(2026, 6, 30, 10, tzinfo=UTC),
    target="duty@pboc.example",
)


class Mailbox:
    """Keeps what is sent to it, and refuses what it is told to."""

    def __init__(self) -> None:
        self.mails = []
        self.refusal: str | None = None

    async def handle_DATA(self, _server, _session, envelope) -> str:  # noqa: N802 - aiosmtpd's
        if self.refusal is not None:
            return self.refusal
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 kept"


@pytest.fixture
def mailbox():
    return Mailbox()


@pytest.fixture
def server(mailbox, tmp_path):
    """Serve mail to whoever logs in as ``notifier`` with the password ``open``."""

    def authenticate(_server, _session, _envelope, _mechanism, login) -> AuthResult:
        known = isinstance(login, LoginPassword) and login == LoginPassword(b"notifier", b"open")
        return AuthResult(success=known, handled=False)

    controller = Controller(
        mailbox,
        hostname="127.0.0.1",
        port=free_port(),
        authenticator=authenticate,
        auth_required=True,
        auth_require_tls=False,
    )
    password = tmp_path / "mail.password"
    password.write_text("open\n")
    controller.start()
    yield MailServer(
        host="127.0.0.1",
        port=controller.port,
        sender="notice@city.example",
        security="none",
        username="notifier",
        password_file=password,
    )
    controller.stop()


class TestMailCarrier:
    async def test_sends_the_text_to_the_department(self, server, mailbox):
        await MailCarrier(server).carry(JOB)

        [mail] = mailbox.mails
        assert (mail["From"], mail["To"]) == ("notice@city.example", "duty@pboc.example")
        assert mail["Subject"] == "红色预警：资金低于下限"
        assert mail["Date"] == "Tue, 30 Jun 2026 18:00:00 +0800"
        assert mail.get_content().splitlines() == ["请尽快处理。", "详见预警列表。"]

    async def test_gives_a_repeat_the_same_message_id(self, server, mailbox):
        for _ in range(2):
            await MailCarrier(server).carry(JOB)

        assert {mail["Message-ID"] for mail in mailbox.mails} == {f"<{JOB.id}@city.example>"}

    async def test_says_what_the_server_refused_and_not_the_text(self, server, mailbox):
        mailbox.refusal = "552 mailbox full"

        with pytest.raises(Undelivered, match=r"^邮件服务器答复 552$"):
            await MailCarrier(server).carry(JOB)

    async def test_says_that_the_password_is_wrong(self, server):
        server.password_file.write_text("shut")

        with pytest.raises(Undelivered, match=r"^邮件服务器答复 535$"):
            await MailCarrier(server).carry(JOB)

    async def test_says_that_nobody_answers(self):
        nobody = MailServer(host="127.0.0.1", port=1, sender="a@b.example", security="none")

        with pytest.raises(Undelivered, match="邮件发送失败"):
            await MailCarrier(nobody).carry(JOB)

    async def test_sends_nothing_in_the_clear_where_tls_is_asked_for(self, server, mailbox):
        strict = MailServer(host=server.host, port=server.port, sender=server.sender)

        with pytest.raises(Undelivered):
            await MailCarrier(strict).carry(JOB)

        assert mailbox.mails == []


async def test_without_a_server_says_that_there_is_none():
    with pytest.raises(Undelivered, match="没有设置邮件服务器"):
        await NoMail().carry(JOB)
