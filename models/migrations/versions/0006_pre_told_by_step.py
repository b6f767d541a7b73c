"""What staff were told stands with each step; a version knows up to which day everybody had been decided."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006_pre_told_by_step"
down_revision = "0005_pre_lookups"


def upgrade() -> None:
    op.add_column("step", sa.Column("told", sa.String(length=40), nullable=True))
    op.execute(
        "UPDATE step SET told = (SELECT o.told FROM occurrence o WHERE o.occurrence_id = step.occurrence_id) "
        "WHERE state = 'dispatched'"
    )
    # Until now everything was decided as of the day on which it became known.
    op.add_column("resident_version", sa.Column("swept_on", sa.Date(), nullable=True))
    op.execute("UPDATE resident_version SET swept_on = known_on")
    with op.batch_alter_table("resident_version") as table:
        table.alter_column("swept_on", existing_type=sa.Date(), nullable=False)
