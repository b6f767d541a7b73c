"""The years whose holidays are announced; a line of the history knows the day on which its step was due then."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009_pre_holiday_year"
down_revision = "0008_pre_trigger_proposal"


def upgrade() -> None:
    op.create_table(
        "holiday_year",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("known_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("year", name=op.f("pk_holiday_year")),
    )
    op.add_column("occurrence_log", sa.Column("day", sa.Date(), nullable=True))
    op.execute(
        "UPDATE occurrence_log SET day = (SELECT s.day FROM step s "
        "WHERE s.occurrence_id = occurrence_log.occurrence_id AND s.step = occurrence_log.step)"
    )
