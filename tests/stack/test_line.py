"""The line does to bytes what it is told, so that the tests that use it test something."""

import socket
import socketserver
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest

from tests.stack.line import Line


class _Echo(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        with suppress(ConnectionError):
            while data := self.request.recv(1000):
                if data == b"die":
                    self.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    self.request.close()
                    return
                self.request.sendall(data)


@pytest.fixture
def line() -> Iterator[Line]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Echo) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        opened = Line(server=server.server_address[1])
        yield opened
        opened.close()
        server.shutdown()


def call(line: Line) -> socket.socket:
    return socket.create_connection(("127.0.0.1", line.port), 5)


def echo(connection: socket.socket, said: bytes) -> bytes:
    connection.sendall(said)
    return connection.recv(1000)


def test_a_line_passes_bytes_on_and_can_be_slow(line: Line) -> None:
    with call(line) as one:
        assert echo(one, b"hello") == b"hello"
        line.slow(0.2)
        asked = time.monotonic()
        assert echo(one, b"hello") == b"hello"
        assert time.monotonic() - asked >= 0.4
        line.mend()
        assert echo(one, b"hello") == b"hello"


def test_a_cut_line_resets_what_is_open_and_refuses_what_is_new_until_it_is_mended(line: Line) -> None:
    with call(line) as one:
        assert echo(one, b"hello") == b"hello"
        line.cut()
        with pytest.raises(ConnectionResetError):
            one.recv(1000)
    # The reset may arrive before or after the kernel says that the connection stands.
    with pytest.raises(ConnectionResetError), call(line) as two:
        two.recv(1000)
    line.mend()
    with call(line) as three:
        assert echo(three, b"hello") == b"hello"


def test_a_half_open_connection_hears_nothing_while_new_ones_are_well(line: Line) -> None:
    with call(line) as old, call(line) as idle:
        assert echo(old, b"hello") == echo(idle, b"hello") == b"hello"
        line.half_open()
        old.settimeout(0.3)
        with pytest.raises(TimeoutError):
            echo(old, b"hello")
        with call(line) as new:
            assert echo(new, b"hello") == b"hello"
        line.mend()
        with pytest.raises(ConnectionResetError):
            idle.recv(1000)


def test_a_commit_is_reset_before_it_arrives_or_after_it_is_done(line: Line) -> None:
    line.reset_commits(["", "before", "after"])
    with call(line) as one:
        assert echo(one, b"Q..COMMIT\0") == b"Q..COMMIT\0"
    for _ in range(2):
        with call(line) as one, pytest.raises(ConnectionResetError):
            echo(one, b"Q..COMMIT\0")
    assert line.resets == {"before": 1, "after": 1}
    with call(line) as one:
        assert echo(one, b"Q..COMMIT\0") == b"Q..COMMIT\0"


def test_a_server_that_dies_with_a_reset_is_heard_of(line: Line) -> None:
    with call(line) as one, pytest.raises(ConnectionResetError):
        echo(one, b"die")
