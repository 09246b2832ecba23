"""The loopback ports of a stack: one after the other from a base."""

import socket
from dataclasses import dataclass

import psutil

from deploy.local.problem import StackProblem

DEFAULT_BASE = 18700
_HOST = "127.0.0.1"
_ORDER = ("registry", "schedule_monitor", "fund_monitor", "ads_watch", "nats", "mongo")


@dataclass(frozen=True, slots=True)
class Ports:
    """Which port belongs to whom."""

    base: int = DEFAULT_BASE

    def of(self, name: str) -> int:
        """Return the port of a service, of ``nats`` or of ``mongo``."""
        return self.base + _ORDER.index(name)

    def check_free(self, *names: str) -> None:
        """Say clearly when somebody listens where we want to."""
        for name in names:
            port = self.of(name)
            if not _is_free(port):
                raise StackProblem(
                    f"端口 {port}（{name} 要用）已被占用{_holder(port)}："
                    f"请停掉它，或用 --port-base 换一组端口"
                )


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # Connections that linger after a stop are not in the way; a listener is.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_HOST, port))
        except OSError:
            return False
        return True


def _holder(port: int) -> str:
    """Name the process that listens, as far as we may see it."""
    try:
        for connection in psutil.net_connections("tcp"):
            listens = connection.status == psutil.CONN_LISTEN
            there = listens and getattr(connection.laddr, "port", None) == port
            if there and connection.pid:
                return f"（进程 {connection.pid} {psutil.Process(connection.pid).name()}）"
    except psutil.Error:
        pass
    return ""
