"""The database says which migration took something away last, so that older programs know that they may go on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011_pre_schema_floor"
down_revision = "0010_pre_volume_guard"


def upgrade() -> None:
    op.create_table(
        "schema_floor",
        sa.Column("revision", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("revision", name=op.f("pk_schema_floor")),
    )
