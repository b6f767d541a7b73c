"""Row 3: one fused function for twenty conditions against twenty separate ones, on one core.

Both sides answer the same questions about the same residents: all of TRUE and FALSE, and TRUE alone. The separate
ones are what a programmer would write by hand: one function per condition, with the day's bounds computed beforehand.
"""

import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import partial

from bench.frame import Figure, Goal, Work, play, spent
from bench.peers import PYTHON, installed
from bench.servers import Servers
from rules.condition import Condition
from rules.given import row_from
from rules.parse import parse
from rules.predicate import fuse
from tests.stack.child import ROOT

DAY = date(2026, 3, 1)
AGAINST_APART = Goal(least=2.5)
#: Other engines: their package, their module, and by how much they are to be dearer.
ENGINES = {"cel": ("cel-expr-python", Goal(least=15)), "zen": ("zen-engine", Goal(least=9))}
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


def resident(rnd: random.Random) -> dict[str, object]:
    born = date(1926, 1, 1) + timedelta(days=rnd.randrange(36_500))
    given = {name: rnd.choice(values) for name, values in FACTS.items()}
    return row_from({"birth_date": born.isoformat() if rnd.random() > 0.03 else "", **given})


def figures(servers: Servers) -> Iterator[Figure]:
    """Ask both sides about the same residents."""
    rnd = random.Random(1)
    rows = [resident(rnd) for _ in range(servers.size(20_000, 2_000))]
    conditions = [Condition(node=parse(text)) for text in CONDITIONS]
    fused, alone = fuse(conditions), [fuse([condition]) for condition in conditions]
    for row in rows[:1000]:
        assert fused.evaluate(row, DAY)[0] == sum(one.holding(row, DAY) << number for number, one in enumerate(alone))
    both, true = [one.on(DAY) for one in alone], [one.holding_on(DAY) for one in alone]
    parties = {
        "fused, TRUE and FALSE": lambda row: fused.evaluate(row, DAY),
        "apart, TRUE and FALSE": lambda row: [ask(row.get) for ask in both],
        "fused, TRUE alone": lambda row: fused.holding(row, DAY),
        "apart, TRUE alone": lambda row: [ask(row.get) for ask in true],
    }
    costs = {name: partial(_cost, ask, rows) for name, ask in parties.items()} | _engines(len(rows))
    rounds = play(costs, servers.size(7, 2))
    for name in costs:
        yield Figure(row=3, what=name, rounds=rounds.rates(name, len(rows)), unit="residents/s")
    for asked in ("TRUE and FALSE", "TRUE alone"):
        ratio = rounds.ratio(f"apart, {asked}", f"fused, {asked}")
        goal = AGAINST_APART if asked == "TRUE alone" else None
        yield Figure(row=3, what=f"fused against {len(alone)} apart, {asked}", rounds=ratio, goal=goal)
    for name in sorted(ENGINES.keys() & costs.keys()):
        ratio = rounds.ratio(name, "fused, TRUE alone")
        yield Figure(row=3, what=f"fused against {ENGINES[name][0]}, TRUE alone", rounds=ratio, goal=ENGINES[name][1])


def _engines(count: int) -> dict[str, Work]:
    """Return what the engines that are installed cost for so many residents, each in a process of its own."""
    pythons = {"cel": sys.executable} | ({"zen": str(PYTHON)} if installed(3, "zen-engine", "zen") else {})

    def asked(name: str) -> float:
        command = [pythons[name], "-m", "bench.engines", name, str(count)]
        return float(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout)

    return {name: partial(asked, name) for name in pythons}


def _cost(ask: Callable[[dict[str, object]], object], rows: list[dict[str, object]]) -> float:
    return spent(lambda: [ask(row) for row in rows])
