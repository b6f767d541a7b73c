"""The latest day that a death can mean: survivors' triggers turn on it every day."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014_pre_death_latest"
down_revision = "0013_pre_shadow"


def upgrade() -> None:
    there = sa.text("death_latest IS NOT NULL")
    op.create_index(
        "ix_resident_death_latest",
        "resident",
        ["death_latest"],
        unique=False,
        sqlite_where=there,
        postgresql_where=there,
    )
