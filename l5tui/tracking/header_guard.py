"""Check of the Host and Origin headers of requests to MLflow's server.

MLflow compares them with patterns: ``localhost:*`` matches ``localhost:x.example.org`` as well, and pages of any
program of this machine may read and write (``Origin: http://localhost:3000``). Here the host has to be exactly this
machine's, with a number as its port, and the origin, where there is one, exactly the address that was requested. A
port that is forwarded, as ``ssh -L`` does it, has another number and works.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any, Final, TypeAlias

Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
Application: TypeAlias = Callable[[Message, Receive, Send], Awaitable[None]]

HOST: Final = re.compile(rb"(127\.0\.0\.1|localhost)(:[0-9]{1,5})?", re.IGNORECASE)
REFUSED: Final = b"refused: the Host or Origin header is not that of this server\n"


class HeaderGuard:
    """ASGI application that passes on requests from this machine's own pages, and refuses all others with status 403.

    Parameters
    ----------
    application : callable
        ASGI application that answers what is passed on.
    """

    def __init__(self, application: Application) -> None:
        self._application = application

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "lifespan" or is_own_request(scope["headers"]):
            await self._application(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            headers = [(b"content-type", b"text/plain; charset=utf-8")]
            await send({"type": "http.response.start", "status": 403, "headers": headers})
            await send({"type": "http.response.body", "body": REFUSED})


def is_own_request(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """Return whether a request is addressed to this machine and comes from a page of the same address, or from none.

    Parameters
    ----------
    headers : iterable of tuple of bytes
        Names, in lower case, and values.

    Examples
    --------
    >>> is_own_request([(b"host", b"localhost:5000"), (b"origin", b"http://localhost:5000")])
    True
    >>> is_own_request([(b"host", b"localhost:5000"), (b"origin", b"http://localhost:3000")])
    False
    """
    found = [*headers]
    hosts = [value for name, value in found if name == b"host"]
    origins = [value for name, value in found if name == b"origin"]
    if len(hosts) != 1 or not HOST.fullmatch(hosts[0]):
        return False
    return all(origin.lower() == b"http://" + hosts[0].lower() for origin in origins)
