"""What staff were told no longer stands with the occurrence."""

from __future__ import annotations

from alembic import op

revision = "0007_post_told_by_step"
down_revision = "0006_pre_told_by_step"


def upgrade() -> None:
    with op.batch_alter_table("occurrence") as table:
        table.drop_column("told")
