"""The schema's version: what the code expects and what the database has."""

from __future__ import annotations

from sqlalchemy import Connection, Engine, inspect, select, text

from models.database import transaction
from models.tables import schema_floor

#: The newest migration; a house test compares it with the files.
HEAD = "0020_post_personal_index"
#: The newest migration that takes something away: a program that knows it can also work on what came after it.
FLOOR = "0020_post_personal_index"


class WrongSchema(Exception):
    """The database has another schema than this version of Unasked expects."""


class SchemaTooOld(WrongSchema):
    """The database lacks migrations; `unasked migrate` mends it."""


class SchemaTooNew(WrongSchema):
    """A newer version of Unasked has migrated the database; only that version mends it."""


def check_schema(engine: Engine) -> None:
    """Raise SchemaTooOld or SchemaTooNew unless this version can work on the database.

    It can when the database is at its newest migration, or beyond it by such as only add.
    """
    with transaction(engine) as db:
        found = revision(db)
        if found is not None and found >= HEAD:
            refuse_newer(db, found)
            return
    en = f"is at {found!r}" if found else "has no tables of Unasked"
    zh = f"为 {found!r}" if found else "尚未建立"
    raise SchemaTooOld(
        f"{_shown(engine)}: the schema {en}, expected {HEAD!r}; run `unasked migrate` first\n"
        f"{_shown(engine)}：数据库结构{zh}，应为 {HEAD!r}；请先运行 `unasked migrate`"
    )


def refuse_newer(db: Connection, found: str | None) -> None:
    """Raise SchemaTooNew when a newer version has taken something away that this one needs; migrations are numbered."""
    if found is None or found <= HEAD or _floor(db) <= HEAD:
        return
    raise SchemaTooNew(
        f"{_shown(db.engine)}: the schema is at {found!r}, newer than {HEAD!r}; install the version of Unasked "
        f"that made it\n{_shown(db.engine)}：数据库结构为 {found!r}，比 {HEAD!r} 新；请安装相应的新版本"
    )


def note_floor(db: Connection) -> None:
    """Note in the database which is the newest migration that took something away."""
    db.execute(schema_floor.delete())
    db.execute(schema_floor.insert().values(revision=FLOOR))


def _floor(db: Connection) -> str:
    return str(db.execute(select(schema_floor.c.revision)).scalar_one())


def revision(db: Connection) -> str | None:
    """Return the database's revision, None without tables of Unasked."""
    if not inspect(db).has_table("alembic_version"):
        return None
    found = db.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)


def is_empty(engine: Engine) -> bool:
    """Whether a database holds no table at all."""
    with transaction(engine) as db:
        return not inspect(db).get_table_names()


def stamp(db: Connection) -> None:
    """Note in a database whose tables were made at once, without migrations, that it is at the newest one."""
    db.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
    db.execute(text("INSERT INTO alembic_version VALUES (:head)"), {"head": HEAD})
    note_floor(db)


def _shown(engine: Engine) -> str:
    return engine.url.render_as_string(hide_password=True)
