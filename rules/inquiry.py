"""One question about all residents: answered by a made-up resident, or by how sure it is that there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.fields import FIELDS
from rules.findings import Proof, Resident
from rules.made_up import residents
from rules.prover import Says, Undecided, Workbench, can_prove, said

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

#: Made-up residents that are tried for a question when no solver is installed.
MAX_TRIALS = 20_000
#: Those that are tried before the solver is asked about a few conditions, since they answer most of such questions.
_FIRST_LOOK = 24
_FEW = 2
_FACT_OF = {column: field.name for field in FIELDS.values() for column in (field.name, *field.bounds)}


def anybody(bench: Workbench, says: Sequence[Says], days: Sequence[date]) -> Resident | Proof:
    """Return a resident of whom all of `says` is true on one of the days, or how sure it is that there is none."""
    if not can_prove():
        return _tried(says, days, MAX_TRIALS)
    if len(says) <= _FEW and isinstance(found := _tried(says, days[:1], _FIRST_LOOK), Resident):
        return found
    try:
        for day in days:
            row = bench.find(day, says)
            if row is not None:
                return shown(row, day, says)
    except Undecided:
        return Proof.NOT_CHECKED
    return Proof.PROVED


def _tried(says: Sequence[Says], days: Sequence[date], limit: int) -> Resident | Proof:
    conditions = list(dict.fromkeys(one.condition for one in says))
    for day in days:
        for row in residents(conditions, day, limit // len(days)):
            if said(row, day, says):
                return shown(row, day, says)
    return Proof.SAMPLED


def shown(row: Mapping[str, object], day: date, says: Sequence[Says]) -> Resident:
    """Return a resident with the facts that matter only: without any of them something would not be so."""
    facts = {name: value for name, value in row.items() if value is not None}
    for columns in _together(facts):
        fewer = {name: value for name, value in facts.items() if name not in columns}
        if said(fewer, day, says):
            facts = fewer
    return Resident(facts=facts, day=day)


def _together(facts: Mapping[str, object]) -> list[frozenset[str]]:
    """Return the columns of each fact; a date that is a span has three."""
    found: dict[str, set[str]] = {}
    for name in facts:
        if name in _FACT_OF:
            found.setdefault(_FACT_OF[name], set()).add(name)
    return [frozenset(columns) for columns in found.values()]
