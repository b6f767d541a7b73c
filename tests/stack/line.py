"""A TCP line to one server, in a thread of its own, that can be cut, slowed, left half open, reset around a commit."""

import asyncio
import socket
import struct
import threading
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

_CHUNK = 65_536
#: PostgreSQL's message for a commit, as psycopg sends it.
_COMMIT = b"COMMIT\0"
#: What a connection does on closing: send RST, without waiting for anything.
_RESET = struct.pack("ii", 1, 0)

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass(kw_only=True, eq=False)
class _Connection:
    """One connection through the line: to its client, and to the server."""

    client: asyncio.StreamWriter
    server: asyncio.StreamWriter
    #: Nothing comes through any more, and nobody is told.
    half_open: bool = False
    #: Reset it as soon as the server has answered.
    doomed: bool = False

    def reset(self) -> None:
        """End both sides with RST."""
        for side in (self.client, self.server):
            with suppress(OSError):
                # It may have been closed already.
                side.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            side.transport.abort()


@dataclass(kw_only=True)
class Line:
    """Passes bytes on between a port of its own and a server's port, until told otherwise."""

    #: Port of the server on 127.0.0.1.
    server: int
    #: Port of 127.0.0.1 on which the line takes connections.
    port: int = 0
    #: Commits that were reset so far: before they reached the server, and after the server had done them.
    resets: dict[str, int] = field(default_factory=lambda: {"before": 0, "after": 0})
    _latency: float = 0.0
    _cut: bool = False
    _plan: list[str] = field(default_factory=list)
    _connections: set[_Connection] = field(default_factory=set)
    _listener: asyncio.Server | None = None
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)

    def __post_init__(self) -> None:
        """Open it."""
        self._thread = threading.Thread(target=self._loop.run_forever, name=f"line to {self.server}", daemon=True)
        self._thread.start()
        self._call(self._listen())

    def close(self) -> None:
        """Take it away."""
        self._call(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def cut(self) -> None:
        """End every connection and refuse new ones, until `mend`."""
        self._call(self._set(cut=True))

    def slow(self, seconds: float) -> None:
        """Hold every piece back so long, in both directions, until `mend`."""
        self._call(self._set(latency=seconds))

    def half_open(self) -> None:
        """Let the connections that are open now go dead without a word; new ones are well."""
        self._call(self._mark_half_open())

    def mend(self) -> None:
        """Pass everything on again; what is half open is found out and reset, as keepalives would."""
        self._call(self._set())

    def reset_commits(self, plan: list[str]) -> None:
        """Reset the next commits: "before" it reaches the server, "after" the server has done it, "" = leave it."""
        self._call(self._set(plan=list(plan)))

    def _call(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _listen(self) -> None:
        self._listener = await asyncio.start_server(self._connect, "127.0.0.1", self.port)
        self.port = self._listener.sockets[0].getsockname()[1]

    async def _end(self) -> None:
        assert self._listener is not None
        self._listener.close()
        await self._set(cut=True)
        while self._connections:
            await asyncio.sleep(0.01)

    async def _set(self, *, cut: bool = False, latency: float = 0.0, plan: list[str] | None = None) -> None:
        self._cut, self._latency = cut, latency
        if plan is not None:
            self._plan = plan
        for connection in list(self._connections):
            if cut or connection.half_open:
                connection.reset()

    async def _mark_half_open(self) -> None:
        for connection in self._connections:
            connection.half_open = True

    async def _connect(self, reader: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        try:
            answers, server = await asyncio.open_connection("127.0.0.1", self.server)
        except OSError:
            client.close()
            return
        connection = _Connection(client=client, server=server)
        if self._cut:
            connection.reset()
            return
        self._connections.add(connection)
        sending = self._pass((reader, server), connection, self._before_sending)
        answering = self._pass((answers, client), connection, self._before_answering)
        await asyncio.gather(sending, answering, return_exceptions=True)
        self._connections.discard(connection)
        for side in (client, server):
            # Both sides have said that they are through, or one was reset.
            side.close()
            with suppress(OSError):
                await side.wait_closed()

    async def _pass(
        self, streams: Streams, connection: _Connection, before: Callable[[_Connection, bytes], bool]
    ) -> None:
        reader, writer = streams
        try:
            while data := await reader.read(_CHUNK):
                if connection.half_open:
                    continue
                if self._latency:
                    await asyncio.sleep(self._latency)
                if not before(connection, data):
                    connection.reset()
                    return
                writer.write(data)
                await writer.drain()
        except ConnectionError:
            # A server that dies with something unread resets, and whoever is on the other side hears of it.
            connection.reset()
        if not connection.half_open:
            writer.close()

    def _before_sending(self, connection: _Connection, data: bytes) -> bool:
        """Whether these bytes of a client may go on to the server."""
        when = self._plan.pop(0) if _COMMIT in data and self._plan else ""
        if when:
            self.resets[when] += 1
        connection.doomed = when == "after"
        return when != "before"

    def _before_answering(self, connection: _Connection, _data: bytes) -> bool:
        """Whether an answer of the server may go on to the client."""
        return not connection.doomed
