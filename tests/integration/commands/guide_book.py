"""Pages whose commands are run: the files that they tell to save, the commands, and the answers that they show."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_FILE = re.compile(r"<!-- file: (\S+) -->\n```yaml\n(.*?)```", re.DOTALL)
_CONSOLE = re.compile(r"```console\n(.*?)```", re.DOTALL)
#: Stands for whatever there is: alone on a line for any lines, within a line for any signs.
ANYTHING = "…"


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One command of a page and the answer that stands below it."""

    text: str
    answer: tuple[str, ...]


def files(page: Path) -> dict[str, str]:
    """The files that a page tells its reader to save."""
    return dict(_FILE.findall(page.read_text(encoding="utf-8")))


def commands(page: Path) -> Iterator[Command]:
    """The commands of a page in their order."""
    for block in _CONSOLE.findall(page.read_text(encoding="utf-8")):
        for part in block.split("$ ")[1:]:
            text, *answer = part.rstrip("\n").split("\n")
            yield Command(text=text, answer=tuple(line.rstrip() for line in answer))


def differs(command: Command, said: str) -> str | None:
    """What is wrong with an answer, None when it is the one on the page."""
    pattern = "".join(_pattern(line) for line in command.answer)
    lines = "".join(f"{line.rstrip()}\n" for line in said.splitlines() if line.strip())
    if re.fullmatch(pattern, lines):
        return None
    return f"$ {command.text}\nthe page says:\n{chr(10).join(command.answer)}\nit answered:\n{lines}"


def _pattern(line: str) -> str:
    if not line:
        return ""
    if line == ANYTHING:
        return r"(?:.*\n)*?"
    return ".*".join(map(re.escape, line.split(ANYTHING))) + r"\n"
