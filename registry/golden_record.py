"""The golden record: judge one change against what is recorded, and make the version and the sealed row that follow."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, NamedTuple

import orjson

from models.fields import FACT_COLUMNS, IN_POPULATION, INDEXED_FIELDS, PERSONAL_FIELDS, PERSONAL_INDEX
from models.sealing import Keyring, PersonSeal
from models.vocabulary.change import Change, Op
from models.vocabulary.timeline import Timeline, Version
from registry.quality_gate import Finding, facts_after, judge

_PERSONAL = frozenset(PERSONAL_FIELDS)


class Known(NamedTuple):
    """When a change is learned: its business date and the engine's; up to when everybody was decided; the book."""

    valid_from: date
    known_on: date
    swept_on: date
    book: int


def is_old(change: Change, timeline: Timeline | None, mark: bytes) -> bool:
    """Whether a change with this digest repeats a recorded one or is older than the newest one: then it is ignored."""
    if timeline is None:
        return False
    last = timeline.latest
    if change.epoch != last.epoch:
        return change.epoch < last.epoch
    if change.lsn is not None and last.lsn is not None:
        return change.lsn <= last.lsn
    if change.ts_ms != last.ts_ms:
        return change.ts_ms < last.ts_ms
    return any(_is_of(v, change, mark) for v in timeline.versions if v.ts_ms == change.ts_ms)


def _is_of(version: Version, change: Change, mark: bytes) -> bool:
    if change.lsn is None:
        return version.digest == mark
    return (version.epoch, version.lsn) == (change.epoch, change.lsn)


def digest(change: Change, keyring: Keyring) -> bytes:
    """Return 16 bytes that are equal for equal changes; empty where the source's position tells changes apart.

    A fingerprint of content, never shown: personal values are in it by their blind index.
    """
    if change.lsn is not None:
        return b""
    after = change.after or {}
    plain = {name: value for name, value in after.items() if name not in _PERSONAL}
    personal = orjson.dumps({name: value for name, value in after.items() if name in _PERSONAL}, None, _PLAINLY)
    shown = keyring.blind_index(field="change", value=personal.decode()).hex()
    # The place of the position, which these changes lack: digests that are stored were made with it.
    content = [change.key, change.op, change.ts_ms, None, plain, shown]
    return hashlib.sha256(orjson.dumps(content, _plain, _PLAINLY)).digest()[:16]


#: Dates known in part stand in a digest as they were written.
_PLAINLY = orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATACLASS


def _plain(value: Any) -> str:
    return str(value.text)


def next_version(change: Change, timeline: Timeline | None, known: Known, mark: bytes) -> tuple[Version, list[Finding]]:
    """Return the version that a change with this digest makes, with what the quality gate noticed."""
    before = timeline.latest.facts if timeline else None
    findings: list[Finding] = []
    if change.op is Op.DELETE:
        facts: dict[str, Any] = dict(before) if before else dict.fromkeys(FACT_COLUMNS)
        facts[IN_POPULATION] = False
    else:
        after = change.after or {}
        if change.unavailable:
            after = {name: value for name, value in after.items() if name not in change.unavailable}
        facts = facts_after(after, before)
        findings = judge(facts, after, known.valid_from)
    version = Version(
        ordinal=timeline.latest.ordinal + 1 if timeline else 1,
        resident_id=change.key,
        op=change.op,
        # A row that a first snapshot finds has always been so; nothing happened to it on the day of the snapshot.
        valid_from=date.min if change.op is Op.READ and timeline is None else known.valid_from,
        known_on=known.known_on,
        swept_on=known.swept_on,
        book=known.book,
        ts_ms=change.ts_ms,
        epoch=change.epoch,
        lsn=change.lsn,
        digest=mark,
        source=change.source,
        facts=facts,
    )
    return version, findings


def extend(timeline: Timeline | None, lineage: str, version: Version) -> Timeline:
    """Return the timeline with one more version."""
    return Timeline(lineage=lineage, versions=(*(timeline.versions if timeline else ()), version))


def seal(
    change: Change, lineage: str, stored: Mapping[str, Any], seal_of: Callable[[str], PersonSeal], keyring: Keyring
) -> Mapping[str, Any]:
    """Return the encrypted personal columns after a change; what was not sent or is the same keeps its ciphertext.

    `seal_of` returns the seal of a lineage. Most changes bring the personal values that the one before brought, which
    one index of them all tells: then there is nothing to seal.
    """
    after = change.after or {}
    sent = {name: after[name] for name in PERSONAL_FIELDS if name in after and name not in change.unavailable}
    of_all = keyring.blind_index(field=PERSONAL_INDEX, value=orjson.dumps(sent).decode())
    if of_all == stored[PERSONAL_INDEX]:
        return stored
    seal_with = seal_of(lineage)
    sealed = {**stored, PERSONAL_INDEX: of_all}
    for name, value in sent.items():
        if name in INDEXED_FIELDS:
            index = keyring.blind_index(field=name, value=value) if value else None
            if index == sealed[f"{name}_index"]:
                continue
            sealed[f"{name}_index"] = index
        sealed[name] = seal_with.seal(value=value.encode(), place=f"{lineage}/{name}") if value else None
    return sealed
