"""A key may be handed on more than once: what becomes of it is kept as its own records tell it.

Of what was recorded before, the key that somebody has now came from another one, and all others were given up for it,
at the position of the person's newest change: nothing that came earlier follows it. A program that knows one change of
a key only would mistake one person for another, and can write nothing afterwards.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019_post_key_change"
down_revision = "0018_pre_shared_key"

_PERSON = "r.lineage, r.epoch, r.ts_ms, coalesce(r.lsn, 0)"
_FROM = "FROM lineage_alias a JOIN resident r ON r.lineage = a.lineage WHERE"


def upgrade() -> None:
    op.create_table(
        "key_change",
        sa.Column("resident_id", sa.String(length=100), nullable=False),
        sa.Column("ordinal", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("what", sa.String(length=10), nullable=False),
        sa.Column("other_id", sa.String(length=100), nullable=False),
        sa.Column("lineage", sa.String(length=100), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("ts_ms", sa.BigInteger(), nullable=False),
        sa.Column("lsn", sa.BigInteger(), nullable=False),
        sa.Column("seen_on", sa.Date(), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("resident_id", "ordinal", name=op.f("pk_key_change")),
    )
    op.create_index(op.f("ix_key_change_other_id"), "key_change", ["other_id"], unique=False)
    op.create_index(op.f("ix_key_change_seen_on"), "key_change", ["seen_on"], unique=False)
    # The key that somebody has now; the other ones; the first one; and what waits for its new half.
    _note("a.resident_id, 1, 'came', a.lineage", "a.new_seen_on", "r.resident_id = a.resident_id")
    _note("a.resident_id, 1, 'gone', r.resident_id", "a.new_seen_on", "r.resident_id <> a.resident_id")
    _note(
        "DISTINCT a.lineage, 1, 'gone', r.resident_id",
        "a.old_seen_on",
        "r.resident_id = a.resident_id AND a.lineage <> r.resident_id",
    )
    _note("r.resident_id, 2, 'gone', a.resident_id", "a.old_seen_on", "a.new_seen_on IS NULL")
    op.drop_table("lineage_alias")


def _note(row: str, seen_on: str, where: str) -> None:
    op.execute(
        f"INSERT INTO key_change SELECT {row}, {_PERSON}, {seen_on}, 0 {_FROM} {seen_on} IS NOT NULL AND {where}"
    )
