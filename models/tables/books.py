"""The books: offset ledger, quarantine, trigger versions, closed days, certificates, audit."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Date, Integer, LargeBinary, String, Table, Text

from models.tables.columns import metadata

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
    #: Place in the one order of publications and withdrawals; every recorded version is stamped with it.
    Column("published_seq", Integer, nullable=False),
    Column("retired_on", Date),
    Column("retired_seq", Integer),
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
    #: Whether the day had been closed when it was done.
    Column("after_close", Boolean(create_constraint=False)),
    #: Place in the order of publications and withdrawals; empty until it is done.
    Column("seq", Integer),
)

#: The years whose holidays and make-up days are announced, and the day on which this engine learned it.
holiday_year = Table(
    "holiday_year",
    metadata,
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("known_on", Date, nullable=False),
)

#: One row for each sweep: it closed every day in (after, day]. The newest row is the watermark.
closed_day = Table(
    "closed_day",
    metadata,
    Column("day", Date, primary_key=True),
    Column("after", Date, nullable=False),
    Column("fence", Integer, nullable=False),
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
    Column("since", Date, primary_key=True),
    #: The day on which it went on; empty while it is stopped.
    Column("until", Date),
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
