"""`unasked trigger`: the life of a trigger document at the command line."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, select

from casework.audit_trail import enter
from casework.proposals import evidence_for
from casework.publishing import withdraw
from models.database import transaction
from models.tables import trigger_version
from rules.calendar import LeapDay
from rules.document import load
from rules.plan_sentence import plan_sentences
from rules.sentence import Language, sentence
from rules.trigger import Trigger
from unasked.actor import act
from unasked.commands import (
    trigger_analyse,
    trigger_backtest,
    trigger_diff,
    trigger_life,
    trigger_move,
    trigger_preview,
    trigger_shadow,
    trigger_volume,
)
from unasked.commands.days import today
from unasked.commands.options import add_json, arguments, day, parser
from unasked.commands.output import json_line, say
from unasked.commands.trigger_check import check
from unasked.commands.trigger_try import try_out
from unasked.errors import Exit, Refusal
from unasked.office import open_office

if TYPE_CHECKING:
    from argparse import _SubParsersAction


def main(words: list[str]) -> int:
    """Run the command."""
    options = arguments(_parser(), words[1:])
    verbs: dict[str, Callable[[Namespace], int]] = {
        "list": _list,
        "show": _show,
        "check": lambda given: check(given.files, as_json=given.json),
        "analyse": trigger_analyse.show,
        "try": try_out,
        "count": _count,
        "preview": trigger_preview.show,
        "backtest": trigger_backtest.show,
        "diff": trigger_diff.show,
        "withdraw": _withdraw,
    }
    return (verbs | trigger_life.VERBS | trigger_move.VERBS | trigger_shadow.VERBS | trigger_volume.VERBS)[
        options.verb
    ](options)


def _parser() -> ArgumentParser:
    made = parser("trigger", "The life of trigger documents, from a first try to the day on which they retire.")
    names = "list|show|check|analyse|try|count|preview|backtest|draft|submit|return|publish|proposals|diff|rollback"
    names += "|withdraw|shadow|move|stops|release"
    verbs = made.add_subparsers(dest="verb", required=True, metavar=names)
    add_json(verbs.add_parser("list", help="every trigger that was ever published"))
    show = add_json(verbs.add_parser("show", help="one published document"))
    show.add_argument("id", metavar="ID")
    show.add_argument("--version", type=int, metavar="N", help="default: the newest")
    checking = add_json(verbs.add_parser("check", help="load documents and run their examples"))
    checking.add_argument("files", type=Path, nargs="+", metavar="FILE")
    analysing = verbs.add_parser("analyse", help="whom documents never concern, concern twice, or leave out")
    trigger_analyse.add_options(add_json(analysing))
    _add_questions(verbs)
    trigger_preview.add_options(add_json(verbs.add_parser("preview", help="what publishing a document would do")))
    testing = verbs.add_parser("backtest", help="what a document would have done on recorded history")
    trigger_backtest.add_options(add_json(testing))
    trigger_diff.add_options(add_json(verbs.add_parser("diff", help="two versions side by side: text and meaning")))
    trigger_life.add_verbs(verbs)
    trigger_move.add_verbs(verbs)
    trigger_shadow.add_verbs(verbs)
    trigger_volume.add_verbs(verbs)
    retiring = verbs.add_parser("withdraw", help="retire a trigger: nothing new starts, open steps are withdrawn")
    add_json(retiring).add_argument("id", metavar="ID")
    return made


def _add_questions(verbs: _SubParsersAction[ArgumentParser]) -> None:
    trying = add_json(verbs.add_parser("try", help="one condition against given facts; or JSON lines from stdin"))
    trying.add_argument("--given", metavar="JSON", help='facts, such as {"birth_date": "1961-03-01"}')
    counting = add_json(verbs.add_parser("count", help="whom a condition selects now; or line by line from stdin"))
    for made in (trying, counting):
        made.add_argument("expr", nargs="?", metavar="EXPR")
        made.add_argument("--date", type=day, metavar="D", help="business date; default: today")
        made.add_argument("--leap-day", choices=tuple(LeapDay), default=LeapDay.FEB28.value)


def _count(options: Namespace) -> int:
    """Count in columns; their library is an extra, so that the command is named by string."""
    try:
        counting = import_module("unasked.commands.trigger_count")
    except ModuleNotFoundError as error:
        raise Refusal(
            f"trigger count: {error.name} is not installed; add the extra `columns`: pip install numpy"
        ) from error
    return int(counting.count(options))


def _withdraw(options: Namespace) -> int:
    trigger_id = options.id
    office = open_office()
    on = today(office)
    with transaction(office.engine) as db:
        withdraw(db=db, trigger_id=trigger_id, today=on, desk=office.desk)
        enter(db=db, act=act("trigger_withdraw", trigger_id))
    say(f"{trigger_id}: withdrawn on {on}", as_json=options.json, id=trigger_id, retired_on=on)
    return Exit.DONE


def _list(options: Namespace) -> int:
    t = trigger_version
    office = open_office()
    with transaction(office.engine) as db:
        rows = db.execute(select(t).order_by(t.c.trigger_id, t.c.version)).all()
    newest = {row.trigger_id: row for row in rows}
    for row in newest.values():
        plain = _plain(row, load(row.document, name=row.trigger_id))
        if options.json:
            print(json_line(plain))
        else:
            since = f"{row.state} {row.retired_on or row.published_on}"
            print(f"{row.trigger_id:<28} v{row.version:<3} {since:<21} {plain['title_zh']} · {plain['title_en']}")
    return Exit.DONE


def _show(options: Namespace) -> int:
    t = trigger_version
    office = open_office()
    with transaction(office.engine) as db:
        rows = db.execute(select(t).where(t.c.trigger_id == options.id).order_by(t.c.version)).all()
        wanted = options.version or len(rows)
        proposal = evidence_for(db, options.id, wanted)
    if not rows:
        raise Refusal(f"{options.id}: no such trigger; `unasked trigger list` shows what was published")
    row = next((row for row in rows if row.version == wanted), None)
    if row is None:
        raise Refusal(f"--version {wanted}: {options.id} has the versions 1 to {rows[-1].version}; write one of them")
    trigger = load(row.document, name=row.trigger_id)
    plain = _plain(row, trigger)
    if options.json:
        print(json_line(plain | {"document": row.document, "versions": len(rows)} | _review(proposal)))
        return Exit.DONE
    print(f"# {row.trigger_id}, version {row.version} of {len(rows)}, {row.state}, published on {row.published_on}")
    print(f"# written by {proposal.author}, published by {proposal.publisher}" if proposal else "# installed")
    for lang in Language:
        print(f"# {sentence(trigger.condition.node, lang)}")
        print("\n".join(f"#   {line}" for line in plan_sentences(trigger, lang)))
    print(row.document.rstrip())
    return Exit.DONE


def _review(proposal: Row[Any] | None) -> dict[str, object]:
    """Return who wrote and who published a version, and what the review was based on; an installed one has none."""
    if proposal is None:
        return {"author": None, "publisher": None, "evidence": None}
    evidence = json.loads(proposal.evidence)
    return {"author": proposal.author, "publisher": proposal.publisher, "evidence": evidence}


def _plain(row: Row[Any], trigger: Trigger) -> dict[str, object]:
    node = trigger.condition.node
    return {
        "id": row.trigger_id,
        "version": row.version,
        "state": row.state,
        "published_on": row.published_on,
        "retired_on": row.retired_on,
        "digest": row.digest,
        "postal_lead": row.postal_lead,
        "title_zh": trigger.title.zh,
        "title_en": trigger.title.en,
        "field": trigger.field,
        "owner": trigger.owner,
        "when": trigger.when_text,
        "when_zh": sentence(node, Language.ZH),
        "when_en": sentence(node, Language.EN),
        "plan_zh": plan_sentences(trigger, Language.ZH),
        "plan_en": plan_sentences(trigger, Language.EN),
    }
