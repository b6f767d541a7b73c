"""`unasked status`: lag, last closed day, outbox, quarantine, pauses, overdue tasks, residue."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict

from casework.overview import Overview, overview
from models.database import transaction
from unasked.commands.options import arguments, parser
from unasked.commands.output import json_line
from unasked.errors import Exit
from unasked.lag import unread
from unasked.office import business_date, open_office


def main(words: list[str]) -> int:
    """Run the command."""
    made = parser("status", "How far the engine is, and what waits for somebody.")
    made.add_argument("--json", action="store_true", help="one JSON document")
    options = arguments(made, words[1:])
    office = open_office()
    with transaction(office.engine) as db:
        found = overview(db=db, today=business_date(office.settings))
    lag = unread(office.settings, found.offsets)
    if options.json:
        names = ("broker", "topic", "partition", "next")
        offsets = [dict(zip(names, place, strict=True)) for place in found.offsets]
        print(json_line(asdict(found) | {"offsets": offsets, "lag": lag}))
    else:
        print("\n".join(_lines(found, lag)))
    return Exit.DONE


def _lines(found: Overview, lag: Mapping[str, int | str]) -> Iterator[str]:
    behind = f", {found.days_behind} days behind" if found.days_behind else ""
    yield f"business date     {found.today}"
    yield f"last closed day   {found.last_closed or 'none; `unasked sweep` closes the first'}{behind}"
    yield f"triggers          {found.triggers} in force"
    outbox = ", ".join(f"{count} {state}" for state, count in sorted(found.outbox.items())) or "empty"
    unsent = f"; oldest unsent of {found.oldest_unsent_on}" if found.oldest_unsent_on else ""
    yield f"outbox            {outbox}{unsent}"
    yield f"tasks             {found.tasks} open, {found.overdue} overdue"
    yield f"quarantine        {found.quarantined} waiting"
    for year, steps in sorted(found.resting_on_law.items()):
        yield f"holidays          {year} not announced: {steps} planned steps count weekends and public holidays only"
    yield f"paused            {', '.join(f'{name} since {on}' for name, on in found.paused.items()) or 'nothing'}"
    for name, on in found.stopped.items():
        yield f"stopped           {name} since {on}: more than expected; see `unasked trigger stops`"
    residue = ", ".join(f"{name} {count}" for name, count in found.residue.items()) or "0"
    yield (
        f"residue           {residue} on {found.certified_on}"
        if found.certified_on
        else "residue           no certificate yet"
    )
    for broker, topic, partition, following in found.offsets:
        yield f"offset            {topic}/{partition} next {following} ({broker})"
    for topic, count in lag.items():
        yield f"lag               {topic}: {count}"
