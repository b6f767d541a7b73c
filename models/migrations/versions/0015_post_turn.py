"""The order of the books: every change, close, answer, publication and message has its place in it.

What was recorded before gets its places day by day: publications with the changes that they decided, then what was
stopped, taken back, closed, answered and sent. At which moment of a day steps ran besides its close is not known of
such days. A program that knows no places can write nothing afterwards.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015_post_turn"
down_revision = "0014_pre_death_latest"

#: (table, column of the day, column of the place, whose turn it was)
_BY_DAY = (
    ("pause", "since", "place", "pause"),
    ("pause", "until", "until_place", "resume"),
    ("recall", "on", "place", "recall"),
    ("holiday_year", "known_on", "place", "holidays"),
    ("closed_day", "day", "place", "close"),
    ("task_result", "on", "place", "answer"),
    ("volume_hold", "on", "place", "close"),
    ("volume_run", "ended_on", "ended_place", "release"),
)
_PLACED = ("resident_version", "closed_day", "task_result", "recall", "holiday_year", "pause", "volume_hold")
_LAST = 2_000_000_000
_POST = "('sent', 'delivered', 'failed', 'withheld')"


def upgrade() -> None:
    _make_tables()
    for table in _PLACED:
        op.add_column(table, sa.Column("place", sa.BigInteger(), nullable=True))
    op.add_column("pause", sa.Column("until_place", sa.BigInteger(), nullable=True))
    op.add_column("volume_run", sa.Column("ended_place", sa.BigInteger(), nullable=True))
    _order_the_past()
    _place_the_past()
    op.execute("DROP TABLE old_turn")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("SELECT setval(pg_get_serial_sequence('turn', 'place'), max(place)) FROM turn HAVING max(place) > 0")
    _tighten()


def _make_tables() -> None:
    place = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "turn",
        sa.Column("place", place, autoincrement=True, nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("what", sa.String(length=20), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("place", name=op.f("pk_turn")),
    )
    op.create_table(
        "run",
        sa.Column("lineage", sa.String(length=100), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("lineage", "place", name=op.f("pk_run")),
    )
    op.create_table(
        "notification_log",
        sa.Column("notification_id", sa.String(length=36), nullable=False),
        sa.Column("place", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.PrimaryKeyConstraint("notification_id", "place", name=op.f("pk_notification_log")),
    )
    crossed = sa.text("reason = 'crossed'")
    op.create_index(
        "ix_notification_crossed",
        "notification",
        ["occurrence_id"],
        sqlite_where=crossed,
        postgresql_where=crossed,
    )


def _order_the_past() -> None:
    """Give what happened its places: by day, within it by the published set, then by kind."""
    kinds = [
        "SELECT published_on AS day, published_seq AS seq, 1 AS kind, 'publication' AS what FROM trigger_version",
        "SELECT retired_on, retired_seq, 1, 'withdrawal' FROM trigger_version WHERE retired_on IS NOT NULL",
        "SELECT \"on\", seq, 1, 'move' FROM trigger_move WHERE seq IS NOT NULL",
        "SELECT known_on, book, 2, 'intake' FROM resident_version",
        *(
            f'SELECT "{day}", {_LAST}, {number}, \'{what}\' FROM {table} WHERE "{day}" IS NOT NULL'
            for number, (table, day, _, what) in enumerate(_BY_DAY, 3)
        ),
        f"SELECT state_on, {_LAST}, 20, 'post' FROM notification WHERE state IN {_POST}",
    ]
    op.execute(
        "CREATE TABLE old_turn AS SELECT day, seq, what, row_number() OVER (ORDER BY day, seq, kind) AS place "
        f"FROM ({' UNION '.join(kinds)}) AS events"
    )
    op.execute('INSERT INTO turn (place, "on", what) SELECT place, day, what FROM old_turn')


def _place_the_past() -> None:
    for table, day, place, what in _BY_DAY:
        op.execute(
            f"UPDATE {table} SET {place} = (SELECT t.place FROM old_turn t WHERE t.what = '{what}' AND t.day = "
            f'{table}."{day}") WHERE "{day}" IS NOT NULL'
        )
    op.execute(
        "UPDATE resident_version SET place = (SELECT t.place FROM old_turn t WHERE t.what = 'intake' "
        "AND t.day = resident_version.known_on AND t.seq = resident_version.book)"
    )
    published = "t.what IN ('publication', 'withdrawal', 'move')"
    op.execute(
        f"UPDATE resident_version SET book = coalesce((SELECT t.place FROM old_turn t WHERE {published} "
        "AND t.seq = resident_version.book), 0)"
    )
    for column in ("published_seq", "retired_seq"):
        op.execute(
            f"UPDATE trigger_version SET {column} = (SELECT t.place FROM old_turn t WHERE {published} "
            f"AND t.seq = trigger_version.{column}) WHERE {column} IS NOT NULL"
        )
    op.execute(
        f"UPDATE trigger_move SET seq = (SELECT t.place FROM old_turn t WHERE {published} AND t.seq = trigger_move.seq)"
    )
    op.execute(
        'INSERT INTO notification_log (notification_id, place, "on", state, reason) '
        "SELECT n.notification_id, t.place, n.state_on, n.state, n.reason FROM notification n "
        f"JOIN old_turn t ON t.what = 'post' AND t.day = n.state_on WHERE n.state IN {_POST}"
    )


def _tighten() -> None:
    wider = sa.BigInteger()
    for table in _PLACED:
        with op.batch_alter_table(table) as changed:
            changed.alter_column("place", existing_type=wider, nullable=False)
            if table == "pause":
                changed.drop_constraint("pk_pause", type_="primary")
                changed.create_primary_key("pk_pause", ["subject", "place"])
            if table == "resident_version":
                changed.alter_column("book", existing_type=sa.Integer(), type_=wider, existing_nullable=False)
    with op.batch_alter_table("trigger_move") as changed:
        changed.drop_column("after_close")
        changed.alter_column("seq", existing_type=sa.Integer(), type_=wider, existing_nullable=True)
    with op.batch_alter_table("trigger_version") as changed:
        changed.alter_column("published_seq", existing_type=sa.Integer(), type_=wider, existing_nullable=False)
        changed.alter_column("retired_seq", existing_type=sa.Integer(), type_=wider, existing_nullable=True)
