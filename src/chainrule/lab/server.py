"""The lab's server: pages and answers on this computer only, for those who have the token.

A page from elsewhere must not be able to ask it, in any of the ways that browsers leave open. So every request needs
the token (part of the address), a Host that is this server's, and, where the browser sends one, an Origin that is too.
"""

from __future__ import annotations

import asyncio
import ipaddress
import json
import secrets
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chainrule.lab.assets import ASSETS, page
from chainrule.lab.worker import Workers

LONGEST_BODY = 16_384  # bytes
BODY_SECONDS = 5.0

HEADERS = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
}


@dataclass(frozen=True)
class Address:
    """Where the lab is served, and the secret in its address. `remote` lets other computers in."""

    host: str
    port: int
    remote: bool = False
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)

    @property
    def url(self) -> str:
        """The address to open."""
        shown = "127.0.0.1" if self.host in ("0.0.0.0", "::") else self.host
        return f"http://{f'[{shown}]' if ':' in shown else shown}:{self.port}/{self.token}/"

    def is_own(self, host: str) -> bool:
        """Whether a Host header names this server. Names could be made to point here by anybody; numbers cannot."""
        try:
            parts = urlsplit(f"//{host}")
            name, port = parts.hostname or "", parts.port or 80
        except ValueError:
            return False
        if port != self.port or parts.path or parts.username is not None:
            return False
        if name == "localhost":
            return True
        try:
            number = ipaddress.ip_address(name)
        except ValueError:
            return self.remote and name in {self.host.lower(), socket.gethostname().lower()}
        return self.remote or number.is_loopback


def is_loopback(host: str) -> bool:
    """Whether a host to serve on is this computer alone.

    >>> is_loopback("127.0.0.1"), is_loopback("localhost"), is_loopback("0.0.0.0")
    (True, True, False)
    """
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Guard:
    """Refuses what does not come from the lab's own page, and sends the headers that keep the page to itself."""

    def __init__(self, app: ASGIApp, address: Address) -> None:
        self.app = app
        self.address = address

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":  # only the lifespan: there are no web sockets here
            await self.app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
            await send(message)

        if not self.allows(scope):
            await Response("Forbidden", 403)(scope, receive, with_headers)
            return
        await self.app(scope, receive, with_headers)

    def allows(self, scope: Scope) -> bool:
        """Whether Host, Origin, what the browser says of the asking page, and the token are right."""
        headers = Headers(scope=scope)
        host, origin = headers.get("host", ""), headers.get("origin")
        if len(headers.getlist("host")) != 1 or not self.address.is_own(host):
            return False
        if origin is not None and origin != f"http://{host}":
            return False
        if headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
            return False
        token = scope["path"].split("/")[1] if scope["path"].count("/") > 1 else ""
        return secrets.compare_digest(token.encode(), self.address.token.encode())


def application(address: Address, lang: str = "en", workers: Workers | None = None) -> Starlette:
    """The web application: the page, its assets, and the answers. `lang` is the language in which the page opens."""
    asked = workers or Workers()

    async def index(request: Request) -> Response:
        return Response(page(lang), media_type="text/html; charset=utf-8")

    async def asset(request: Request) -> Response:
        found = ASSETS.get(request.path_params["name"])
        if found is None:
            return Response("Not found", 404)
        return Response(found.content, media_type=found.type)

    async def ask(request: Request) -> Response:
        if request.headers.get("content-type", "").split(";")[0] != "application/json":
            return _refusal(415, "send application/json")
        try:
            async with asyncio.timeout(BODY_SECONDS):
                body = await _body(request)
        except TimeoutError:
            return _refusal(408, "the request did not arrive in time")
        except ClientDisconnect:
            return Response(status_code=400)
        if body is None:
            return _refusal(413, f"a request has up to {LONGEST_BODY} bytes")
        try:
            data = json.loads(body, parse_constant=_no_number)
        except (ValueError, RecursionError):
            return _refusal(400, "the request is not JSON")
        return Response(await asked.answer(data), media_type="application/json")

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        starting = [asyncio.create_task(worker.start()) for worker in asked.all]  # while the browser opens
        try:
            yield
        finally:
            await asyncio.gather(*starting)
            await asked.end()

    return Starlette(
        routes=[
            Route("/{token}/", index),
            Route("/{token}/ask", ask, methods=["POST"]),
            Route("/{token}/{name}", asset),
        ],
        middleware=[Middleware(Guard, address=address), Middleware(GZipMiddleware, minimum_size=1000, compresslevel=5)],
        lifespan=lifespan,
    )


async def _body(request: Request) -> bytes | None:
    """The body, or None where it is too long."""
    received = bytearray()
    async for chunk in request.stream():
        received += chunk
        if len(received) > LONGEST_BODY:
            return None
    return bytes(received)


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


def _refusal(status: int, reason: str) -> Response:
    return JSONResponse({"error": {"reason": reason, "column": None}}, status)


def listening(host: str, port: int) -> socket.socket:
    """A socket that listens; with port 0 the system chooses one that is free. Raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.create_server((host, port), family=family, backlog=128)
    made.set_inheritable(False)
    return made


def serve(on: socket.socket, address: Address, lang: str) -> None:
    """Serve until the process is asked to end (Ctrl-C), then end the workers."""
    import uvicorn

    config = uvicorn.Config(
        application(address, lang), log_level="warning", lifespan="on", access_log=False, server_header=False,
        timeout_keep_alive=10, timeout_graceful_shutdown=2, limit_concurrency=256, ws="none", proxy_headers=False,
    )  # fmt: skip
    uvicorn.Server(config).run(sockets=[on])
