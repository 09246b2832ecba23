"""The events of one case, on accounts of its own."""

from datetime import timedelta

from deploy.bank_kit.plan import Plan
from deploy.bank_kit.sending import Event

_MORNING = "09:30:00+08:00"


class Books:
    """Writes the events of one case: serial numbers and accounts carry run and case."""

    def __init__(self, plan: Plan, case: str) -> None:
        self._plan = plan
        self._serials = 0
        self.account = f"{plan.run}-{case}"

    def opened(self, **more: object) -> Event:
        """Return the opening of this case's account."""
        return self.event(
            "account_opened",
            **{
                "institution_code": self._plan.institution_code,
                "account_kind": "custody",
                "account_name": "接入检验培训机构预收费资金托管专户",
                "agreement_no": f"KIT-{self._plan.run}",
                **more,
            },
        )

    def money(self, kind: str, amount_fen: int, **more: object) -> Event:
        """Return an event that moves money."""
        return self.event(kind, **{"amount_fen": amount_fen, **more})

    def reversal(self, original: Event, **more: object) -> Event:
        """Return the event that takes an earlier one back."""
        named = {f"reverses_{name}": original[name] for name in self._plan.identity_fields}
        reverses = {"reverses_serial_no": original["serial_no"], **named}
        taken = {"amount_fen": original["amount_fen"], **reverses}
        return self.event("reversal", **{**taken, **more})

    def event(self, kind: str, **more: object) -> Event:
        """Return an event with the next serial number and every field this bank declared."""
        self._serials += 1
        event: Event = {
            "serial_no": f"{self.account}-{self._serials:04d}",
            "type": kind,
            "account_no": self.account,
            "occurred_at": self.at(),
        }
        if "booked_on" in self._plan.identity_fields:
            event["booked_on"] = self._plan.day.isoformat()
        if "entry_no" in self._plan.identity_fields:
            event["entry_no"] = "1"
        return event | more

    def at(self, text: str = _MORNING, *, days: int = 0) -> str:
        """Return an instant of the run's day, or of one so many days later."""
        return f"{(self._plan.day + timedelta(days=days)).isoformat()}T{text}"
