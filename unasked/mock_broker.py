"""The child process of the embedded broker: librdkafka's mock cluster, from the library in the confluent-kafka wheel.

Started by `unasked.embedded` with {topic: partitions} as its argument. It prints one line of JSON, then serves until
its standard input closes, that is until its parent ends in whatever way. A process of its own, because a stall in the
parent's interpreter would otherwise block the broker.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path
from typing import Any

_PRODUCER = 0
_BROKERS = 1
_ERROR_BYTES = 512


class MockBrokerError(Exception):
    """The mock cluster could not be started; the message says what is missing."""


def library() -> Path:
    """Return the path of librdkafka inside the confluent-kafka wheel; raises MockBrokerError."""
    try:
        bundled = files("confluent-kafka") or []
    except PackageNotFoundError as error:
        raise MockBrokerError("confluent-kafka is not installed; run `make setup`") from error
    for file in bundled:
        if file.name.startswith("librdkafka") and (".so" in file.name or file.suffix == ".dylib"):
            return Path(str(file.locate()))
    raise MockBrokerError("the installed confluent-kafka carries no librdkafka; install its wheel (manylinux, glibc)")


def start(topics: dict[str, int]) -> str:
    """Start a cluster of one broker with these topics (name -> partitions) and return its bootstrap address."""
    rdkafka = ctypes.CDLL(str(library()))
    pointer, text, number = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int

    def function(name: str, result: Any, *arguments: Any) -> Callable[..., Any]:
        # Without declared types ctypes would cut 64-bit pointers.
        found = getattr(rdkafka, name)
        found.restype, found.argtypes = result, arguments
        return found  # type: ignore[no-any-return]

    new = function("rd_kafka_new", pointer, number, pointer, text, ctypes.c_size_t)
    client = new(_PRODUCER, None, ctypes.create_string_buffer(_ERROR_BYTES), _ERROR_BYTES)
    cluster = function("rd_kafka_mock_cluster_new", pointer, pointer, number)(client, _BROKERS)
    if not cluster:
        raise MockBrokerError("librdkafka could not start its mock cluster; are loopback sockets allowed here?")
    function("rd_kafka_mock_group_initial_rebalance_delay_ms", None, pointer, ctypes.c_int32)(cluster, 0)
    create = function("rd_kafka_mock_topic_create", number, pointer, text, number, number)
    for name, partitions in topics.items():
        if create(cluster, name.encode(), partitions, 1) != 0:
            raise MockBrokerError(f"topic {name} with {partitions} partitions could not be created")
    bootstraps: bytes = function("rd_kafka_mock_cluster_bootstraps", text, pointer)(cluster)
    return bootstraps.decode()


def main() -> None:
    """Serve until standard input closes."""
    # Ctrl-C reaches the whole process group; the broker must outlive the worker that still drains.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # librdkafka remarks that a producer without servers is unusual: true, and of no use to anybody.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
    try:
        answer = {"bootstrap": start(json.loads(sys.argv[1]))}
    except Exception as error:
        # Whatever it is, the parent must hear of it.
        answer = {"error": str(error) or repr(error)}
    print(json.dumps(answer), flush=True)
    sys.stdin.buffer.read()
    # The cluster's threads are not worth waiting for: nothing of it survives anyway.
    os._exit(0)


if __name__ == "__main__":
    main()
