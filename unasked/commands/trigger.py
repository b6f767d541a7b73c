"""`unasked trigger`: the life of a trigger document at the command line."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, select

from casework.audit_trail import enter
from casework.publishing import publish, withdraw
from models.database import transaction
from models.tables import trigger_version
from rules.calendar import LeapDay
from rules.check import run_examples
from rules.document import load
from rules.errors import TriggerError
from rules.sentence import Language, sentence
from rules.trigger import Trigger
from unasked.actor import act
from unasked.commands.days import today
from unasked.commands.options import arguments, day, parser
from unasked.commands.output import json_line
from unasked.commands.trigger_check import check
from unasked.commands.trigger_try import try_out
from unasked.documents import read_text
from unasked.errors import Exit, Refusal
from unasked.office import open_office
from unasked.text_check import refuse_bad_texts


def main(words: list[str]) -> int:
    """Run the command."""
    options = arguments(_parser(), words[1:])
    match options.verb:
        case "check":
            return check(options.files, as_json=options.json)
        case "try":
            return try_out(options)
        case "publish":
            return _publish(options.file)
        case "withdraw":
            return _withdraw(options.id)
        case "show":
            return _show(options)
        case _:
            return _list(as_json=options.json)


def _parser() -> ArgumentParser:
    made = parser("trigger", "List, show, check, try, publish and withdraw trigger documents.")
    verbs = made.add_subparsers(dest="verb", required=True, metavar="list|show|check|try|publish|withdraw")
    _with_json(verbs.add_parser("list", help="every trigger that was ever published"))
    show = _with_json(verbs.add_parser("show", help="one published document"))
    show.add_argument("id", metavar="ID")
    show.add_argument("--version", type=int, metavar="N", help="default: the newest")
    checking = _with_json(verbs.add_parser("check", help="load documents and run their examples"))
    checking.add_argument("files", type=Path, nargs="+", metavar="FILE")
    trying = _with_json(verbs.add_parser("try", help="one condition against given facts; or JSON lines from stdin"))
    trying.add_argument("expr", nargs="?", metavar="EXPR")
    trying.add_argument("--given", metavar="JSON", help='facts, such as {"birth_date": "1961-03-01"}')
    trying.add_argument("--date", type=day, metavar="D", help="business date; default: today")
    trying.add_argument("--leap-day", choices=tuple(LeapDay), default=LeapDay.FEB28.value)
    publishing = verbs.add_parser("publish", help="make a document the newest version, from today on")
    publishing.add_argument("file", type=Path, metavar="FILE")
    withdrawing = verbs.add_parser("withdraw", help="retire a trigger: nothing new starts, open steps are withdrawn")
    withdrawing.add_argument("id", metavar="ID")
    return made


def _with_json(made: ArgumentParser) -> ArgumentParser:
    made.add_argument("--json", action="store_true", help="JSON on standard output")
    return made


def _publish(file: Path) -> int:
    try:
        trigger = load(read_text(file), name=str(file))
    except TriggerError as error:
        raise Refusal(f"{error.en}\n{error.zh}") from error
    failed = [result for result in run_examples(trigger) if not result.passed]
    if failed:
        first = failed[0]
        raise Refusal(
            f"{file}: {len(failed)} examples fail, so it is not published; {first.example.name}: {first.message.en}\n"
            f"{file}：{len(failed)} 个示例未通过，未发布；{first.example.name}：{first.message.zh}",
            Exit.DIFFERENCE,
        )
    refuse_bad_texts(trigger, place=str(file))
    office = open_office()
    with transaction(office.engine) as db:
        on = today(office)
        before = _newest(db, trigger.id)
        version = publish(db=db, trigger=trigger, today=on, desk=office.desk)
        if before is not None and before.version == version:
            print(f"{trigger.id}: this text is version {version} already, published on {before.published_on}")
            return Exit.DONE
        enter(db=db, act=act("trigger_publish", trigger.id, f"version {version}, {trigger.digest}"))
    print(f"{trigger.id}: version {version} published on {on}")
    return Exit.DONE


def _withdraw(trigger_id: str) -> int:
    office = open_office()
    with transaction(office.engine) as db:
        withdraw(db=db, trigger_id=trigger_id, today=today(office), desk=office.desk)
        enter(db=db, act=act("trigger_withdraw", trigger_id))
    print(f"{trigger_id}: withdrawn on {today(office)}")
    return Exit.DONE


def _newest(db: Connection, trigger_id: str) -> Row[Any] | None:
    t = trigger_version
    return db.execute(select(t).where(t.c.trigger_id == trigger_id).order_by(t.c.version.desc())).first()


def _list(*, as_json: bool) -> int:
    t = trigger_version
    office = open_office()
    with transaction(office.engine) as db:
        rows = db.execute(select(t).order_by(t.c.trigger_id, t.c.version)).all()
    newest = {row.trigger_id: row for row in rows}
    for row in newest.values():
        plain = _plain(row, load(row.document, name=row.trigger_id))
        if as_json:
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
    if not rows:
        raise Refusal(f"{options.id}: no such trigger; `unasked trigger list` shows what was published")
    wanted = options.version or rows[-1].version
    row = next((row for row in rows if row.version == wanted), None)
    if row is None:
        raise Refusal(f"--version {wanted}: {options.id} has the versions 1 to {rows[-1].version}; write one of them")
    trigger = load(row.document, name=row.trigger_id)
    plain = _plain(row, trigger)
    if options.json:
        print(json_line(plain | {"document": row.document, "versions": len(rows)}))
        return Exit.DONE
    print(f"# {row.trigger_id}, version {row.version} of {len(rows)}, {row.state}, published on {row.published_on}")
    print(f"# {plain['when_zh']}\n# {plain['when_en']}\n{row.document.rstrip()}")
    return Exit.DONE


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
    }
