"""Synthetic residents straight into PostgreSQL, for figures at scale: a young city with five years of history.

Every value is a hash of the resident's number, so that each run makes the same city. People are invented by SQL; the
encrypted columns are left empty, because nothing that is measured reads them.
"""

from datetime import date, timedelta
from itertools import pairwise

from sqlalchemy import Connection, text

from models.fields import FACT_COLUMNS, IN_POPULATION
from models.tables import resident, resident_version, turn
from models.turns import What

#: The day on which the whole city was read for the first time, and the newest day of its history.
OPENED, NEWEST = date(2021, 1, 1), date(2025, 12, 31)
#: (share of the city that is younger, years of age): Shenzhen's census of 2020 in round numbers.
_AGES = ((0.0, 0), (0.15, 15), (0.20, 20), (0.70, 45), (0.946, 60), (0.968, 65), (0.99, 76), (1.0, 100))
#: Changes a resident a year that the register learns: a move, a residence permit, a job, a death.
_CHANGED_BY_YEAR = 0.05


def _uniform(salt: int, number: str = "n") -> str:
    return f"((hashint8extended({number}, {salt}) & 1048575) / 1048576::float8)"


def _age(uniform: str) -> str:
    whens = " ".join(
        f"WHEN u < {high} THEN {least} + (u - {low}) / ({high} - {low}) * {most - least}"
        for (low, least), (high, most) in pairwise(_AGES)
    )
    return f"(SELECT CASE {whens} ELSE 100 END FROM (SELECT {uniform} AS u) AS share)"


def _pick(salt: int, *shares: tuple[float, str]) -> str:
    whens, reached = [], 0.0
    for share, value in shares:
        reached += share
        whens.append(f"WHEN {_uniform(salt)} < {reached:.4f} THEN {value}")
    return f"CASE {' '.join(whens)} END"


_BORN = f"DATE '{NEWEST}' - ({_age(_uniform(1))} * 365.2425)::int"
_FACTS = {
    "birth_date": "CASE WHEN partial THEN to_char(born, 'YYYY-MM') ELSE to_char(born, 'YYYY-MM-DD') END",
    "birth_earliest": "CASE WHEN partial THEN date_trunc('month', born)::date ELSE born END",
    "birth_latest": "CASE WHEN partial THEN (date_trunc('month', born) + INTERVAL '1 month')::date - 1 ELSE born END",
    "sex": _pick(3, (0.52, "'1'"), (0.48, "'2'")),
    "birth_status": _pick(4, (0.998, "'confirmed'"), (0.002, "'investigating'")),
    "status": _pick(5, (0.97, "'resident'"), (0.03, "'moved_out'")),
    "residence": _pick(6, (0.33, "'hukou'"), (0.57, "'permit'"), (0.09, "'other'")),
    "district": "'4403' || (3 + n % 10)",
    "street": "'4403' || (3 + n % 10) || '0' || (n % 74)",
    "community": "'c' || (n % 662)",
    "dwelling": "'d' || (n / 3)",
    "household_id": "'h' || (n / 3)",
    "school_zone": "'z' || (n % 300)",
    "moved_in_on": _pick(7, (0.4, f"DATE '{OPENED}' - ({_uniform(8)} * 5000)::int")),
    "hukou_on": _pick(6, (0.33, f"DATE '{OPENED}' - ({_uniform(9)} * 9000)::int")),
    "disability": _pick(10, (0.01, "'1'"), (0.01, "'2'"), (0.98, "NULL")),
    "employment": _pick(11, (0.6, "'11'"), (0.2, "'70'"), (0.2, "NULL")),
    "senior_card_on": (
        f"CASE WHEN born < DATE '{OPENED}' - 24000 AND {_uniform(12)} < 0.8 THEN DATE '{OPENED}' - 90 END"
    ),
    "protected": _pick(13, (0.001, "true"), (0.999, "false")),
    "opted_out": _pick(14, (0.01, "true"), (0.99, "false")),
    IN_POPULATION: "true",
}
_HISTORY = ("ordinal", "resident_id", "op", "valid_from", "known_on", "swept_on", "place", "book", "digest")
_PLACE = ("epoch", "lsn", "ts_ms", "source")


def fill(db: Connection, residents: int) -> None:
    """Write the history of a city of so many residents, and the rows that show what is newest."""
    db.execute(text("SET LOCAL statement_timeout = 0"))
    for table in (resident, resident_version):
        db.execute(text(f"ALTER TABLE {table.name} SET UNLOGGED"))
        for index in table.indexes:
            index.drop(db)
    db.execute(turn.insert(), [{"on": OPENED, "what": What.INTAKE}] * 2)
    _first_read(db, residents)
    _changes(db)
    columns = "lineage, resident_id, ordinal, valid_from, " + ", ".join((*FACT_COLUMNS, *_PLACE))
    db.execute(
        text(
            f"INSERT INTO resident ({columns}) SELECT {columns} FROM resident_version AS v WHERE NOT EXISTS "
            "(SELECT 1 FROM resident_version AS w WHERE w.lineage = v.lineage AND w.ordinal = v.ordinal + 1)"
        )
    )
    for table in (resident, resident_version):
        for index in table.indexes:
            index.create(db)


def _first_read(db: Connection, residents: int) -> None:
    people = f"SELECT n, {_BORN} AS born, {_uniform(2)} < 0.02 AS partial FROM generate_series(1, {residents}) AS n"
    facts = ", ".join(_FACTS.get(name, "NULL") for name in FACT_COLUMNS)
    key = "'r' || lpad(n::text, 9, '0')"
    eve = f"DATE '{OPENED - timedelta(days=1)}'"
    fresh = f"born > {eve}"
    db.execute(
        text(
            f"INSERT INTO resident_version (lineage, {', '.join((*_HISTORY, *FACT_COLUMNS, *_PLACE))}) "
            f"SELECT {key}, 1, {key}, CASE WHEN {fresh} THEN 'c' ELSE 'r' END, "
            f"CASE WHEN {fresh} THEN born ELSE DATE '0001-01-01' END, greatest(born, {eve}), "
            f"CASE WHEN {fresh} THEN born - 1 ELSE DATE '0001-01-01' END, 1, 0, ''::bytea, "
            f"{facts}, 0, n, 0, 'paper:' || n FROM ({people}) AS people"
        )
    )


def _changes(db: Connection) -> None:
    """Let some residents change once in the five years: most move house, some move away, some die."""
    years = (NEWEST - OPENED).days / 365
    on = f"DATE '{OPENED}' + ({_uniform(20, 'lsn')} * {(NEWEST - OPENED).days})::int"
    changed = {
        "status": "CASE WHEN kind < 0.15 THEN 'moved_out' WHEN kind < 0.22 THEN 'deceased' ELSE status END",
        "death_date": "CASE WHEN kind >= 0.15 AND kind < 0.22 THEN to_char(changed, 'YYYY-MM-DD') END",
        "death_earliest": "CASE WHEN kind >= 0.15 AND kind < 0.22 THEN changed END",
        "death_latest": "CASE WHEN kind >= 0.15 AND kind < 0.22 THEN changed END",
        "dwelling": "'d' || (n / 3 + 7)",
        "residence": "CASE WHEN kind > 0.9 THEN 'hukou' ELSE residence END",
    }
    facts = ", ".join(changed.get(name, name) for name in FACT_COLUMNS)
    db.execute(
        text(
            f"INSERT INTO resident_version (lineage, {', '.join((*_HISTORY, *FACT_COLUMNS, *_PLACE))}) "
            f"SELECT lineage, 2, resident_id, 'u', changed, changed, changed - 1, 2, 0, ''::bytea, "
            f"{facts}, 0, n, extract(epoch FROM changed)::bigint * 1000, 'paper:' || n "
            f"FROM (SELECT *, lsn AS n, greatest({on}, known_on + 1) AS changed, {_uniform(21, 'lsn')} AS kind "
            f"FROM resident_version WHERE {_uniform(22, 'lsn')} < {_CHANGED_BY_YEAR * years}) AS people"
        )
    )
