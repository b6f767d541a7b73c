"""One fused function for twenty conditions against twenty separate ones, on one core.

    python -m bench.predicate [residents]

Both sides answer the same questions about the same residents: all of TRUE and FALSE, and TRUE alone. The separate
ones are what a programmer would write by hand: one function per condition, with the day's bounds computed beforehand.
"""

import random
import sys
from collections.abc import Callable
from datetime import date, timedelta
from time import perf_counter
from typing import Any

from rules.condition import Condition
from rules.given import row_from
from rules.parse import parse
from rules.predicate import fuse

DAY = date(2026, 3, 1)
TOWN = 'residence in ["hukou", "permit"]'
CONDITIONS = (
    f'age(birth_date) >= 65 && status == "resident" && {TOWN} && !has(senior_card_on)',
    'age(birth_date) >= 80 && status == "resident" && residence == "hukou"',
    f'age(birth_date) >= 70 && {TOWN} && disability == "1"',
    f"age(birth_date) >= 6 && age(birth_date) < 7 && {TOWN}",
    'age(birth_date) >= 3 && age(birth_date) < 4 && residence == "hukou"',
    'age(birth_date) >= 18 && age(birth_date) < 19 && residence == "hukou" && sex == "1"',
    'age(birth_date) >= 60 && employment == "retired" && residence == "hukou"',
    'age(birth_date) < 1 && status == "resident"',
    'age(birth_date) >= 50 && sex == "2" && residence == "hukou"',
    f'age(birth_date) >= 35 && age(birth_date) < 65 && sex == "2" && {TOWN}',
    'disability in ["1", "2"] && residence == "hukou" && !protected',
    'days_to(moved_in_on) <= 0 && days_to(moved_in_on) >= -30 && residence == "permit"',
    "has(hukou_on) && days_to(hukou_on) >= -180 && age(birth_date) < 18",
    'age(birth_date) >= 100 && status == "resident"',
    'age(birth_date) >= 90 && residence == "hukou"',
    'marital == "3" && age(birth_date) >= 60 && residence == "hukou"',
    'schooling == "0" && age(birth_date) >= 6 && age(birth_date) < 15',
    f'employment == "out" && age(birth_date) >= 16 && age(birth_date) < 60 && {TOWN}',
    'age(birth_date) == 64 && status == "resident" && residence == "permit"',
    '(residence == "hukou" || days_to(moved_in_on) <= -365) && age(birth_date) >= 65 && !has(senior_card_on)',
)
FACTS: dict[str, tuple[str, ...]] = {
    "status": ("resident",) * 17 + ("moved_out", "deceased"),
    "residence": ("hukou", "permit", "other", ""),
    "sex": ("1", "2"),
    "disability": ("1", "2", "", "", ""),
    "employment": ("retired", "out", "in", ""),
    "marital": ("1", "2", "3", ""),
    "schooling": ("0", "1", "2", ""),
    "protected": ("false", "false", "true", ""),
    "moved_in_on": ("2026-02-10", "2020-01-01", ""),
    "hukou_on": ("2020-01-01", ""),
    "senior_card_on": ("2020-01-01", "", ""),
}


def _resident(rnd: random.Random) -> dict[str, object]:
    born = date(1926, 1, 1) + timedelta(days=rnd.randrange(36_500))
    given = {name: rnd.choice(values) for name, values in FACTS.items()}
    return row_from({"birth_date": born.isoformat() if rnd.random() > 0.03 else "", **given})


def _rate(work: Callable[[dict[str, object]], Any], rows: list[dict[str, object]]) -> float:
    """Residents per second, the best of seven rounds."""
    best = float("inf")
    for _ in range(7):
        begun = perf_counter()
        for row in rows:
            work(row)
        best = min(best, perf_counter() - begun)
    return len(rows) / best


def main() -> None:
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    rnd = random.Random(1)
    rows = [_resident(rnd) for _ in range(size)]
    conditions = [Condition(node=parse(text)) for text in CONDITIONS]
    fused, alone = fuse(conditions), [fuse([condition]) for condition in conditions]
    for row in rows[:1000]:
        assert fused.evaluate(row, DAY)[0] == sum(one.holding(row, DAY) << number for number, one in enumerate(alone))
    both = [one.on(DAY) for one in alone]
    true = [one.holding_on(DAY) for one in alone]
    for name, together, apart in (
        ("TRUE and FALSE", lambda row: fused.evaluate(row, DAY), both),
        ("TRUE alone", lambda row: fused.holding(row, DAY), true),
    ):
        one, many = _rate(together, rows), _rate(lambda row, apart=apart: [ask(row.get) for ask in apart], rows)
        print(
            f"{name}: fused {one:,.0f} residents/s, {len(alone)} apart {many:,.0f} residents/s, ratio {one / many:.2f}"
        )


if __name__ == "__main__":
    main()
