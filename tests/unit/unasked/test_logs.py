"""Logs of a service are JSON, whoever speaks; an error comes with its place and without the values of its statement."""

import json
import subprocess
import sys

_SPEAK = """
import logging, structlog
from sqlalchemy import create_engine, text
from unasked.logs import configure_logs
from unasked.settings import read_settings
configure_logs(read_settings({"UNASKED_PROFILE": "service"}), "worker")
structlog.get_logger("x").info("worker_started", topics=["t"])
logging.getLogger("aiokafka").warning("broker %s has gone", 1)
try:
    with create_engine("sqlite://", hide_parameters=True).connect() as db:
        db.execute(text("SELECT * FROM nowhere WHERE name = :name"), {"name": "王小明"})
except Exception as error:
    structlog.get_logger("x").error("batch_failed", exc_info=error)
"""


def test_every_line_is_one_object_with_role_level_and_time():
    done = subprocess.run([sys.executable, "-c", _SPEAK], capture_output=True, text=True, check=True)
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert [line["event"] for line in lines] == ["worker_started", "broker 1 has gone", "batch_failed"]
    assert all({"role", "level", "timestamp"} <= line.keys() for line in lines)
    assert "no such table" in lines[2]["exception"] and "王小明" not in done.stderr
    assert done.stdout == ""
