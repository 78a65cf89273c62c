"""Ask a web application as a server would, without a network."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Answer:
    """A response."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


class Client:
    """One event loop for all requests, in which the application's lifespan runs from `start` to `end`."""

    def __init__(self, app: Any, host: str) -> None:
        self.app = app
        self.host = host
        self.runner = asyncio.Runner()
        self.messages: asyncio.Queue[dict[str, str]] = asyncio.Queue()

    def start(self) -> None:
        self.runner.run(self._start())

    async def _start(self) -> None:
        started = asyncio.Event()

        async def send(message: Any) -> None:
            started.set()

        self.messages.put_nowait({"type": "lifespan.startup"})
        scope = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}
        self.lifespan = asyncio.get_running_loop().create_task(self.app(scope, self.messages.get, send))
        await started.wait()

    def end(self) -> None:
        async def ended() -> None:
            self.messages.put_nowait({"type": "lifespan.shutdown"})
            await self.lifespan

        self.runner.run(ended())
        self.runner.close()

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> Answer:
        return self.runner.run(self._ask(method, path, body, {"host": self.host, **headers}))

    async def _ask(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> Answer:
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http",
            "path": path, "raw_path": path.encode(), "query_string": b"", "root_path": "", "state": {},
            "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()],
            "client": ("127.0.0.1", 50000), "server": ("127.0.0.1", 8123),
        }  # fmt: skip
        chunks = [body[start : start + 5000] for start in range(0, len(body), 5000)] or [b""]
        arriving = [
            {"type": "http.request", "body": chunk, "more_body": place < len(chunks) - 1}
            for place, chunk in enumerate(chunks)
        ]
        sent: list[Any] = []

        async def receive() -> Any:
            return arriving.pop(0) if arriving else await asyncio.Event().wait()

        async def send(message: Any) -> None:
            sent.append(message)

        await self.app(scope, receive, send)
        start = sent[0]
        found = {name.decode(): value.decode() for name, value in start["headers"]}
        return Answer(start["status"], found, b"".join(message.get("body", b"") for message in sent[1:]))
