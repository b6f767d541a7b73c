"""Bad records in passing stop nobody; a source that has changed its ways stops the worker."""

import subprocess
import sys
from datetime import date

from casework.intake import Applied
from casework.ledger import Place
from streams.flood import LIMIT, Flood
from streams.progress import Committed
from tests.house.tree import ROOT

SCENE = """
from streams.flood import Flood
from tests.unit.streams.test_flood import taken
flood = Flood()
for _ in range(3):
    flood.watch(taken(500, 40))
"""


def taken(records: int, rejected: int) -> Committed:
    place = Place(broker="b", topic="t", partition=0)
    return Committed(
        place=place,
        next=records,
        records=records,
        rejected=rejected,
        missing=0,
        known_on=date(2026, 3, 1),
        result=Applied(quarantined=rejected),
    )


def test_one_percent_of_the_newest_ten_thousand_is_let_pass_for_ever() -> None:
    flood = Flood()
    assert not any(flood.count(taken(500, 5)) for _ in range(200))


def test_more_than_that_is_a_flood_wherever_it_begins() -> None:
    flood = Flood()
    assert not any(flood.count(taken(1000, 0)) for _ in range(50))
    assert [flood.count(taken(500, 30)) for _ in range(4)] == [False, False, False, True]


def test_what_lies_further_back_is_forgotten() -> None:
    flood = Flood()
    assert not flood.count(taken(500, LIMIT))
    assert not any(flood.count(taken(500, 0)) for _ in range(20))
    assert not flood.count(taken(500, LIMIT))


def test_a_flood_ends_the_process_with_70_and_says_what_to_do() -> None:
    done = subprocess.run([sys.executable, "-c", SCENE], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 70
    said = done.stdout + done.stderr
    assert "quarantine_flood" in said and "120 of the newest 1500 records" in said and "unasked quarantine list" in said
