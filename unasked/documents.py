"""Documents that commands are given as files: trigger folders, source mappings, texts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from registry.source_mappings import RESIDENT, SourceMapping, SourceMappingError
from registry.source_mappings import load as load_mapping
from rules.document import load
from rules.errors import TriggerError
from rules.shipped import shipped
from rules.trigger import Trigger
from unasked.errors import Refusal


def read_text(path: Path) -> str:
    """Read a UTF-8 file; raises Refusal."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise Refusal(f"{path}: cannot be read ({error.strerror}); name a readable file") from error
    except UnicodeDecodeError as error:
        raise Refusal(f"{path}: byte {error.start} is not UTF-8; save the file as UTF-8") from error


def read_trigger(path: Path) -> Trigger:
    """Read one trigger document; raises Refusal."""
    try:
        return load(read_text(path), name=str(path))
    except TriggerError as error:
        raise Refusal(f"{error.en}\n{error.zh}") from error


def documents_in(paths: Sequence[Path]) -> list[Path]:
    """Return files as they are and folders as the documents in them; raises Refusal for an empty folder."""
    found: list[Path] = []
    for path in paths:
        inside = sorted(path.glob("*.yaml")) if path.is_dir() else [path]
        if not inside:
            raise Refusal(f"{path}: holds no trigger documents; name files, or a folder with *.yaml")
        found += inside
    return found


def read_triggers(folder: Path | None) -> list[Trigger]:
    """Read every trigger document of a folder, by default the shipped catalogue; raises Refusal with all faults."""
    if folder is None:
        texts = shipped()
    elif folder.is_dir():
        texts = {str(path): read_text(path) for path in sorted(folder.glob("*.yaml"))}
    else:
        raise Refusal(f"{folder}: is no folder; name a folder with trigger documents (*.yaml)")
    if not texts:
        raise Refusal(f"{folder}: holds no trigger documents; put at least one *.yaml there")
    return _loaded(texts)


def _loaded(texts: dict[str, str]) -> list[Trigger]:
    triggers: list[Trigger] = []
    faults: list[str] = []
    for name, text in texts.items():
        try:
            triggers.append(load(text, name=name))
        except TriggerError as error:
            faults.append(f"{error.en}\n{error.zh}")
    ids = [trigger.id for trigger in triggers]
    faults += [
        f"{name}: two documents have this id; ids are unique" for name in sorted({i for i in ids if ids.count(i) > 1})
    ]
    if faults:
        raise Refusal("\n".join(faults))
    return triggers


def read_mapping(path: Path | None) -> SourceMapping:
    """Read a source mapping, by default the contract's own row; raises Refusal."""
    if path is None:
        return RESIDENT
    try:
        return load_mapping(read_text(path), name=str(path))
    except SourceMappingError as error:
        raise Refusal(f"{error.en}\n{error.zh}") from error
