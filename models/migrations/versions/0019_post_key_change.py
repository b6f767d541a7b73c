"""A key may be handed on more than once: what becomes of it is kept as its own records tell it.

What was recorded before gets the position of the person's newest change: nothing that came earlier follows it. A
program that knows one change of a key only would mistake one person for another, and can write nothing afterwards.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019_post_key_change"
down_revision = "0018_pre_shared_key"

_POSITION = "coalesce(r.epoch, 0), coalesce(r.ts_ms, 0), coalesce(r.lsn, 0)"


def upgrade() -> None:
    op.create_table(
        "key_change",
        sa.Column("resident_id", sa.String(length=100), nullable=False),
        sa.Column("what", sa.String(length=10), nullable=False),
        sa.Column("other_id", sa.String(length=100), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("ts_ms", sa.BigInteger(), nullable=False),
        sa.Column("lsn", sa.BigInteger(), nullable=False),
        sa.Column("lineage", sa.String(length=100), nullable=False),
        sa.Column("seen_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("resident_id", "what", "other_id", "number", name=op.f("pk_key_change")),
    )
    op.create_index(op.f("ix_key_change_other_id"), "key_change", ["other_id"], unique=False)
    for key, what, other, seen_on in (
        ("a.resident_id", "came", "a.lineage", "a.new_seen_on"),
        ("a.lineage", "gone", "a.resident_id", "a.old_seen_on"),
    ):
        op.execute(
            f"INSERT INTO key_change SELECT {key}, '{what}', {other}, 1, {_POSITION}, a.lineage, {seen_on} "
            f"FROM lineage_alias a LEFT JOIN resident r ON r.lineage = a.lineage WHERE {seen_on} IS NOT NULL"
        )
    op.drop_table("lineage_alias")
