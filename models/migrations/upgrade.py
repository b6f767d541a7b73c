"""Bring a database's schema up to the newest migration, in one transaction, one migrator at a time."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, Engine, text

from models.database import transaction
from models.schema import HEAD, note_floor, refuse_newer, revision

#: Any number that nobody else locks by; two migrators of one PostgreSQL database wait for each other.
_LOCK = 8_274_605_501


@dataclass(frozen=True, slots=True, kw_only=True)
class Upgraded:
    """From which revision to which; `before` is None for a database without tables of Unasked."""

    before: str | None
    after: str


def upgrade(engine: Engine) -> Upgraded:
    """Run every migration that the database lacks, all or none; raises SchemaTooNew, DatabaseUnreachable."""
    with transaction(engine) as db:
        _wait_for_others(db)
        before = revision(db)
        refuse_newer(db, before)
        if before is None or before < HEAD:
            _run(db)
            note_floor(db)
        return Upgraded(before=before, after=max(before or HEAD, HEAD))


def _wait_for_others(db: Connection) -> None:
    if db.dialect.name == "postgresql":
        db.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _LOCK})
        # Rewriting a large table may take longer than any statement of the service is allowed to.
        db.execute(text("SET LOCAL statement_timeout = 0"))


def _run(db: Connection) -> None:
    # Half a second that only a migration needs.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "models:migrations")
    config.attributes["connection"] = db
    command.upgrade(config, HEAD)
