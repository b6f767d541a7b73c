"""A key may stand in two current rows while the halves of a renumbering are still on their way."""

from __future__ import annotations

from alembic import op

revision = "0018_pre_shared_key"
down_revision = "0017_pre_version_news"


def upgrade() -> None:
    with op.batch_alter_table("resident") as resident:
        resident.drop_constraint("uq_resident_resident_id", type_="unique")
    op.create_index("ix_resident_resident_id", "resident", ["resident_id"], unique=False)
