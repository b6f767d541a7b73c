"""The outbox: notifications, and every try to deliver one."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Date, Index, Integer, String, Table, Text

from models.tables.columns import metadata

notification = Table(
    "notification",
    metadata,
    Column("notification_id", String(36), primary_key=True),
    Column("occurrence_id", String(36), nullable=False, index=True),
    Column("trigger_id", String(80), nullable=False),
    Column("version", Integer, nullable=False),
    Column("step", String(80), nullable=False),
    #: Whom the message is about.
    Column("lineage", String(100), nullable=False),
    Column("resident_id", String(100), nullable=False),
    #: Whom it goes to: resident, guardian or household, and that person's lineage.
    Column("to", String(20), nullable=False),
    Column("recipient", String(100), nullable=False, index=True),
    Column("channel", String(20), nullable=False),
    #: The channels still to be tried after this one, comma separated.
    Column("fallbacks", String(120), nullable=False),
    Column("template", String(80), nullable=False),
    Column("moment", Date, nullable=False),
    Column("created_on", Date, nullable=False),
    Column("state", String(20), nullable=False),
    Column("state_on", Date, nullable=False),
    Column("reason", String(40)),
    Column("tries", Integer, nullable=False),
    Column("next_try_ms", BigInteger, nullable=False),
    #: Who works on the row until when; the token is compared on every write.
    Column("lease_until_ms", BigInteger),
    Column("lease_token", String(36)),
)
Index("ix_notification_state_on", notification.c.state_on)
Index("ix_notification_state_next", notification.c.state, notification.c.next_try_ms)
_crossed = notification.c.reason == "crossed"
Index("ix_notification_crossed", notification.c.occurrence_id, sqlite_where=_crossed, postgresql_where=_crossed)

#: What the post made of a message, in order; never rewritten. An input of every recomputation.
notification_log = Table(
    "notification_log",
    metadata,
    Column("notification_id", String(36), primary_key=True),
    #: Place in the order of the books.
    Column("place", BigInteger, primary_key=True, autoincrement=False),
    Column("on", Date, nullable=False),
    Column("state", String(20), nullable=False),
    Column("reason", String(40)),
)

attempt = Table(
    "attempt",
    metadata,
    Column("attempt_id", String(36), primary_key=True),
    Column("notification_id", String(36), nullable=False, index=True),
    Column("channel", String(20), nullable=False),
    Column("number", Integer, nullable=False),
    Column("state", String(20), nullable=False),
    Column("started_ms", BigInteger, nullable=False),
    Column("ended_ms", BigInteger),
    #: What the channel answered; keys only, no address and no text.
    Column("detail", Text),
)
Index("ix_attempt_state", attempt.c.state)
