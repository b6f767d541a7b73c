"""`unasked topics`: make the Kafka topics that must exist before anybody starts."""

from __future__ import annotations

import json
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from pathlib import Path

from streams.asyncapi import document
from streams.topics import PARTITIONS, POPULATION, TASK_RESULTS, create, existing, tasks_topic
from unasked.brokers import current_broker
from unasked.commands.options import arguments, parser
from unasked.commands.output import json_line
from unasked.documents import read_mapping
from unasked.errors import Exit, Refusal
from unasked.office import current_settings

#: More than any cluster gives one topic; a slip of the hand should not ask for more.
_MOST = 10_000


def main(words: list[str]) -> int:
    """Run the command."""
    options = arguments(_parser(), words[1:])
    if options.verb == "describe":
        print(json.dumps(document(), ensure_ascii=False, indent=2))
        return Exit.DONE
    broker = current_broker(current_settings())
    if options.verb == "list":
        names = sorted(existing(broker))
        print(json_line({"topics": names}) if options.json else "\n".join(names))
        return Exit.DONE
    if broker.embedded:
        raise Refusal("the embedded broker's topics are made when it starts; name a Kafka cluster in UNASKED_KAFKA")
    wanted = _wanted(options)
    made = create(broker, wanted, partitions=options.partitions, replicas=options.replicas)
    if options.json:
        print(json_line({"created": made, "existed": sorted(set(wanted) - set(made))}))
    else:
        for name in wanted:
            print(f"{name}: {'created' if name in made else 'exists already'}")
    return Exit.DONE


def _parser() -> ArgumentParser:
    made = parser("topics", "Make the Kafka topics; a worker never does, and without them it would wait for ever.")
    verbs = made.add_subparsers(dest="verb", required=True, metavar="create|list|describe")
    making = verbs.add_parser("create", help="make the topics that do not exist yet")
    making.add_argument("names", nargs="*", metavar="TOPIC", help="more topics, such as those of `publish` steps")
    making.add_argument("--department", action="append", default=[], metavar="D", help="that takes its tasks by Kafka")
    making.add_argument("--mapping", action="append", default=[], type=Path, metavar="M", help="whose topic to make")
    making.add_argument("--partitions", type=_number, default=PARTITIONS, metavar="N", help=f"default {PARTITIONS}")
    making.add_argument("--replicas", type=_number, default=-1, metavar="N", help="default: the cluster's own")
    listed = verbs.add_parser("list", help="every topic of the broker")
    described = verbs.add_parser("describe", help="what lies on the topics, as an AsyncAPI document")
    for verb in (making, listed, described):
        verb.add_argument("--json", action="store_true", help="one JSON document")
    return made


def _wanted(options: Namespace) -> list[str]:
    mapped = [read_mapping(path).topic for path in (current_settings().source_mapping, *options.mapping)]
    departments = [tasks_topic(name) for name in options.department]
    return sorted({POPULATION, TASK_RESULTS, *options.names, *mapped, *departments})


def _number(text: str) -> int:
    if not text.isdigit() or not 0 < int(text) <= _MOST:
        raise ArgumentTypeError(f"{text!r} is no number; write 1 to {_MOST}")
    return int(text)
