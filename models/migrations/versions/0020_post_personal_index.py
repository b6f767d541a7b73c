"""One index of all personal values tells that a change brings no others: then nothing is sealed anew.

A program that does not know it would leave it as it is beside other values, and can write nothing afterwards.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020_post_personal_index"
down_revision = "0019_post_key_change"


def upgrade() -> None:
    for table in ("resident", "resident_version"):
        op.add_column(table, sa.Column("personal_index", sa.LargeBinary(length=32), nullable=True))
