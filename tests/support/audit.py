"""An audit log for tests, under a key of their own."""

from shared.audit.log import AuditLog, DigestKey
from shared.mongo import Database


def audit_log(db: Database) -> AuditLog:
    return AuditLog(db, DigestKey("tests", b"tests"))
