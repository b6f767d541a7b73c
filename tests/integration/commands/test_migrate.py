from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Engine, select, text

from models.database import connect, transaction
from models.migrations.upgrade import Upgraded, upgrade
from models.schema import FLOOR, HEAD, SchemaTooNew, SchemaTooOld, check_schema, is_empty
from models.tables import key_change, metadata


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    if request.param == "sqlite":
        made = connect(f"sqlite:///{tmp_path}/fresh.db")
    else:
        made = connect(request.getfixturevalue("new_postgresql")("migrations"))
    yield made
    made.dispose()


def test_all_migrations_from_nothing_give_the_tables_of_the_code(engine):
    assert is_empty(engine)
    done = upgrade(engine)
    assert (done.before, done.after) == (None, HEAD)
    with engine.connect() as db:
        assert compare_metadata(MigrationContext.configure(db), metadata) == []


def test_a_second_migration_changes_nothing(engine):
    upgrade(engine)
    check_schema(engine)
    assert upgrade(engine).before == HEAD


_RESIDENT = (
    "INSERT INTO resident (lineage, resident_id, ordinal, valid_from, in_population, epoch, lsn, ts_ms, source) VALUES "
    "(:lineage, :now, 1, '2026-01-01', true, 0, 7, 1000, 't:1')"
)
_ALIAS = (
    "INSERT INTO lineage_alias (resident_id, lineage, old_seen_on, new_seen_on) VALUES (:key, :lineage, :old, :new)"
)
_OF_A_KEY = ("resident_id", "ordinal", "what", "other_id", "lineage")


def test_of_key_changes_of_before_the_key_of_now_has_a_holder_and_the_others_have_none(engine):
    config = Config()
    config.set_main_option("script_location", "models:migrations")
    with transaction(engine) as db:
        config.attributes["connection"] = db
        command.upgrade(config, "0018_pre_shared_key")
        people = {"an": "cy", "back": "back", "fast": "fast"}
        db.execute(text(_RESIDENT), [{"lineage": lineage, "now": now} for lineage, now in people.items()])
        whole = {"old": "2026-01-02", "new": "2026-01-03"}
        aliases = [("an", "bo", whole), ("an", "cy", whole), ("back", "forth", whole), ("back", "back", whole)]
        aliases.append(("fast", "later", {"old": "2026-01-04", "new": None}))
        db.execute(text(_ALIAS), [{"lineage": lineage, "key": key} | seen for lineage, key, seen in aliases])
    upgrade(engine)
    with engine.connect() as db:
        found = {tuple(row) for row in db.execute(select(*(key_change.c[name] for name in _OF_A_KEY)))}
    assert found == {
        ("cy", 1, "came", "an", "an"),
        ("bo", 1, "gone", "cy", "an"),
        ("an", 1, "gone", "cy", "an"),
        ("back", 1, "came", "back", "back"),
        ("forth", 1, "gone", "back", "back"),
        ("fast", 2, "gone", "later", "fast"),
    }


def test_a_migration_that_fails_leaves_nothing_behind(engine):
    with transaction(engine) as db:
        db.execute(text("CREATE TABLE notification (in_the_way INTEGER)"))
    with pytest.raises(Exception, match="notification"):
        upgrade(engine)
    with engine.connect() as db:
        assert not engine.dialect.has_table(db, "resident")


@pytest.mark.parametrize(
    ("revision", "error", "words"),
    [("0001_population", SchemaTooOld, "unasked migrate"), ("9999_post_x", SchemaTooNew, "install the version")],
)
def test_another_schema_is_refused_with_what_to_do(engine, revision, error, words):
    upgrade(engine)
    _migrated_by_others(engine, to=revision, floor=revision)
    with pytest.raises(error, match=words):
        check_schema(engine)


def test_a_newer_schema_that_only_adds_is_worked_on_and_left_alone(engine):
    upgrade(engine)
    _migrated_by_others(engine, to="9999_pre_x", floor=FLOOR)
    check_schema(engine)
    assert upgrade(engine) == Upgraded(before="9999_pre_x", after="9999_pre_x")


def _migrated_by_others(engine, *, to, floor):
    with transaction(engine) as db:
        db.execute(text("UPDATE alembic_version SET version_num = :found"), {"found": to})
        db.execute(text("UPDATE schema_floor SET revision = :found"), {"found": floor})


def test_an_older_database_is_not_opened_and_migrate_mends_it(unasked, home, monkeypatch):
    monkeypatch.setenv("UNASKED_PROFILE", "service")
    monkeypatch.setenv("UNASKED_KEYS", "k:" + "A" * 43 + "=")
    refused = unasked("status")
    assert (refused.code, "no tables of Unasked" in refused.err, "尚未建立" in refused.err) == (3, True, True)
    assert unasked("migrate").out == f"the schema went from nothing to {HEAD}\n"
    assert unasked("migrate", "--json").document == {"before": HEAD, "after": HEAD}
    assert unasked("status").code == 0


def test_the_embedded_profile_makes_its_tables_by_itself_once(unasked, books):
    assert unasked("status").code == 0
    assert books("SELECT version_num FROM alembic_version") == [(HEAD,)]


def test_the_embedded_profile_does_not_touch_a_database_of_somebody_else(unasked, home, monkeypatch):
    engine = connect(f"sqlite:///{home}/other.db")
    with transaction(engine) as db:
        db.execute(text("CREATE TABLE theirs (n INTEGER)"))
    engine.dispose()
    monkeypatch.setenv("UNASKED_DATABASE_URL", f"sqlite:///{home}/other.db")
    assert unasked("status").code == 3
