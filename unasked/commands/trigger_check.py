"""`unasked trigger check`: load documents, print every fault, run their examples."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from notifiers.texts import shipped_texts
from rules.analyse import analyse
from rules.analysis_words import lines, plain
from rules.check import ExampleResult, run_examples
from rules.document import load
from rules.errors import TriggerError, Words
from rules.findings import Analysis
from rules.sentence import Language
from rules.trigger import Trigger
from unasked.commands.output import json_line
from unasked.commands.trigger_analyse import exit_code, today
from unasked.documents import documents_in, read_text
from unasked.errors import Exit, Refusal
from unasked.text_check import text_faults


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """One document and what came of it."""

    name: str
    trigger: Trigger | None = None
    #: Why it cannot be used, in both languages, with its place.
    fault: Words | None = None
    results: tuple[ExampleResult, ...] = ()

    @property
    def failed(self) -> list[ExampleResult]:
        """The examples that do not come out as the document says."""
        return [result for result in self.results if not result.passed]


def check(files: Sequence[Path], *, as_json: bool) -> int:
    """Check documents, or whole folders of them: exit 2 for a bad document, 1 when an example fails."""
    checked = [_checked(path) for path in documents_in(files)]
    checked = _with_repeats(checked)
    triggers = [one.trigger for one in checked if one.trigger is not None]
    analysis = analyse(triggers, today=today())
    for one in checked:
        print(json_line(_plain(one, analysis)) if as_json else "\n".join(_lines(one)))
    if triggers and not as_json:
        print("\n".join(_analysed(analysis)))
    if any(one.fault for one in checked):
        return Exit.BAD_INPUT
    return Exit.DIFFERENCE if any(one.failed for one in checked) else exit_code(analysis)


def _checked(path: Path) -> Checked:
    try:
        trigger = load(read_text(path), name=str(path))
    except TriggerError as error:
        return Checked(name=str(path), fault=Words(zh=error.zh, en=error.en))
    except Refusal as refusal:
        return Checked(name=str(path), fault=Words(zh=str(refusal), en=str(refusal)))
    faults = text_faults(trigger, shipped_texts())
    if faults:
        zh, en = ("\n".join(f"{path}: {getattr(fault, lang)}" for fault in faults) for lang in ("zh", "en"))
        return Checked(name=str(path), fault=Words(zh=zh, en=en))
    return Checked(name=str(path), trigger=trigger, results=tuple(run_examples(trigger)))


def _with_repeats(checked: Sequence[Checked]) -> list[Checked]:
    """Refuse a second document with the same id: ids are what versions and occurrences hang on."""
    first: dict[str, str] = {}
    found: list[Checked] = []
    for one in checked:
        identity = one.trigger.id if one.trigger else None
        if identity is not None and identity in first:
            zh = f"{one.name}: id: {identity} 已用于 {first[identity]}；每个触发器的 id 须唯一"
            en = f"{one.name}: id: {identity} is the id of {first[identity]} too; give each trigger an id of its own"
            found.append(Checked(name=one.name, fault=Words(zh=zh, en=en)))
            continue
        if identity is not None:
            first[identity] = one.name
        found.append(one)
    return found


def _lines(one: Checked) -> Iterator[str]:
    if one.fault is not None:
        yield f"✗ {one.fault.en}"
        if one.fault.zh != one.fault.en:
            yield f"  {one.fault.zh}"
        return
    assert one.trigger is not None
    passed = len(one.results) - len(one.failed)
    mark = "✗" if one.failed else "✓"
    yield f"{mark} {one.name}: {one.trigger.id}, {passed} of {len(one.results)} examples pass"
    for result in one.failed:
        yield f"    {result.example.name}: {result.message.en}"
        yield f"    {result.example.name}：{result.message.zh}"


def _analysed(analysis: Analysis) -> Iterator[str]:
    """Yield what is wrong with the documents together; what is only worth knowing is told by `trigger analyse`."""
    for lang in Language:
        yield from lines(analysis, lang, notes=False)


def _plain(one: Checked, analysis: Analysis) -> dict[str, object]:
    own = analysis.about(one.trigger.id) if one.trigger else None
    return {
        "file": one.name,
        "analysis": plain(own) if own else None,
        "id": one.trigger.id if one.trigger else None,
        "error": {"zh": one.fault.zh, "en": one.fault.en} if one.fault else None,
        "examples": [
            {
                "name": result.example.name,
                "passed": result.passed,
                "message": {"zh": result.message.zh, "en": result.message.en},
            }
            for result in one.results
        ],
    }
