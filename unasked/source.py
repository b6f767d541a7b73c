"""The source database: opening it, its position, its replication slot. Read-only."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from registry.source_table import SourceError
from streams.source_records import lsn_number
from unasked.errors import Exit, Refusal
from unasked.settings import Settings

_OPTIONS = "-c default_transaction_read_only=on -c timezone=UTC -c datestyle=ISO -c application_name=unasked"
_SLOT = """
SELECT slot_name, active, coalesce(wal_status, 'lost'), confirmed_flush_lsn::text, restart_lsn::text,
       pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)::bigint
FROM pg_replication_slots WHERE slot_name = %s AND slot_type = 'logical'
"""
_IDENTITY = "SELECT relreplident::text FROM pg_class WHERE oid = to_regclass(%s)"
_PUBLISHED = """
SELECT 1 FROM pg_publication_tables
WHERE pubname = %s AND to_regclass(quote_ident(schemaname) || '.' || quote_ident(tablename)) = to_regclass(%s)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """The replication slot that the connector reads from."""

    name: str
    #: Whether a connector reads from it now.
    active: bool
    #: Whether the source has thrown away log that the slot still needed: what lay there never comes.
    lost: bool
    #: Up to where the connector has said that everything lies on Kafka.
    confirmed: int
    #: Log that the source keeps for it, bytes.
    retained: int


@contextmanager
def open_source(url: str, *, replication: bool = False) -> Iterator[psycopg.Connection]:
    """Open the source in autocommit, read-only; raises Refusal, which never shows the address's password.

    `replication`: to the part of the server that makes replication slots.
    """
    try:
        parsed = make_url(url).set(drivername="postgresql")
    except ArgumentError as error:
        raise Refusal("--source: is no address; write postgresql://user:password@host/database") from error
    shown = parsed.render_as_string(hide_password=True)
    try:
        given = parsed.update_query_dict({"replication": "database"}) if replication else parsed
        text = given.render_as_string(hide_password=False)
        db = psycopg.connect(text, autocommit=True, options=_OPTIONS, connect_timeout=10)
    except psycopg.OperationalError as error:
        first = str(error).strip().partition("\n")[0]
        raise Refusal(f"{shown}: the source cannot be reached ({first})", Exit.UNREACHABLE) from error
    with db:
        try:
            yield db
        except SourceError as error:
            raise Refusal(f"{shown}: {error}") from error
        except psycopg.OperationalError as error:
            first = str(error).strip().partition("\n")[0]
            raise Refusal(f"{shown}: the source broke off ({first}); try again", Exit.UNREACHABLE) from error
        except psycopg.errors.InsufficientPrivilege as error:
            raise Refusal(f"{shown}: {error.diag.message_primary}; grant SELECT on the table") from error


def source_url(settings: Settings, given: str | None) -> str:
    """Return the address of the source, from the option or the setting; raises Refusal."""
    url = given or settings.source_url
    if url is None:
        raise Refusal(
            "--source: no source is named; set UNASKED_SOURCE_URL (or _FILE) to postgresql://user:password@host/database"
        )
    return url


def full_identity(db: psycopg.Connection, table: str) -> bool:
    """Whether a change of a table comes with everything that the row was before."""
    row = db.execute(_IDENTITY, [table]).fetchone()
    return row is not None and row[0] == "f"


def published(db: psycopg.Connection, table: str, publication: str) -> bool:
    """Whether a publication has a table; the connector's publication is named like its slot."""
    return db.execute(_PUBLISHED, [publication, table]).fetchone() is not None


def check_capture(db: psycopg.Connection, table: str, publication: str) -> None:
    """Check that changes of a table will come whole; raises Refusal with the statement that mends it."""
    if not full_identity(db, table):
        raise Refusal(
            f"{table}: its replica identity is not FULL, so a change comes without what it changed; run at the source: "
            f"ALTER TABLE {table} REPLICA IDENTITY FULL"
        )
    if not published(db, table, publication):
        raise Refusal(
            f"{table}: publication {publication} does not have it, and a slot sends only what was published when it "
            f"began; run at the source: CREATE PUBLICATION {publication} FOR TABLE {table}"
        )


def slot_of(db: psycopg.Connection, name: str) -> Slot | None:
    """Return the state of a logical replication slot, None when there is none of that name."""
    row = db.execute(_SLOT, [name]).fetchone()
    if row is None:
        return None
    found, active, status, confirmed, _restart, retained = row
    return Slot(
        name=found,
        active=active,
        lost=status == "lost",
        confirmed=lsn_number(confirmed) if confirmed else 0,
        retained=retained or 0,
    )
