"""`unasked feed`: publish recorded change events to Kafka."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from casework.ledger import positions
from models.database import transaction
from registry.source_mappings import SourceMapping
from streams.event_files import EventFileError, read_events
from streams.feed import Feed, FeedError, feed_records
from streams.records import RawRecord
from unasked.brokers import current_broker
from unasked.commands.options import arguments, parser
from unasked.commands.output import json_line
from unasked.documents import read_mapping
from unasked.embedded import RECORD_LIMIT, UNREAD_LIMIT
from unasked.errors import Exit, Refusal
from unasked.office import current_settings, open_engine
from unasked.settings import Settings


def main(words: list[str]) -> int:
    """Run the command."""
    options = arguments(_parser(), words[1:])
    mapping = read_mapping(options.mapping)
    for file in options.files:
        _must_be_readable(file)
    topic = options.topic or mapping.topic
    feed = _feed(current_settings(), topic, mapping)
    try:
        sent = feed_records(_records(options.files), feed, rate=options.rate)
    except (EventFileError, FeedError) as error:
        raise Refusal(str(error)) from error
    print(json_line({"sent": sent, "topic": topic}) if options.json else f"{sent} records sent to {topic}")
    return Exit.DONE


def _feed(settings: Settings, topic: str, mapping: SourceMapping) -> Feed:
    """Wire the feed; the embedded broker forgets what nobody has read yet, so there it waits for the worker."""
    feed = Feed(broker=current_broker(settings), topic=topic, mapping=mapping, keep_source=True)
    if not feed.broker.embedded:
        return feed
    engine = open_engine(settings)

    def applied() -> dict[int, int]:
        with transaction(engine) as db:
            known = positions(db, broker=feed.broker.identity)
        return {place.partition: following for place, following in known.items() if place.topic == topic}

    return replace(feed, record_limit=RECORD_LIMIT, unread_limit=UNREAD_LIMIT, applied=applied)


def _parser() -> ArgumentParser:
    made = parser("feed", "Publish change events (JSON lines, Debezium envelopes, also .gz), each resident's in order.")
    made.add_argument("files", type=Path, nargs="+", metavar="FILE")
    made.add_argument("--topic", metavar="T", help="default: the topic of the source mapping")
    made.add_argument("--rate", type=_rate, metavar="N", help="at most N records a second")
    made.add_argument("--mapping", type=Path, metavar="M", help="source mapping of another department's table")
    made.add_argument("--json", action="store_true", help="one JSON document")
    return made


def _rate(text: str) -> float:
    try:
        rate = float(text)
    except ValueError:
        rate = 0.0
    if not 0 < rate < float("inf"):
        raise ArgumentTypeError(f"{text!r} is no rate; write records a second, such as 500")
    return rate


def _must_be_readable(file: Path) -> None:
    """Refuse an unreadable file before the first record of any other is sent."""
    try:
        next(read_events(path=file), None)
    except EventFileError as error:
        raise Refusal(f"{error.en}\n{error.zh}") from error


def _records(files: Sequence[Path]) -> Iterator[RawRecord]:
    for file in files:
        yield from read_events(path=file)
