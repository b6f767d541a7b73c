"""`unasked trigger backtest`: what a document would have done on recorded history, had it been published then."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from pathlib import Path

from casework.audit_trail import enter
from casework.backtest_compare import Trial, plain, summary, tried
from casework.backtest_deeds import Backtest
from casework.outlook import Window
from casework.preview_lists import Side, check_reason
from models.database import transaction
from unasked.actor import act
from unasked.commands.days import today
from unasked.commands.options import day
from unasked.commands.output import json_line
from unasked.documents import read_trigger
from unasked.errors import Exit, Refusal
from unasked.office import Office, open_office


def add_options(made: ArgumentParser) -> None:
    """Add the command's own options."""
    made.add_argument("file", type=Path, metavar="FILE")
    made.add_argument("--from", dest="first", type=day, required=True, metavar="D", help="day of publication")
    made.add_argument("--to", dest="last", type=day, required=True, metavar="D", help="last day")
    made.add_argument("--list", choices=tuple(Side), help="the residents whom one version only would have served")
    made.add_argument("--reason", default="", metavar="TEXT", help="what a list is for; a short one needs it")


def show(options: Namespace) -> int:
    """Print the numbers, or one of the lists."""
    trigger, office = read_trigger(options.file), open_office()
    window = _window(office, options)
    with transaction(office.engine) as db:
        trial = tried(db=db, trigger=trigger, window=window, desk=office.desk)
    if options.list:
        return _list(options, office, trial)
    if options.json:
        print(json_line(plain(trial)))
    else:
        print("\n".join(_lines(trial)))
    return Exit.DONE


def _window(office: Office, options: Namespace) -> Window:
    if options.first > options.last:
        raise Refusal(f"--from {options.first} lies after --to {options.last}; write the earlier date first")
    if options.last > today(office):
        raise Refusal(f"--to {options.last} lies in the future; what is to come is in `unasked trigger preview`")
    return Window(first=options.first, last=options.last)


def _list(options: Namespace, office: Office, trial: Trial) -> int:
    side = Side(options.list)
    found = trial.gained if side is Side.GAINED else trial.lost
    check_reason(side, len(found), options.reason)
    detail = (
        f"{side}, {len(found)} residents, {trial.window.first}..{trial.window.last}: {options.reason.strip() or '-'}"
    )
    with transaction(office.engine) as db:
        enter(db=db, act=act("trigger_backtest_list", trial.trigger.id, detail))
    for line in [json_line({"side": side, "residents": found})] if options.json else found:
        print(line)
    return Exit.DONE


def _lines(trial: Trial) -> Iterator[str]:
    first, last = trial.window.first, trial.window.last
    yield f"{trial.trigger.id}: published on {first}, until {last} it would have done / 若于 {first} 发布，至 {last}："
    yield from _numbers(trial.draft)
    if trial.published is None:
        yield "no version is published yet / 尚无已发布的版本"
        return
    yield f"version {trial.version} would have done / 第 {trial.version} 版："
    yield from _numbers(trial.published)
    gained, lost = len(trial.gained), len(trial.lost)
    yield f"residents gained {gained:,}, lost {lost:,} / 新增 {gained:,} 人，减少 {lost:,} 人"


def _numbers(found: Backtest) -> Iterator[str]:
    numbers = summary(found)
    states = ", ".join(f"{name} {number:,}" for name, number in numbers["occurrences"].items()) or "-"
    yield f"  residents {numbers['persons']:,} / 涉及 {numbers['persons']:,} 人"
    yield f"  occurrences / 事项: {states}"
    for one in numbers["steps"]:
        yield f"    {one['step']} {one['state']}{' (' + one['reason'] + ')' if one['reason'] else ''} {one['number']:,}"
    yield f"  corrections {numbers['corrections']:,} / 更正 {numbers['corrections']:,}"
