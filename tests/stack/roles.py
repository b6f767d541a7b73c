"""Unasked's own processes on the real stack, kept alive by a supervisor as in service."""

import base64
import os
import shlex
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from tests.stack.child import ROOT, Child, free_port

#: A day must not end while a test runs: of the zones with whole hours the one in which it is about ten in the morning.
_MORNING = 10
_RESTART_SECONDS = 0.5
#: What is run: this source, or whatever PROGRAM names; tests/stack/image.sh runs the image.
PROGRAM = shlex.split(os.getenv("PROGRAM", "")) or [sys.executable, "-m", "unasked"]


def morning_zone() -> str:
    """Return a time zone in which it is about ten in the morning now."""
    ahead = (_MORNING - datetime.now(UTC).hour + 11) % 24 - 11
    # Its sign is the other way round there: Etc/GMT-8 is eight hours ahead.
    return f"Etc/GMT{-ahead:+d}" if ahead else "Etc/GMT"


@dataclass(kw_only=True)
class Service:
    """The settings that all roles share, and how commands are run with them."""

    folder: Path
    database_url: str
    kafka: str
    settings: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Fill in the settings."""
        self.settings = {
            "UNASKED_PROFILE": "service",
            "UNASKED_HOME": str(self.folder / "home"),
            "UNASKED_DATABASE_URL": self.database_url,
            "UNASKED_KAFKA": self.kafka,
            "UNASKED_KEYS": "test:" + base64.b64encode(bytes(32)).decode(),
            "UNASKED_TIMEZONE": morning_zone(),
        } | self.settings

    def publish(self, file: Path) -> None:
        """Publish a trigger document; a test is one person, and outside the embedded profile it takes two."""
        self.run("trigger", "publish", file, UNASKED_PROFILE="embedded")

    def run(self, *words: object, code: int = 0, **settings: str) -> str:
        """Run a command to its end, check its exit code and return what it printed."""
        child = self.role("command", *words, **settings)
        done = subprocess.run(
            child.command,
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
            env=_bare(child),
        )
        assert done.returncode == code, f"{words}: {done.returncode}\n{done.stdout[-3000:]}{done.stderr[-3000:]}"
        return done.stdout

    def refused(self, *words: object, saying: str, code: int = 2, **settings: str) -> str:
        """Run a command that has to be refused with these words, and return all that it says."""
        child = self.role("command", *words, **settings)
        done = subprocess.run(child.command, cwd=ROOT, capture_output=True, text=True, check=False, env=_bare(child))
        assert done.returncode == code and saying in done.stderr, f"{words}: {done.returncode} {done.stderr}"
        return done.stderr

    def role(self, name: str, *words: object, **settings: str) -> Child:
        """Return a process of a role, not yet started."""
        command = [*PROGRAM, *(str(word) for word in words)]
        return Child(name=name, command=command, folder=self.folder, environment=self.settings | settings)

    def worker(self, number: int) -> Child:
        """Return a worker with a lasting name in its group and a health port."""
        return self.watched(f"worker-{number}", "worker", UNASKED_INSTANCE=f"worker-{number}")

    def watched(self, name: str, *words: object, **settings: str) -> Child:
        """Return a process of a role with a health port."""
        port = free_port()
        child = self.role(name, *words, "--health-port", port, **settings)
        child.health = f"http://127.0.0.1:{port}"
        return child


def _bare(child: Child) -> dict[str, str]:
    return {"PATH": "/usr/bin:/bin", **child.environment}


class Supervisor:
    """Starts every role again that has ended, until it is closed."""

    def __init__(self, children: list[Child], *, lives: dict[str, list[dict[str, str]]] | None = None) -> None:
        """Start them all; `lives` has settings of the first, second, ... life of a role, by name."""
        self._lives = lives or {}
        self.children = {child.name: child for child in children}
        #: (role, exit code) of every life that ended by itself or was ended.
        self.endings: list[tuple[str, int]] = []
        #: Exit codes of the last lives, once closed.
        self.codes: dict[str, int] = {}
        self._closed = threading.Event()
        for child in children:
            self._begin(child)
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Ask all to end; when a test fails, what they said last is printed with it."""
        self._closed.set()
        self._thread.join(30)
        self.codes = {name: child.stop() for name, child in self.children.items()}
        for name, child in self.children.items():
            print(f"--- {name} ended with {self.codes[name]} and said last:\n{child.said()[-1500:]}")

    def _watch(self) -> None:
        while not self._closed.wait(0.1):
            for child in self.children.values():
                if not child.alive:
                    self.endings.append((child.name, child.process.returncode if child.process else 0))
                    time.sleep(_RESTART_SECONDS)
                    self._begin(child)

    def _begin(self, child: Child) -> None:
        lives, usual = self._lives.get(child.name), child.environment
        child.environment = usual | (lives.pop(0) if lives else {})
        child.start()
        child.environment = usual
