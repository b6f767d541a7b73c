"""Personal values are kept once: a version that brings those of before has none, and the current row has the last ones.

However the changes are cut into transactions, on SQLite and on PostgreSQL.
"""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, select

from models.database import transaction
from models.fields import INDEXED_FIELDS, PERSONAL_FIELDS, PERSONAL_INDEX, SEALED_COLUMNS
from models.tables import person_key, resident, resident_version
from registry.source_mappings import UNAVAILABLE
from tests.integration.city import City

WANG = {"name": "王芳", "id_number": "449900196101200022", "phone": "13800000000", "address": "福田"}
values = st.sampled_from([None, "a", "b", UNAVAILABLE])
rows = st.dictionaries(st.sampled_from(PERSONAL_FIELDS), values)
#: Whose record comes next, with which personal values (none: the row is deleted), and whether a transaction ends there.
histories = st.lists(st.tuples(st.sampled_from("ab"), st.one_of(st.none(), rows), st.booleans()), max_size=10)


def opened(city: City, key: str) -> dict[str, str | None]:
    """Return the personal values of a current row."""
    with transaction(city.engine) as db:
        row = db.execute(select(resident).where(resident.c.lineage == key)).mappings().one()
        salt = db.execute(select(person_key).where(person_key.c.lineage == key)).mappings().one()
    seal = city.desk.keyring.person(key_id=salt["key_id"], salt=salt["salt"])
    for name in INDEXED_FIELDS:
        assert (row[name] is None) == (row[f"{name}_index"] is None)
    return {
        name: seal.open(sealed=row[name], place=f"{key}/{name}").decode() if row[name] else None
        for name in PERSONAL_FIELDS
    }


def sealed_versions(city: City) -> list[int]:
    """Return the ordinals of the versions that have personal values; the others have nothing of them."""
    versions = [row for row in city.table(resident_version) if row[PERSONAL_INDEX] is not None]
    bare = [row for row in city.table(resident_version) if row[PERSONAL_INDEX] is None]
    assert not any(row[name] for row in bare for name in SEALED_COLUMNS)
    return [row["ordinal"] for row in versions]


def test_a_move_leaves_the_personal_values_where_they_are(engine: Engine) -> None:
    city = _fresh(engine)
    city.lives("an", "1961-01-20", **WANG)
    city.change("an", district="440304")
    city.change("an", phone="13800000001")
    city.change("an", district="440305")
    assert sealed_versions(city) == [1, 3]
    assert opened(city, "an") == dict.fromkeys(PERSONAL_FIELDS) | WANG | {"phone": "13800000001"}


def test_who_was_erased_is_sealed_anew_by_the_next_change(engine: Engine) -> None:
    city = _fresh(engine)
    city.lives("an", "1961-01-20", **WANG)
    with transaction(engine) as db:
        db.execute(delete(person_key))
    city.change("an", district="440304")
    assert sealed_versions(city) == [1, 2]
    assert opened(city, "an") == dict.fromkeys(PERSONAL_FIELDS) | WANG


@settings(max_examples=60)
@given(history=histories)
def test_on_sqlite_the_current_row_has_what_was_sent_last(sqlite_engine: Engine, history: list[Any]) -> None:
    _follow(_fresh(sqlite_engine), history)


@settings(max_examples=60)
@given(history=histories)
def test_on_postgresql_the_current_row_has_what_was_sent_last(postgresql_engine: Engine, history: list[Any]) -> None:
    _follow(_fresh(postgresql_engine), history)


def _fresh(engine: Engine) -> City:
    city = City(engine=engine)
    city.wipe()
    return city


def _follow(city: City, history: list[tuple[str, dict[str, str | None] | None, bool]]) -> None:
    expected: dict[str, dict[str, str | None]] = {}
    waiting = []
    for number, (key, row, ends) in enumerate(history):
        record = None if row is None else {"birth_date": "1961-01-20", "district": f"{440300 + number}"} | row
        waiting.append(city.record(key, "d" if row is None else "u", record))
        sent = {name: value for name, value in (row or {}).items() if value != UNAVAILABLE}
        expected[key] = expected.get(key, dict.fromkeys(PERSONAL_FIELDS)) | sent
        if ends or number == len(history) - 1:
            city.feed(*waiting)
            waiting = []
            assert {key: opened(city, key) for key in expected} == expected
    assert city.differences() == []
