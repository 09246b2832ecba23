"""Mail through the city's own server, where one is set."""

from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Literal, TypeAlias

import aiosmtplib

from shared.city_time import CITY_TIME
from shared.notify.model import Job, Undelivered

Security: TypeAlias = Literal["starttls", "tls", "none"]
_TIMEOUT_SECONDS = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """Who takes our mail, and as whom we send it."""

    host: str
    port: int
    sender: str
    security: Security = "starttls"
    username: str | None = None
    password_file: Path | None = None

    def password(self) -> str | None:
        """Read the password; it lives in a file, and may change while the service runs."""
        return None if self.password_file is None else self.password_file.read_text().strip()


class MailCarrier:
    """Sends a message to a department's mailbox; a repeat carries the same Message-ID."""

    def __init__(self, server: MailServer) -> None:
        self._server = server

    async def carry(self, job: Job) -> None:
        server = self._server
        try:
            await aiosmtplib.send(
                _mail(job, sender=server.sender),
                hostname=server.host,
                port=server.port,
                username=server.username,
                password=server.password(),
                use_tls=server.security == "tls",
                start_tls=server.security == "starttls",
                timeout=_TIMEOUT_SECONDS,
            )
        except aiosmtplib.SMTPResponseException as error:
            raise Undelivered(f"邮件服务器答复 {error.code}") from error
        except (aiosmtplib.SMTPException, OSError) as error:
            raise Undelivered(f"邮件发送失败（{type(error).__name__}）") from error


class NoMail:
    """Stands where no mail server is set: what was subscribed before waits for one."""

    async def carry(self, job: Job) -> None:
        raise Undelivered(f"本服务没有设置邮件服务器，{job.target} 收不到邮件")


def _mail(job: Job, *, sender: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = sender
    mail["To"] = job.target
    mail["Subject"] = job.title
    mail["Date"] = format_datetime(job.made_at.astimezone(CITY_TIME))
    mail["Message-ID"] = f"<{job.id}@{sender.rpartition('@')[2]}>"
    # What a program sent, so that no mailbox answers it.
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(job.text)
    return mail
