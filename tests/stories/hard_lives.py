"""Invented lives in which knowledge arrives late, is corrected or taken back; each name says what is at stake."""

from collections.abc import Iterator
from datetime import datetime

from tests.stories.oracle_facts import ZONE
from tests.stories.registers import Envelope, Row, envelope, resident

BEFORE = "2023-12-01 09:00"
DEAD = {"status": "deceased"}
DELETED: Row = {"deleted": True}
# Each change: local time, and the fields that are new.
LIVES: dict[str, list[tuple[str, Row]]] = {
    "the card on the birthday": [(BEFORE, {"birth_date": "1959-05-10"})],
    "born on a leap day": [(BEFORE, {"birth_date": "1944-02-29"})],
    "moves in the day before": [("2024-03-09 10:00", {"birth_date": "1959-03-10"})],
    "backlog that leaves and returns": [
        (BEFORE, {"birth_date": "1940-05-01"}),
        ("2024-02-01 10:00", DELETED),
        ("2024-03-01 10:00", {"birth_date": "1940-05-01"}),
        ("2024-04-01 10:00", {"status": "moved_out"}),
        ("2024-05-01 10:00", {"status": "resident"}),
    ],
    "holds the card when the birth date turns out to lie months later": [
        ("2024-02-05 10:00", {"birth_date": "1944-01-15"}),
        ("2024-03-30 12:00", {"birth_date": "1959-06-13"}),
    ],
    "holds the card when the birth date turns out to lie weeks back": [
        ("2024-02-05 10:00", {"birth_date": "1944-01-15"}),
        ("2024-06-28 12:00", {"birth_date": "1959-06-14"}),
    ],
    "corrected while the first task is open": [
        (BEFORE, {"birth_date": "1959-05-10"}),
        ("2024-02-20 12:00", {"birth_date": "1959-05-11"}),
    ],
    "corrected so that an open task lies ahead again": [
        (BEFORE, {"birth_date": "1944-02-29"}),
        ("2024-04-04 21:00", {"birth_date": "1944-03-30"}),
    ],
    "corrected out of sight and seen again by time alone": [
        (BEFORE, {"birth_date": "1954-03-20"}),
        ("2024-02-20 12:00", {"birth_date": "1954-06-20"}),
    ],
    "corrected out of sight, dies, and the day comes in sight": [
        (BEFORE, {"birth_date": "1954-03-20"}),
        ("2024-02-20 12:00", {"birth_date": "1954-06-20"}),
        ("2024-03-06 12:00", {**DEAD, "death_date": "2024-03-05"}),
    ],
    "dead before the message, known after it": [
        (BEFORE, {"birth_date": "1959-04-10"}),
        ("2024-03-20 12:00", {**DEAD, "death_date": "2024-03-01"}),
    ],
    "dead in the month of the message, known after it, annulled": [
        ("2024-03-10 08:00", {"birth_date": "1944-01-20"}),
        ("2024-03-15 12:00", {**DEAD, "death_date": "2024-03"}),
        ("2024-04-20 12:00", {"status": "resident", "death_date": None}),
    ],
    "dead on the birthday": [
        (BEFORE, {"birth_date": "1959-04-10"}),
        ("2024-04-10 12:00", {**DEAD, "death_date": "2024-04-10"}),
    ],
    "dies with the card, birth date corrected afterwards": [
        (BEFORE, {"birth_date": "1959-02-10"}),
        ("2024-04-10 12:00", {**DEAD, "death_date": "2024-04-09"}),
        ("2024-06-10 12:00", {"birth_date": "1959-02-11"}),
    ],
    "the card was wrong, then its holder dies": [
        (BEFORE, {"birth_date": "1959-02-10"}),
        ("2024-04-10 12:00", {"birth_date": "1958-02-10"}),
        ("2024-06-10 12:00", {**DEAD, "death_date": "2024-06-09"}),
    ],
    "death after the card annulled late in the evening": [
        (BEFORE, {"birth_date": "1959-02-10"}),
        ("2024-04-10 12:00", {**DEAD, "death_date": "2024-04-09"}),
        ("2024-05-10 23:30", {"status": "resident", "death_date": None}),
    ],
    "death after the card annulled in the evening of the same day": [
        (BEFORE, {"birth_date": "1959-02-10"}),
        ("2024-04-10 12:00", {**DEAD, "death_date": "2024-04-09"}),
        ("2024-04-10 22:30", {"status": "resident", "death_date": None}),
    ],
    "deleted late in the evening and back within the hour": [
        (BEFORE, {"birth_date": "1959-04-10"}),
        ("2024-03-20 22:30", DELETED),
        ("2024-03-20 23:20", {"birth_date": "1959-04-10"}),
    ],
    "deleted between two steps and back months later": [
        (BEFORE, {"birth_date": "1954-03-05"}),
        ("2024-03-02 12:00", DELETED),
        ("2024-05-08 12:00", {"birth_date": "1954-03-05"}),
    ],
    "deleted, back with another birth date, deleted again": [
        ("2024-01-23 21:00", {"birth_date": "1959-01-10"}),
        ("2024-02-23 12:00", DELETED),
        ("2024-03-20 12:00", {"birth_date": "1964-03"}),
        ("2024-04-25 12:00", DELETED),
    ],
    "birth date lost and found again": [
        (BEFORE, {"birth_date": "1959-04-10"}),
        ("2024-03-20 12:00", {"birth_date": None}),
        ("2024-04-20 12:00", {"birth_date": "1959-04-10"}),
    ],
    "known to the year, then to the day": [
        (BEFORE, {"birth_date": "1959"}),
        ("2024-04-20 12:00", {"birth_date": "1959-03-10"}),
    ],
    "ten corrections back and forth": [
        (BEFORE, {"birth_date": "1959-05-10"}),
        *((f"2024-03-{day:02} 12:00", {"birth_date": f"{1959 + day % 2}-05-10"}) for day in range(1, 11)),
    ],
}


def hard_lives() -> Iterator[Envelope]:
    """The changes of all the lives, each keyed by its name, log positions in order of time."""
    changes = sorted((at, name, fields) for name, life in LIVES.items() for at, fields in numbered(life))
    rows: dict[str, Row | None] = {}
    for lsn, ((at, _), name, fields) in enumerate(changes, start=1):
        before = rows.get(name)
        start = before or resident(key=name, name="invented", sex="1", birth=None, district="NY")
        rows[name] = after = None if fields == DELETED else {**start, **fields}
        op = "d" if after is None else "u" if before else "c"
        instant = datetime.strptime(at, "%Y-%m-%d %H:%M").replace(tzinfo=ZONE)
        yield envelope(op=op, before=before, after=after, ts_ms=int(instant.timestamp()) * 1000, lsn=lsn)


def numbered(life: list[tuple[str, Row]]) -> Iterator[tuple[tuple[str, int], Row]]:
    """The changes of a life with their place, so that sorting never compares rows."""
    for place, (at, fields) in enumerate(life):
        yield (at, place), fields
