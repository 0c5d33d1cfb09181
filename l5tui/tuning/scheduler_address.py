"""Form of the address of a Dask scheduler; checked before anything is imported or started."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from l5tui.errors import Fault

PROTOCOLS: Final = ("tcp", "tls", "ucx", "ws", "wss")
ALLOWED: Final = "PROTOCOL://HOST:PORT, such as tcp://host:8786"


def scheduler_faults(address: str) -> list[Fault]:
    """Return the fault of an address that no scheduler can have, if it is none.

    Parameters
    ----------
    address : str
        ``tcp://host:8786``; without a protocol it is TCP.
    """
    return [] if _is_address(address) else [Fault("--scheduler", f'"{address}"', ALLOWED)]


def _is_address(address: str) -> bool:
    if any(character.isspace() or not character.isprintable() for character in address):
        return False
    try:
        parts = urlsplit(address if "://" in address else f"tcp://{address}")
        port = parts.port
    except ValueError:
        return False
    named = parts.scheme in PROTOCOLS and bool(parts.hostname) and parts.username is None
    # Port 0 is one that a server chooses; a client cannot connect to it.
    return named and bool(port) and not (parts.path or parts.query or parts.fragment)
