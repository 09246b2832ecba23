"""The register's HTTP side over a real MongoDB."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx
import pytest

from deploy.local.issuer import AUDIENCE, ISSUER, Issuer
from deploy.local.keys import Keys
from services.registry.main import application
from services.registry.store.indexes import INDEXES
from services.registry.store.institutions import InstitutionStore
from shared.access.tokens import Verifier
from shared.clock import Clock
from shared.kernel import KERNEL_INDEXES, Kernel
from shared.mongo import Database, ensure_indexes
from tests.support.audit import audit_log


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    keys = Keys(tmp_path / "keys")
    keys.make()
    return keys


@pytest.fixture
def bearer(keys: Keys) -> Callable[..., dict[str, str]]:
    """Return the headers of a caller: ``bearer(role="staff", department="education")``."""
    issuer = Issuer(keys.issuer_key)
    return lambda **who: {"Authorization": f"Bearer {issuer.token(**who)}"}


@pytest.fixture
async def db(database: Database) -> Database:
    """Return a fresh database as the register finds it after its start."""
    await ensure_indexes(database, {**KERNEL_INDEXES, **INDEXES})
    return database


@pytest.fixture
def institutions(db: Database) -> InstitutionStore:
    return InstitutionStore(db, audit_log(db))


@pytest.fixture
async def client(db: Database, keys: Keys) -> AsyncIterator[httpx.AsyncClient]:
    verifier = Verifier(jwks=str(keys.issuer_jwks), issuer=ISSUER, audience=AUDIENCE)
    await verifier.load()
    app = application(
        Kernel(service="registry", db=db, verifier=verifier, clock=Clock(), audit=audit_log(db))
    )
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://registry") as client:
        yield client
