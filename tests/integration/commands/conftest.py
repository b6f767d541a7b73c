from __future__ import annotations

import io
import json
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from rules.shipped import shipped
from tests.integration.commands.city_on_disk import build_city
from unasked.cli import main

SENIOR = """
schema: unasked/trigger@1
id: {id}
title: {{zh: 老年优待证, en: "Senior card"}}
field: social-services
owner: civil-affairs
legal_basis: "invented for a test"
when: age(birth_date) >= {age} && residence in ["hukou", "permit"]
unknown: data-task
plan:
  - {{step: prepare, at: -90d, task: {{department: civil-affairs, kind: verify, due: 60d}}}}
  - {{step: contact, at: 0d, notify: {{to: resident, template: senior-card-notice, channels: [sms]}}}}
examples:
  - {{name: on the birthday, given: {{birth_date: 1961-03-01, residence: hukou}}, expect: {{moment: {moment}}}}}
"""


@dataclass(frozen=True)
class Said:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]


Unasked = Callable[..., Said]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty data folder, and no setting of the machine's own."""
    for name in ("DATABASE_URL", "KAFKA", "PROFILE", "TIMEZONE", "KEYS", "POSTAL_LEAD", "HOLIDAYS"):
        monkeypatch.delenv(f"UNASKED_{name}", raising=False)
    monkeypatch.setenv("UNASKED_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def unasked(home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Unasked:
    """Run a command in this process: what it is started with, and what came of it."""

    def run(*words: object, stdin: bytes = b"") -> Said:
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(stdin)))
        capsys.readouterr()
        try:
            code = main([str(word) for word in words])
        except SystemExit as stop:
            code = int(stop.code or 0)
        out, err = capsys.readouterr()
        return Said(code=code, out=out, err=err)

    return run


@pytest.fixture
def senior(home: Path) -> Path:
    """A trigger document."""
    return document(home / "senior.yaml")


def document(path: Path, *, id: str = "senior", age: int = 65, moment: str = "2026-03-01") -> Path:
    """Write a trigger document."""
    path.write_text(SENIOR.format(id=id, age=age, moment=moment), encoding="utf-8")
    return path


def snapshot(path: Path, *rows: dict[str, object]) -> Path:
    """Write a snapshot as JSON lines."""
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture
def books(home: Path) -> Callable[[str], list[Any]]:
    """Ask the embedded database."""

    def ask(question: str) -> list[Any]:
        with closing(sqlite3.connect(home / "home" / "unasked.db")) as db:
            return db.execute(question).fetchall()

    return ask


@pytest.fixture(scope="session")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database of a synthetic city that lived under the senior card."""
    return build_city(tmp_path_factory.mktemp("city"))


@pytest.fixture
def published(city: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The senior card as the city has published it; the commands work on the city."""
    monkeypatch.setenv("UNASKED_DATABASE_URL", f"sqlite:///{city}")
    path = home / "published.yaml"
    path.write_text(shipped()["senior-card.yaml"], encoding="utf-8")
    return path


@pytest.fixture
def edited(published: Path) -> Path:
    """The same from sixty."""
    path = published.with_name("edited.yaml")
    text = published.read_text(encoding="utf-8").split("examples:")[0]
    path.write_text(text.replace(">= 65", ">= 60"), encoding="utf-8")
    return path
