"""Signatures of senders: which are good, when, and what the others are told."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from joserfc.jwk import OctKey
from standardwebhooks import Webhook

from shared.access.throttle import Rates, Throttle
from shared.errors import TooManyRequests, Unauthenticated
from shared.sealing import Sealer
from shared.senders.lockout import MOST_BAD, LockedOut
from shared.senders.model import Secret
from shared.senders.signing import SenderDoor, Signed, new_signing_secret, sealed_secret

OLD, NEW, FOREIGN = (new_signing_secret() for _ in range(3))


@dataclass
class ASender:
    secrets: tuple[Secret, ...] = ()


@dataclass
class Now:
    at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def sealer():
    return Sealer(OctKey.generate_key(256, {"kid": "tests"}))


@pytest.fixture
def now():
    return Now()


@pytest.fixture
def door(sealer, now):
    return SenderDoor(sealer, throttle=Throttle(Rates(per_sender=100_000)), now=now)


@pytest.fixture
def sender(sealer, now):
    """A sender in the middle of a rotation: the old secret holds for an hour more."""
    old = sealed_secret(OLD, sealer)
    ending = Secret(
        id=old.id,
        sealed=old.sealed,
        created_at=old.created_at,
        expires_at=now.at + timedelta(hours=1),
    )
    return ASender((sealed_secret(NEW, sealer), ending))


def signed(secret, *, body="{}", ago=timedelta(0), address="192.0.2.1", **changes):
    moment = datetime.now(UTC) - ago
    said = {
        "webhook_id": "m-1",
        "timestamp": str(int(moment.timestamp())),
        "signature": Webhook(secret).sign("m-1", moment, body),
        "body": body.encode(),
        "address": address,
    }
    return Signed(**{**said, **changes})


class TestVerify:
    @pytest.mark.parametrize("secret", [OLD, NEW], ids=["old", "new"])
    def test_takes_either_live_secret(self, door, sender, secret):
        assert door.verify("alpha", sender, signed(secret)) is sender

    def test_takes_the_old_secret_until_its_end_only(self, door, sender, now):
        now.at += timedelta(hours=1)

        assert door.verify("alpha", sender, signed(NEW)) is sender
        with pytest.raises(Unauthenticated):
            door.verify("alpha", sender, signed(OLD))

    @pytest.mark.parametrize(
        "request_",
        [
            pytest.param(signed(FOREIGN), id="foreign secret"),
            pytest.param(signed(NEW, body="[]", ago=timedelta(hours=1)), id="too old"),
            pytest.param(signed(NEW, ago=timedelta(hours=-1)), id="too new"),
            pytest.param(signed(NEW, body="{}", timestamp="soon"), id="no time"),
            pytest.param(signed(NEW, signature=""), id="no signature"),
            pytest.param(signed(NEW, signature="v1"), id="half a signature"),
            pytest.param(signed(NEW, signature="v1,@@@"), id="no base64"),
            pytest.param(signed(NEW, signature="v1," * 10_000), id="endless"),
            pytest.param(signed(NEW, webhook_id=""), id="no id"),
            pytest.param(signed(NEW, webhook_id="m-2"), id="another id"),
        ],
    )
    def test_refuses_every_other(self, door, sender, request_):
        with pytest.raises(Unauthenticated):
            door.verify("alpha", sender, request_)

    def test_refuses_another_body(self, door, sender):
        good = signed(NEW)
        other = Signed(
            webhook_id=good.webhook_id,
            timestamp=good.timestamp,
            signature=good.signature,
            body=b"\xff",
            address=good.address,
        )

        with pytest.raises(Unauthenticated):
            door.verify("alpha", sender, other)

    def test_tells_nobody_whether_a_sender_is_known(self, door, sender):
        said = []
        for known in (sender, ASender(), None):
            with pytest.raises(Unauthenticated) as refusal:
                door.verify("alpha", known, signed(FOREIGN))
            said.append(str(refusal.value))

        assert len(set(said)) == 1

    def test_compares_as_often_for_the_unknown_as_for_the_known(self, door, sender, monkeypatch):
        compared = []
        verify = Webhook.verify

        def counting(self, *given, **named):
            compared.append(1)
            return verify(self, *given, **named)

        monkeypatch.setattr(Webhook, "verify", counting)
        counts = []
        for known in (sender, ASender(sender.secrets[:1]), None):
            compared.clear()
            with pytest.raises(Unauthenticated):
                door.verify("alpha", known, signed(FOREIGN))
            counts.append(len(compared))

        assert counts == [2, 2, 2]


class TestLimits:
    def test_a_sender_is_held_to_its_rate_and_others_are_not(self, sealer, sender):
        door = SenderDoor(sealer, throttle=Throttle(Rates(per_sender=2)))

        def burst():
            for _ in range(100):
                door.verify("alpha", sender, signed(NEW))

        with pytest.raises(TooManyRequests) as refusal:
            burst()
        assert refusal.value.retry_after_seconds == 1
        assert door.verify("beta", sender, signed(NEW)) is sender

    def test_what_others_send_in_its_name_does_not_count(self, sealer, sender):
        door = SenderDoor(sealer, throttle=Throttle(Rates(per_sender=1)))
        for number in range(50):
            with pytest.raises(Unauthenticated):
                door.verify("alpha", sender, signed(FOREIGN, address=str(number)))

        assert door.verify("alpha", sender, signed(NEW)) is sender

    def test_guessing_locks_out_the_address_and_not_the_sender(self, door, sender):
        for known in (sender, None):
            code = "alpha" if known else "nobody"
            for _ in range(MOST_BAD):
                door.refuse_locked_out(code, "198.51.100.7")
                with pytest.raises(Unauthenticated):
                    door.verify(code, known, signed(FOREIGN, address="198.51.100.7"))
            with pytest.raises(LockedOut):
                door.refuse_locked_out(code, "198.51.100.7")

        door.refuse_locked_out("alpha", "192.0.2.1")
        assert door.verify("alpha", sender, signed(NEW)) is sender
