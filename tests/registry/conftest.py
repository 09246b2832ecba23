"""The register's HTTP side over a real MongoDB."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from deploy.local.issuer import AUDIENCE, ISSUER, Issuer
from deploy.local.keys import Keys
from services.registry.application import application
from services.registry.store.indexes import INDEXES
from services.registry.store.institutions import InstitutionStore
from shared.access.tokens import Verifier
from shared.clock import Clock
from shared.kernel import KERNEL_INDEXES, Kernel
from shared.mongo import Database, ensure_indexes
from tests.support.audit import audit_log
from tests.support.rates import UNLIMITED


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
async def kernel(db: Database, keys: Keys) -> Kernel:
    verifier = Verifier(jwks=str(keys.issuer_jwks), issuer=ISSUER, audience=AUDIENCE)
    await verifier.load()
    return Kernel(
        service="registry",
        db=db,
        verifier=verifier,
        clock=Clock(),
        audit=audit_log(db),
        rates=UNLIMITED,
    )


@pytest.fixture
def client_of() -> Callable[[FastAPI], httpx.AsyncClient]:
    """Return a client of an application: for one that is made otherwise than usual."""
    return lambda app: httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://registry"
    )


@pytest.fixture
async def client(kernel: Kernel, client_of: Callable[..., Any]) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(application(kernel)) as client:
        yield client
