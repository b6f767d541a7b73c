"""The command line. Commands are named by string, so that `--help` and `--version` import none of them."""

from __future__ import annotations

import importlib
import signal
import sys
from collections.abc import Sequence

#: Command -> (module, one line of help), in the order in which they are shown.
COMMANDS: dict[str, tuple[str, str]] = {
    "demo": ("unasked.commands.demo", "play a year of a synthetic city and show what was done unasked"),
    "run": ("unasked.commands.run", "all roles in one process tree, embedded broker and database"),
    "simulate": ("unasked.commands.simulate", "drive recorded change events under a simulated clock"),
    "worker": ("unasked.commands.roles", "role: consume changes from Kafka"),
    "clock": ("unasked.commands.roles", "role: close days and run due steps"),
    "delivery": ("unasked.commands.roles", "role: deliver messages from the outbox"),
    "migrate": ("unasked.commands.migrate", "bring the database schema up to date"),
    "topics": ("unasked.commands.topics", "create Kafka topics"),
    "load": ("unasked.commands.load", "bulk load of a resident snapshot"),
    "feed": ("unasked.commands.feed", "publish change events to Kafka"),
    "reconcile": ("unasked.commands.reconcile", "compare the books with the source database, and repair them"),
    "sweep": ("unasked.commands.days", "close days up to a date"),
    "certify": ("unasked.commands.days", "completeness certificates of closed days"),
    "audit": ("unasked.commands.audit", "recompute everything from the history and compare"),
    "trigger": (
        "unasked.commands.trigger",
        "triggers: check, try, preview, review, publish, compare, roll back, withdraw",
    ),
    "why": ("unasked.commands.why", "explain a task, or the absence of one"),
    "export": ("unasked.commands.export", "write the books as JSON lines"),
    "quarantine": ("unasked.commands.quarantine", "list, show and retry records that could not be applied"),
    "task": ("unasked.commands.task", "list, claim, finish and return tasks"),
    "pause": ("unasked.commands.control", "stop a trigger or a channel"),
    "resume": ("unasked.commands.control", "let a paused trigger or channel go on"),
    "recall": ("unasked.commands.control", "take back an occurrence, or all of a trigger's"),
    "status": ("unasked.commands.status", "lag, last closed day, outbox, quarantine, paused"),
}

#: Commands that go on until SIGTERM.
_ENDLESS = frozenset({"run", "worker", "clock", "delivery"})

_HEAD = """usage: unasked COMMAND [options]

Proactive citizen-service event engine: services that arrive unasked.

commands:
"""
_TAIL = """
`unasked COMMAND --help` shows a command's options. Exit codes: 0 done, 1 a check found a difference,
2 bad usage or input, 3 broker or database unreachable, 70 internal error.
"""


def help_text() -> str:
    """Return what `unasked --help` prints."""
    rows = (f"  {name:<11} {line}" for name, (_, line) in COMMANDS.items())
    return _HEAD + "\n".join(rows) + "\n" + _TAIL


def _leave(_number: int, _frame: object) -> None:
    sys.exit(0)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    if not words or words[0] in ("-h", "--help", "help"):
        print(help_text(), end="")
        return 0
    if words[0] not in COMMANDS:
        known = ", ".join(COMMANDS)
        print(f"unasked: {words[0]!r} is no command; write one of {known}", file=sys.stderr)
        return 2
    if words[0] in _ENDLESS:
        # What these import takes a while, and until they listen for themselves nothing has begun that could be lost.
        signal.signal(signal.SIGTERM, _leave)
    runner = importlib.import_module("unasked.running")
    return int(runner.run(COMMANDS[words[0]][0], words))


if __name__ == "__main__":
    sys.exit(main())
