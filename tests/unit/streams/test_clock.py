import json
import os
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from streams.clock import Clock, Tick, live, now, simulated
from streams.records import RawRecord

SHANGHAI = ZoneInfo("Asia/Shanghai")
ROOT = Path(__file__).resolve().parents[3]


def record(timestamp_ms: int) -> RawRecord:
    return RawRecord(topic="t", partition=0, offset=0, timestamp_ms=timestamp_ms, key=None, value=None)


def test_a_tick_comes_at_once_and_again_with_the_time_of_the_zone() -> None:
    seen: list[datetime] = []
    enough = threading.Event()

    def tick(at: datetime) -> None:
        seen.append(at)
        if len(seen) >= 3:
            enough.set()

    clock = Clock([Tick(name="sweep", every_seconds=0.05, call=tick)], SHANGHAI)
    clock.start()
    assert enough.wait(5)
    clock.stop()
    assert all(at.tzinfo is SHANGHAI for at in seen)


def test_a_slow_tick_never_runs_twice_at_once() -> None:
    running, most = 0, 0
    lock = threading.Lock()

    def tick(_at: datetime) -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.1)
        with lock:
            running -= 1

    clock = Clock([Tick(name="sweep", every_seconds=0.02, call=tick)], SHANGHAI)
    clock.start()
    time.sleep(0.35)
    clock.stop()
    assert (most, running) == (1, 0)


def test_the_live_clock_says_todays_business_date() -> None:
    assert live(SHANGHAI)(record(0)) in {datetime.now(SHANGHAI).date(), now(SHANGHAI).date()}


def test_the_simulated_clock_says_the_business_date_of_the_record() -> None:
    late = int(datetime(2026, 3, 1, 17, 0, tzinfo=UTC).timestamp() * 1000)
    assert simulated(SHANGHAI)(record(late)) == date(2026, 3, 2)


PROCESS = """
import json, sys, time
from zoneinfo import ZoneInfo
from streams.clock import Tick, run_clock

def tick(at):
    print(json.dumps(at.isoformat()), file=sys.stderr, flush=True)
    time.sleep(float(sys.argv[1]))
    if sys.argv[2] == "fail":
        raise RuntimeError("a sweep of ours")
    print(json.dumps("done"), file=sys.stderr, flush=True)

sys.exit(run_clock([Tick(name="sweep", every_seconds=60, call=tick)], ZoneInfo("Asia/Shanghai")))
"""


def clock_process(seconds: float, ending: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", PROCESS, str(seconds), ending],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_sigterm_lets_the_tick_in_flight_end_and_exits_with_0() -> None:
    with clock_process(0.5, "well") as process:
        # The log has the other pipe, so that its lines and these never mix.
        assert process.stderr is not None
        while not process.stderr.readline().startswith('"'):
            pass
        process.send_signal(signal.SIGTERM)
        assert json.dumps("done") in process.stderr.read()
        assert process.wait(10) == 0


def test_a_tick_that_fails_ends_the_process_with_70() -> None:
    with clock_process(0.0, "fail") as process:
        output, _errors = process.communicate(timeout=10)
        assert process.returncode == 70
        assert "tick_failed" in output
        assert "a sweep of ours" in output
