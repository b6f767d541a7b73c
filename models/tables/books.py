"""The books: offset ledger, quarantine, trigger versions, closed days, certificates, audit."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Date, Integer, LargeBinary, String, Table, Text

from models.tables.columns import metadata

#: SQLite counts by itself only what it calls an integer.
_PLACE = BigInteger().with_variant(Integer, "sqlite")

#: The next offset to apply, per partition of one broker incarnation. Kafka's own offset is a hint.
ingest_offset = Table(
    "ingest_offset",
    metadata,
    Column("broker", String(60), primary_key=True),
    Column("topic", String(200), primary_key=True),
    Column("partition", Integer, primary_key=True),
    Column("next", BigInteger, nullable=False),
    #: Where the row began, and what became of every offset since: records read (tombstones and the like included) and
    #: offsets that the broker does not have; of the records, those that became a stored change or were put aside.
    Column("beginning", BigInteger, nullable=False),
    Column("records", BigInteger, nullable=False),
    Column("missing", BigInteger, nullable=False),
    Column("applied", BigInteger, nullable=False),
    Column("rejected", BigInteger, nullable=False),
)

quarantine = Table(
    "quarantine",
    metadata,
    Column("quarantine_id", String(36), primary_key=True),
    Column("reason", String(60), nullable=False),
    Column("detail", Text, nullable=False),
    Column("source", String(300), nullable=False),
    Column("received_on", Date, nullable=False),
    Column("state", String(20), nullable=False, index=True),
    Column("state_on", Date, nullable=False),
    Column("key_id", String(40), nullable=False),
    Column("payload", LargeBinary, nullable=False),
)

#: Published documents; versions count publications and are never rewritten.
trigger_version = Table(
    "trigger_version",
    metadata,
    Column("trigger_id", String(80), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("document", Text, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("state", String(20), nullable=False),
    Column("published_on", Date, nullable=False),
    #: Places of publication and withdrawal in the order of the books (`turn`).
    Column("published_seq", BigInteger, nullable=False),
    Column("retired_on", Date),
    Column("retired_seq", BigInteger),
    #: Days that the post needs, frozen at publication because step days depend on it.
    Column("postal_lead", Integer, nullable=False),
)

#: Texts on their way to a version, with the evidence that was frozen when they were handed in for review.
trigger_proposal = Table(
    "trigger_proposal",
    metadata,
    Column("trigger_id", String(80), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("document", Text, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("state", String(20), nullable=False),
    #: The published version that the text was compared with; 0 before the first.
    Column("base_version", Integer, nullable=False),
    Column("author", String(80), nullable=False),
    Column("drafted_on", Date, nullable=False),
    Column("submitted_on", Date),
    #: Preview, examples and comparison as they were on that day, as JSON.
    Column("evidence", Text),
    Column("publisher", String(80)),
    Column("published_on", Date),
    #: The version that it became.
    Column("version", Integer),
    #: Why it was sent back.
    Column("note", Text),
)

#: Moves of running occurrences to another version: asked for by one person, done by another.
trigger_move = Table(
    "trigger_move",
    metadata,
    Column("trigger_id", String(80), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("asked_by", String(80), nullable=False),
    Column("moved_by", String(80)),
    Column("on", Date),
    #: Place in the order of the books; empty until it is done.
    Column("seq", BigInteger),
)

#: The years whose holidays and make-up days are announced, and the day on which this engine learned it.
holiday_year = Table(
    "holiday_year",
    metadata,
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("known_on", Date, nullable=False),
    #: Place in the order of the books.
    Column("place", BigInteger, nullable=False),
)

#: The order of the books: one row for each call that decided or learned anything, numbered as it got hold of the
#: persons whom it concerns. What happened to a person on one day happened in the order of these places.
turn = Table(
    "turn",
    metadata,
    Column("place", _PLACE, primary_key=True, autoincrement=True),
    Column("on", Date, nullable=False),
    #: Whose turn it was: intake, close, answer, publication, withdrawal, pause, resume, recall, release, move,
    #: post.
    Column("what", String(20), nullable=False),
    #: The clock's instant at a close (milliseconds since 1970 UTC), up to which holds have ended.
    Column("at_ms", BigInteger),
)

#: The places at which steps were run for a person and something came of it, besides closes of a day.
run = Table(
    "run",
    metadata,
    Column("lineage", String(100), primary_key=True),
    Column("place", BigInteger, primary_key=True),
)

#: One row for each sweep: it closed every day in (after, day]. The newest row is the watermark.
closed_day = Table(
    "closed_day",
    metadata,
    Column("day", Date, primary_key=True),
    Column("after", Date, nullable=False),
    Column("fence", Integer, nullable=False),
    #: Place in the order of the books.
    Column("place", BigInteger, nullable=False),
)

certificate = Table(
    "certificate",
    metadata,
    Column("day", Date, primary_key=True),
    Column("trigger_id", String(80), primary_key=True),
    Column("due", Integer, nullable=False),
    Column("dispatched", Integer, nullable=False),
    #: reason -> number, as JSON.
    Column("withheld", Text, nullable=False),
    Column("withdrawn", Integer, nullable=False),
    Column("backlog", Integer, nullable=False),
    Column("unknown", Integer, nullable=False),
    Column("residue", Integer, nullable=False),
)

#: One row: the newest migration that took something away. A program that knows it can work on what came after it.
schema_floor = Table("schema_floor", metadata, Column("revision", String(32), primary_key=True))

#: Who holds a role of which only one may act, and the number that fences off an older holder.
role_lock = Table(
    "role_lock",
    metadata,
    Column("role", String(40), primary_key=True),
    Column("holder", String(100)),
    Column("fence", Integer, nullable=False),
    Column("until_ms", BigInteger, nullable=False),
)

#: What an operator stopped, a trigger or a channel, from when to when; an input of every recomputation.
pause = Table(
    "pause",
    metadata,
    Column("subject", String(100), primary_key=True),
    #: Place of the stop in the order of the books.
    Column("place", BigInteger, primary_key=True, autoincrement=False),
    Column("since", Date, nullable=False),
    #: The day on which it went on, and its place; empty while it is stopped.
    Column("until", Date),
    Column("until_place", BigInteger),
)

audit_entry = Table(
    "audit_entry",
    metadata,
    Column("entry_id", Integer, primary_key=True, autoincrement=True),
    Column("at_ms", BigInteger, nullable=False),
    Column("actor", String(80), nullable=False),
    Column("action", String(60), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("detail", Text, nullable=False),
)
