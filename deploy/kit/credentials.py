"""A department's seed file: there, private, and of a user of the bus."""

import stat
from pathlib import Path

import nkeys

from deploy.kit.check import Check, failed, passed

_NAME = "凭据 credentials"
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def check_seed(seed: Path) -> Check:
    """Say whether a seed can be used, without ever showing it."""
    if not seed.exists():
        return failed(_NAME, f"没有 {seed}", advice="先执行 ./run up，它会生成每个部门的密钥")
    if seed.stat().st_mode & _OTHERS:
        return failed(_NAME, f"{seed} 他人可读", advice=f"执行 chmod 600 {seed}，并更换密钥")
    try:
        public = public_key(seed)
    except (nkeys.NkeysError, ValueError):
        return failed(_NAME, f"{seed} 不是 nkey 种子", advice="用监管方发放的种子文件覆盖它")
    return passed(_NAME, f"公钥 {public}")


def public_key(seed: Path) -> str:
    """Return the public key of a seed: what the server's configuration names."""
    public: bytes = nkeys.from_seed(seed.read_bytes().strip()).public_key
    return public.decode()
