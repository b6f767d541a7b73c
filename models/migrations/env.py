"""Alembic's entry: the caller's connection and transaction; there is no ini file and no database address here."""

from __future__ import annotations

from alembic import context

from models.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
