"""The tables of `models/tables/population.py` as they first were."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001_population"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "finding",
        sa.Column("lineage", sa.String(length=100), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("field", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("lineage", "ordinal", "field", name=op.f("pk_finding")),
    )
    op.create_table(
        "hold",
        sa.Column("lineage", sa.String(length=100), nullable=False),
        sa.Column("until_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("lineage", name=op.f("pk_hold")),
    )
    op.create_index(op.f("ix_hold_until_ms"), "hold", ["until_ms"], unique=False)
    op.create_table(
        "lineage_alias",
        sa.Column("resident_id", sa.String(length=100), nullable=False),
        sa.Column("lineage", sa.String(length=100), nullable=False),
        sa.Column("old_seen_on", sa.Date(), nullable=True),
        sa.Column("new_seen_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("resident_id", name=op.f("pk_lineage_alias")),
    )
    op.create_index(op.f("ix_lineage_alias_lineage"), "lineage_alias", ["lineage"], unique=False)
    op.create_table(
        "person_key",
        sa.Column("lineage", sa.String(length=100), nullable=False),
        sa.Column("key_id", sa.String(length=40), nullable=False),
        sa.Column("salt", sa.LargeBinary(length=16), nullable=False),
        sa.PrimaryKeyConstraint("lineage", name=op.f("pk_person_key")),
    )
    op.create_table(
        "resident",
        sa.Column("lineage", sa.String(length=100), nullable=False),
        sa.Column("resident_id", sa.String(length=100), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("sex", sa.String(length=20), nullable=True),
        sa.Column("birth_date", sa.String(length=20), nullable=True),
        sa.Column("birth_earliest", sa.Date(), nullable=True),
        sa.Column("birth_latest", sa.Date(), nullable=True),
        sa.Column("birth_status", sa.String(length=20), nullable=True),
        sa.Column("death_date", sa.String(length=20), nullable=True),
        sa.Column("death_earliest", sa.Date(), nullable=True),
        sa.Column("death_latest", sa.Date(), nullable=True),
        sa.Column("status", sa.String(length=20), nullable=True),
        sa.Column("merged_into", sa.String(length=200), nullable=True),
        sa.Column("residence", sa.String(length=20), nullable=True),
        sa.Column("district", sa.String(length=200), nullable=True),
        sa.Column("street", sa.String(length=200), nullable=True),
        sa.Column("community", sa.String(length=200), nullable=True),
        sa.Column("dwelling", sa.String(length=200), nullable=True),
        sa.Column("school_zone", sa.String(length=200), nullable=True),
        sa.Column("moved_in_on", sa.Date(), nullable=True),
        sa.Column("hukou_on", sa.Date(), nullable=True),
        sa.Column("household_id", sa.String(length=200), nullable=True),
        sa.Column("guardian_id", sa.String(length=200), nullable=True),
        sa.Column("marital", sa.String(length=200), nullable=True),
        sa.Column("disability", sa.String(length=200), nullable=True),
        sa.Column("schooling", sa.String(length=200), nullable=True),
        sa.Column("employment", sa.String(length=200), nullable=True),
        sa.Column("senior_card_on", sa.Date(), nullable=True),
        sa.Column("protected", sa.Boolean(), nullable=True),
        sa.Column("preferred_channel", sa.String(length=200), nullable=True),
        sa.Column("opted_out", sa.Boolean(), nullable=True),
        sa.Column("updated_at", sa.String(length=40), nullable=True),
        sa.Column("in_population", sa.Boolean(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=True),
        sa.Column("id_number", sa.LargeBinary(), nullable=True),
        sa.Column("phone", sa.LargeBinary(), nullable=True),
        sa.Column("email", sa.LargeBinary(), nullable=True),
        sa.Column("address", sa.LargeBinary(), nullable=True),
        sa.Column("id_number_index", sa.LargeBinary(length=32), nullable=True),
        sa.Column("phone_index", sa.LargeBinary(length=32), nullable=True),
        sa.Column("email_index", sa.LargeBinary(length=32), nullable=True),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("lsn", sa.BigInteger(), nullable=True),
        sa.Column("ts_ms", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.String(length=300), nullable=False),
        sa.PrimaryKeyConstraint("lineage", name=op.f("pk_resident")),
        sa.UniqueConstraint("resident_id", name=op.f("uq_resident_resident_id")),
    )
    op.create_index("ix_resident_birth_earliest", "resident", ["birth_earliest"], unique=False)
    op.create_index("ix_resident_birth_latest", "resident", ["birth_latest"], unique=False)
    op.create_index(
        "ix_resident_death_earliest",
        "resident",
        ["death_earliest"],
        unique=False,
        sqlite_where=sa.text("death_earliest IS NOT NULL"),
        postgresql_where=sa.text("death_earliest IS NOT NULL"),
    )
    op.create_index("ix_resident_guardian_id", "resident", ["guardian_id"], unique=False)
    op.create_index("ix_resident_household_id", "resident", ["household_id"], unique=False)
    op.create_index(
        "ix_resident_hukou_on",
        "resident",
        ["hukou_on"],
        unique=False,
        sqlite_where=sa.text("hukou_on IS NOT NULL"),
        postgresql_where=sa.text("hukou_on IS NOT NULL"),
    )
    op.create_index("ix_resident_id_number_index", "resident", ["id_number_index"], unique=False)
    op.create_index(
        "ix_resident_merged_into",
        "resident",
        ["merged_into"],
        unique=False,
        sqlite_where=sa.text("merged_into IS NOT NULL"),
        postgresql_where=sa.text("merged_into IS NOT NULL"),
    )
    op.create_index(
        "ix_resident_moved_in_on",
        "resident",
        ["moved_in_on"],
        unique=False,
        sqlite_where=sa.text("moved_in_on IS NOT NULL"),
        postgresql_where=sa.text("moved_in_on IS NOT NULL"),
    )
    op.create_index(
        "ix_resident_senior_card_on",
        "resident",
        ["senior_card_on"],
        unique=False,
        sqlite_where=sa.text("senior_card_on IS NOT NULL"),
        postgresql_where=sa.text("senior_card_on IS NOT NULL"),
    )
    op.create_table(
        "resident_version",
        sa.Column("lineage", sa.String(length=100), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("resident_id", sa.String(length=100), nullable=False),
        sa.Column("op", sa.String(length=1), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("known_on", sa.Date(), nullable=False),
        sa.Column("swept_on", sa.Date(), nullable=False),
        sa.Column("book", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=16), nullable=False),
        sa.Column("sex", sa.String(length=20), nullable=True),
        sa.Column("birth_date", sa.String(length=20), nullable=True),
        sa.Column("birth_earliest", sa.Date(), nullable=True),
        sa.Column("birth_latest", sa.Date(), nullable=True),
        sa.Column("birth_status", sa.String(length=20), nullable=True),
        sa.Column("death_date", sa.String(length=20), nullable=True),
        sa.Column("death_earliest", sa.Date(), nullable=True),
        sa.Column("death_latest", sa.Date(), nullable=True),
        sa.Column("status", sa.String(length=20), nullable=True),
        sa.Column("merged_into", sa.String(length=200), nullable=True),
        sa.Column("residence", sa.String(length=20), nullable=True),
        sa.Column("district", sa.String(length=200), nullable=True),
        sa.Column("street", sa.String(length=200), nullable=True),
        sa.Column("community", sa.String(length=200), nullable=True),
        sa.Column("dwelling", sa.String(length=200), nullable=True),
        sa.Column("school_zone", sa.String(length=200), nullable=True),
        sa.Column("moved_in_on", sa.Date(), nullable=True),
        sa.Column("hukou_on", sa.Date(), nullable=True),
        sa.Column("household_id", sa.String(length=200), nullable=True),
        sa.Column("guardian_id", sa.String(length=200), nullable=True),
        sa.Column("marital", sa.String(length=200), nullable=True),
        sa.Column("disability", sa.String(length=200), nullable=True),
        sa.Column("schooling", sa.String(length=200), nullable=True),
        sa.Column("employment", sa.String(length=200), nullable=True),
        sa.Column("senior_card_on", sa.Date(), nullable=True),
        sa.Column("protected", sa.Boolean(), nullable=True),
        sa.Column("preferred_channel", sa.String(length=200), nullable=True),
        sa.Column("opted_out", sa.Boolean(), nullable=True),
        sa.Column("updated_at", sa.String(length=40), nullable=True),
        sa.Column("in_population", sa.Boolean(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=True),
        sa.Column("id_number", sa.LargeBinary(), nullable=True),
        sa.Column("phone", sa.LargeBinary(), nullable=True),
        sa.Column("email", sa.LargeBinary(), nullable=True),
        sa.Column("address", sa.LargeBinary(), nullable=True),
        sa.Column("id_number_index", sa.LargeBinary(length=32), nullable=True),
        sa.Column("phone_index", sa.LargeBinary(length=32), nullable=True),
        sa.Column("email_index", sa.LargeBinary(length=32), nullable=True),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("lsn", sa.BigInteger(), nullable=True),
        sa.Column("ts_ms", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.String(length=300), nullable=False),
        sa.PrimaryKeyConstraint("lineage", "ordinal", name=op.f("pk_resident_version")),
    )
    op.create_index("ix_resident_version_known_on", "resident_version", ["known_on"], unique=False)
