"""Runs `unasked simulate` as an operator would, reads its files, and gives the reference's answer the same shape."""

import json
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from tests.stories.oracle import Case, play
from tests.stories.oracle_facts import Change, Window, by_resident, read_changes
from tests.stories.oracle_work import State
from tests.stories.reference_rules import Rule

ROOT = Path(__file__).resolve().parents[2]
FILES = ("occurrences", "tasks", "notifications", "certificates")
Place = tuple[str, str]
StepPlace = tuple[str, str, str]
Key = TypeVar("Key")
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One call of the command."""

    events: Path
    rules: tuple[Rule, ...]
    window: Window
    out: Path
    snapshot: Path | None = None
    options: tuple[str, ...] = ()

    def command(self) -> list[str]:
        """The command line; writes the trigger documents first."""
        triggers = self.out / "triggers"
        triggers.mkdir(parents=True)
        for rule in self.rules:
            rule.write(folder=triggers)
        words = ["--events", self.events, "--from", self.window.start, "--to", self.window.end, "--triggers", triggers]
        if self.snapshot:
            words += ["--snapshot", self.snapshot]
        if self.window.outage:
            words += ["--outage", "..".join(str(day) for day in self.window.outage)]
        words += ["--out", self.out / "files", *self.options]
        return [sys.executable, "-m", "unasked", "simulate", *(str(word) for word in words)]

    def attempt(self) -> subprocess.CompletedProcess[str]:
        """Run the command and hand back what it said."""
        return subprocess.run(self.command(), cwd=ROOT, capture_output=True, text=True, check=False)

    def files(self) -> Path:
        """Run the command, which has to succeed; the folder of its files."""
        finished = self.attempt()
        assert finished.returncode == 0, finished.stderr[-4000:]
        return self.out / "files"


@dataclass(slots=True, kw_only=True)
class Books:
    """What was due and what was done, by trigger, resident and step."""

    occurrences: dict[Place, tuple[str, str]] = field(default_factory=dict)
    tasks: dict[StepPlace, tuple[str, str, str, str]] = field(default_factory=dict)
    notifications: dict[StepPlace, str] = field(default_factory=dict)
    corrections: set[StepPlace] = field(default_factory=set)
    escalations: set[StepPlace] = field(default_factory=set)


def read_lines(*, path: Path) -> list[dict[str, Any]]:
    """The records of a file of JSON lines."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def unique(*, pairs: Iterable[tuple[Key, Value]]) -> dict[Key, Value]:
    """A dictionary of pairs whose keys may not repeat."""
    listed = list(pairs)
    found = dict(listed)
    assert len(found) == len(listed), f"{len(listed) - len(found)} keys stand twice"
    return found


def read_books(*, folder: Path) -> Books:
    """What the command wrote; messages withheld or withdrawn are left out."""
    tasks = read_lines(path=folder / "tasks.jsonl")
    # Tasks without a trigger are the population registry's own, about the records themselves.
    plain = [task for task in tasks if task["trigger"] and task["kind"] not in ("correction", "escalation")]
    sent = [
        notice
        for notice in read_lines(path=folder / "notifications.jsonl")
        if notice["state"] not in ("withheld", "withdrawn", "planned")
    ]
    return Books(
        occurrences=unique(
            pairs=(
                ((one["trigger"], one["resident_id"]), (one["moment"], one["state"]))
                for one in read_lines(path=folder / "occurrences.jsonl")
            )
        ),
        tasks=unique(
            pairs=(
                (step_place(one), (one["created_on"], one["due_on"], one["state"], one["state_on"])) for one in plain
            )
        ),
        notifications=unique(pairs=((step_place(one), one["created_on"]) for one in sent)),
        corrections=days_of_kind(tasks=tasks, kind="correction"),
        escalations=days_of_kind(tasks=tasks, kind="escalation"),
    )


def days_of_kind(*, tasks: list[dict[str, Any]], kind: str) -> set[StepPlace]:
    """Trigger, resident and day of the tasks of one kind."""
    return {(task["trigger"], task["resident_id"], task["created_on"]) for task in tasks if task["kind"] == kind}


def step_place(record: dict[str, Any]) -> StepPlace:
    """Trigger, resident and step of a record."""
    return record["trigger"], record["resident_id"], record["step"]


def expected_books(*, run: Run, changes: Iterable[Change] | None = None, completes: bool = True) -> Books:
    """What the reference expects of a run."""
    books = Books()
    given = read_changes(path=run.events) if changes is None else changes
    for resident, own in by_resident(changes=given).items():
        for rule in run.rules:
            case = play(rule=rule, changes=own, window=run.window, completes=completes)
            enter(books=books, resident=resident, case=case)
    return books


def enter(*, books: Books, resident: str, case: Case) -> None:
    """Enter one played case into the books."""
    if case.state is None:
        return
    place = (case.rule.id, resident)
    state = State.WITHHELD if case.stuck else case.state
    books.occurrences[place] = (case.moment.isoformat(), state.value)
    for work in case.work:
        if work.task is not None and work.on is not None and work.due is not None:
            days = (work.on.isoformat(), work.due.isoformat(), work.task.value, str(work.task_on))
            books.tasks[(*place, work.step.name)] = days
        if (work.step.template or work.step.licence) and work.on is not None:
            books.notifications[(*place, work.step.name)] = work.on.isoformat()
    books.corrections |= {(*place, day.isoformat()) for day in case.corrections}
    books.escalations |= {(*place, day.isoformat()) for day in case.escalations.values()}


def differences(*, expected: dict[Key, Value], found: dict[Key, Value]) -> list[str]:
    """Readable differences, the first twenty of them."""
    keys = sorted((key for key in expected.keys() | found.keys() if expected.get(key) != found.get(key)), key=str)
    lines = [f"{key}: expected {expected.get(key)}, found {found.get(key)}" for key in keys[:20]]
    return [f"{len(keys)} differences", *lines] if keys else []


def day(text: str) -> date:
    """A date written as YYYY-MM-DD."""
    return date.fromisoformat(text)
