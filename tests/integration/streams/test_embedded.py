import json
import os
import subprocess
import sys
import time
from typing import Any

import pytest

from tests.integration.streams.workers import ROOT, TOPIC
from unasked.embedded import EmbeddedBroker
from unasked.errors import Exit, Refusal
from unasked.settings import Profile


def test_production_has_no_embedded_broker() -> None:
    with pytest.raises(Refusal, match="name your Kafka in UNASKED_KAFKA"):
        EmbeddedBroker({TOPIC: 1}, profile=Profile.PRODUCTION)


def test_each_start_is_a_new_broker_for_the_ledger() -> None:
    with EmbeddedBroker({TOPIC: 1}) as first, EmbeddedBroker({TOPIC: 1}) as second:
        assert first.run_id != second.run_id
        assert first.bootstrap != second.bootstrap
        assert first.alive
        assert second.alive
    assert not first.alive


def test_a_broker_that_cannot_start_says_why() -> None:
    wrong: dict[str, Any] = {TOPIC: "four"}
    with pytest.raises(Refusal, match=r"the embedded broker did not start: argument 3") as refused:
        EmbeddedBroker(wrong).__enter__()
    assert refused.value.code is Exit.UNREACHABLE


def test_the_broker_ends_with_its_parent_however_that_ends() -> None:
    code = (
        "import json, time; from unasked.embedded import EmbeddedBroker\n"
        "with EmbeddedBroker({'t': 1}) as broker:\n    print(json.dumps(broker.pid), flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        pid = json.loads(parent.stdout.readline())
        assert is_running(pid)
        parent.kill()
    deadline = time.monotonic() + 30
    while is_running(pid):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
            return stat.read().split()[2] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False
