"""What became known besides the first sight of a snapshot, by its day: closing a day asks for it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017_pre_version_news"
down_revision = "0016_pre_version_place"


def upgrade() -> None:
    news = sa.text("op != 'r' OR ordinal > 1")
    op.create_index(
        "ix_resident_version_news",
        "resident_version",
        ["known_on"],
        unique=False,
        sqlite_where=news,
        postgresql_where=news,
    )
