"""Processes that answer requests, one line of JSON each: what takes too long is ended with its process.

A formula may be typed that takes minutes, or more memory than there is. Python cannot stop a thread, so each question
goes to one of a few processes; one that uses up its time is ended by the system, and another one started in its place.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections import OrderedDict
from contextlib import suppress
from typing import Any

SECONDS = 4.0  # of computing, for one answer
PATIENCE = 10.0  # how many times as long it may take while other programs compute
PROCESSES = 2
MEMORY = 3 << 30  # bytes of address space for each process
LONGEST_LINE = 32 << 20
KEPT = 32 << 20  # bytes of answers that are kept

_LATE = {"en": "this takes too long; try a simpler formula.", "zh": "计算时间过长，请换一个更简单的公式。"}
_BROKEN = {"en": "the computation has failed.", "zh": "计算失败。"}


class Worker:
    """One process, started at its first question; `seconds` is the time that it may compute for one answer."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self.seconds = seconds
        self.process: asyncio.subprocess.Process | None = None
        self.starting = asyncio.Lock()

    async def start(self) -> asyncio.subprocess.Process:
        """The running process, ready to answer."""
        async with self.starting:
            if self.process is None or self.process.returncode is not None:
                environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
                self.process = await asyncio.create_subprocess_exec(
                    sys.executable, "-m", __name__, str(self.seconds), stdin=asyncio.subprocess.PIPE,
                    stdout=asyncio.subprocess.PIPE, limit=LONGEST_LINE, env=environment,
                )  # fmt: skip
                assert self.process.stdout is not None
                await self.process.stdout.readline()
            return self.process

    async def ask(self, line: bytes, lang: str) -> tuple[bytes, bool]:
        """The answer to one line, and whether it came; in time, or an error in its place."""
        process = await self.start()
        assert process.stdin is not None
        assert process.stdout is not None
        answer = b""
        try:
            async with asyncio.timeout(PATIENCE * self.seconds):
                process.stdin.write(line + b"\n")
                await process.stdin.drain()
                answer = await process.stdout.readline()
        except TimeoutError:
            await self.end()
            return _error(_LATE[lang]), False
        except (ConnectionError, ValueError):  # the process has ended, or its line is too long
            pass
        except asyncio.CancelledError:  # nobody waits any more, and the answer must not reach the next one who asks
            await self.end()
            raise
        if answer.endswith(b"\n"):
            return answer, True
        code = await process.wait() if process.stdout.at_eof() else None
        await self.end()
        late = hasattr(signal, "SIGPROF") and code == -signal.SIGPROF
        return _error((_LATE if late else _BROKEN)[lang]), False

    async def end(self) -> None:
        """End the process."""
        process, self.process = self.process, None
        if process is not None and process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()


class Workers:
    """Several processes, each with one question at a time, and the last answers."""

    def __init__(self, count: int = PROCESSES, seconds: float = SECONDS) -> None:
        self.all = [Worker(seconds) for _ in range(count)]
        self.free: asyncio.LifoQueue[Worker] = asyncio.LifoQueue()
        self.kept: OrderedDict[bytes, bytes] = OrderedDict()
        self.size = 0
        for worker in self.all:
            self.free.put_nowait(worker)

    async def answer(self, data: Any) -> bytes:
        """The answer to plain data, as JSON."""
        line = json.dumps(data, separators=(",", ":"), sort_keys=True).encode()
        if line in self.kept:
            self.kept.move_to_end(line)
            return self.kept[line]
        lang = "zh" if isinstance(data, dict) and data.get("lang") == "zh" else "en"
        worker = await self.free.get()
        try:
            answer, came = await worker.ask(line, lang)
        finally:
            self.free.put_nowait(worker)
        if came:
            self._keep(line, answer)
        return answer

    def _keep(self, line: bytes, answer: bytes) -> None:
        if line not in self.kept:
            self.kept[line] = answer
            self.size += len(line) + len(answer)
        while self.size > KEPT:
            old, gone = self.kept.popitem(last=False)
            self.size -= len(old) + len(gone)

    async def end(self) -> None:
        """End every process."""
        for worker in self.all:
            await worker.end()


def _error(reason: str) -> bytes:
    return json.dumps({"error": {"reason": reason, "column": None}}, ensure_ascii=False).encode() + b"\n"


def main() -> None:
    """Answer the lines of stdin on stdout, until there are no more."""
    _limit_memory()
    from chainrule.lab.answer import answer  # late: the limit holds for the import as well
    from chainrule.lab.export import exported
    from chainrule.showing.json_text import as_json

    answer(_FIRST)  # once before anybody waits: the first answer builds the grammar and compiles kernels
    seconds = float(sys.argv[1])
    _say(b"ready")
    for line in sys.stdin.buffer:
        _allow(seconds)
        data = json.loads(line)
        made = exported(data["page"]) if isinstance(data, dict) and "page" in data else answer(data)
        text = as_json(made, indent=None)
        _allow(0)
        _say(text.encode())


def _say(line: bytes) -> None:
    sys.stdout.buffer.write(line + b"\n")
    sys.stdout.buffer.flush()


def _allow(seconds: float) -> None:
    """Let this process compute for so long, after which the system ends it; 0 is for ever."""
    if hasattr(signal, "setitimer"):  # Windows has no such clock: there the server's patience ends it
        signal.setitimer(signal.ITIMER_PROF, seconds)


_FIRST = {"formula": "x^2 * sin(x)", "wishes": ["reading", "point", "curve", "graph", "derivation"]}


def _limit_memory() -> None:
    try:
        import resource
    except ImportError:  # Windows has no such limits
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


if __name__ == "__main__":
    main()
