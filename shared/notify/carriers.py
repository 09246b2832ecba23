"""The carriers of a service: a log always, webhooks by its rules, mail where a server is set."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from shared.logs import log
from shared.notify.addresses import AddressRules
from shared.notify.mail import MailCarrier, MailServer, NoMail
from shared.notify.model import Carrier, ChannelName, Job
from shared.notify.webhook import WebhookCarrier
from shared.sealing import Sealer


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """How far notifications of a service may go."""

    addresses: AddressRules = field(default_factory=AddressRules)
    mail: MailServer | None = None


class LogCarrier:
    """Says in the log that a department is told something; the text stays in the store."""

    async def carry(self, job: Job) -> None:
        log.info(
            "notify.told", id=job.id, department=job.department, kind=job.kind, title=job.title
        )


def carriers_of(ways: Ways, *, service: str, sealer: Sealer) -> Mapping[ChannelName, Carrier]:
    """Return the carrier of each channel."""
    return {
        "log": LogCarrier(),
        "mail": NoMail() if ways.mail is None else MailCarrier(ways.mail),
        "webhook": WebhookCarrier(service=service, sealer=sealer, rules=ways.addresses),
    }
