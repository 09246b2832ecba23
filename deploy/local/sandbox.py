"""The banks' sandbox: a fund_monitor with servers, data and keys of its own beside the live one."""

from typing import Final

from deploy.local import ending, running
from deploy.local.layout import Layout
from deploy.local.options import Options
from deploy.local.stack import Say

PORT_BASE: Final = 18800


def layout() -> Layout:
    """Return the sandbox's folder: beside the live stack's, which may be cleared for itself."""
    live = Layout().root
    return Layout(live.with_name(f"{live.name}-sandbox"))


def up(*, port_base: int, say: Say) -> running.Urls:
    """Start the sandbox with what it holds."""
    return running.detached(_options(port_base), say=say, layout=layout())


def reset(*, port_base: int, say: Say) -> running.Urls:
    """Start the sandbox empty, with new keys: banks are added anew, the live stack runs on."""
    down(say=say)
    return running.detached(_options(port_base, fresh=True), say=say, layout=layout())


def down(*, say: Say) -> None:
    """Stop the sandbox; it keeps what it holds."""
    ending.down(say=say, layout=layout())


def _options(port_base: int, *, fresh: bool = False) -> Options:
    return Options(
        fresh=fresh,
        port_base=port_base,
        services=("fund_monitor",),
        settings={"SANDBOX": "true"},
    )
