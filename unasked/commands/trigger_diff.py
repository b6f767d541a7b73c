"""`unasked trigger diff`: two versions side by side, or a version and a file: the text and what it means."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from pathlib import Path

from casework.bookkeeping import current_book
from casework.evidence import compared
from casework.proposals import ProposalError, text_of
from models.database import transaction
from rules.compare import Change, Comparison, compare
from rules.errors import Words
from rules.findings import Proof
from rules.trigger import Trigger
from unasked.commands.days import today
from unasked.commands.output import json_line
from unasked.documents import read_trigger
from unasked.errors import Exit
from unasked.office import Office, open_office

_NOBODY = Words(zh="两个条件对所有居民的判断相同", en="the two conditions judge every resident alike")
_OTHERWISE = Words(zh="除上述差别外没有其他差别", en="the two conditions differ in no other way")
_SURE = {
    Proof.PROVED: Words(zh="已证明", en="proved"),
    Proof.SAMPLED: Words(zh="仅为抽样，未经证明", en="sampled, not proved"),
    Proof.NOT_CHECKED: Words(zh="未能查清，不能当作如此", en="not checked, so it need not be so"),
}


def add_options(made: ArgumentParser) -> None:
    """Add the command's own options."""
    made.add_argument("id", metavar="ID")
    made.add_argument("--old", type=int, metavar="VERSION", help="default: the one before the newest, or the newest")
    made.add_argument("--new", type=int, metavar="VERSION", help="default: the newest")
    made.add_argument("--file", type=Path, metavar="FILE", help="compare the old version with a document")


def show(options: Namespace) -> int:
    """Print the comparison."""
    office = open_office()
    old, new = _pair(office, options)
    found = compare(old, new, today(office))
    if options.json:
        print(json_line(compared(found)))
    else:
        print("\n".join(_lines(found)))
    return Exit.DONE


def _pair(office: Office, options: Namespace) -> tuple[Trigger, Trigger]:
    with transaction(office.engine) as db:
        newest = len(current_book(db).triggers.get(options.id, ()))
        if not newest:
            raise ProposalError(
                zh=f"{options.id}：没有发布过；见 `unasked trigger list`",
                en=f"{options.id}: was never published; see `unasked trigger list`",
            )
        if options.file is not None:
            old = text_of(db=db, trigger_id=options.id, version=options.old or newest)
            return old, read_trigger(options.file)
        new = options.new or newest
        old = text_of(db=db, trigger_id=options.id, version=options.old or max(new - 1, 1))
        return old, text_of(db=db, trigger_id=options.id, version=new)


def _lines(found: Comparison) -> Iterator[str]:
    yield from found.text or ["the texts are the same / 文本相同"]
    for change in found.meaning:
        yield from _change(change)
    for one in found.witnesses.found:
        facts = ", ".join(f"{name} {value}" for name, value in sorted(one.facts.items()) if name != "in_population")
        yield f"{one.old} → {one.new}: {facts or '-'} ({one.day})"
    sure = _SURE[found.witnesses.proof]
    subject = _OTHERWISE if found.witnesses.found else _NOBODY
    yield f"{subject.en}: {sure.en}"
    yield f"{subject.zh}：{sure.zh}"


def _change(change: Change) -> Iterator[str]:
    for name in ("zh", "en"):
        was, now = (getattr(side, name) if isinstance(side, Words) else "-" for side in (change.was, change.now))
        yield f"{change.place}: {was} → {now}"
