"""The schema's version: what the code expects and what the database has."""

from __future__ import annotations

from sqlalchemy import Engine, inspect, text

from models.database import transaction

#: The newest migration; a house test compares it with the files.
HEAD = "0001_first_tables"


class SchemaTooOld(Exception):
    """The database has another schema than this version of Unasked; `unasked migrate` mends it."""


def check_schema(engine: Engine) -> None:
    """Raise SchemaTooOld unless the database is at the newest migration."""
    with transaction(engine) as db:
        has = inspect(db).has_table("alembic_version")
        found = db.execute(text("SELECT version_num FROM alembic_version")).scalar() if has else None
    if found != HEAD:
        shown = engine.url.render_as_string(hide_password=True)
        state = f"is at {found!r}" if found else "has no tables of Unasked"
        raise SchemaTooOld(f"{shown}: the schema {state}, expected {HEAD!r}; run `unasked migrate` first")
