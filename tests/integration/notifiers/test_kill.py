import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from notifiers.channels.file import FileChannel
from notifiers.post_office import all_to
from tests.integration.notifiers.outbox_kit import LATER, deliver_all, fill, states
from tests.unit.notifiers.post_kit import post_office, with_counters

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize(("before", "after"), [(1, 0), (0, 1), (7, 0), (0, 20)])
def test_a_relay_that_is_killed_leaves_nothing_lost_and_nothing_doubled(engine, tmp_path, before, after):
    fill(engine, 20)
    path = tmp_path / "out.jsonl"
    url = engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", "tests.integration.notifiers.dying_relay", url, path, str(before), str(after)]
    died = subprocess.run([str(word) for word in command], cwd=ROOT, check=False, timeout=60, capture_output=True)
    assert died.returncode == -signal.SIGKILL, died.stderr.decode()
    post = with_counters(post_office(), all_to(FileChannel(path=path)))
    deliver_all(engine, post, now=LATER)
    lines = [json.loads(line)["notification_id"] for line in path.read_text(encoding="utf-8").splitlines()]
    assert (len(lines), len(set(lines))) == (20, 20)
    assert states(engine) == {"sent": 20}
