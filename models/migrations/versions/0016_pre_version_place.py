"""The order of the books as an index of the history: what came since a place."""

from __future__ import annotations

from alembic import op

revision = "0016_pre_version_place"
down_revision = "0015_post_turn"


def upgrade() -> None:
    op.create_index("ix_resident_version_place", "resident_version", ["place"], unique=False)
