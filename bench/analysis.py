"""What an analysis costs: two hundred triggers against each other, one that was edited, and single questions.

    python -m bench.analysis [triggers]

Processor time, so that other work on the machine does not count.
"""

import random
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from time import process_time

from rules.analyse import analyse
from rules.condition import Condition
from rules.document import load
from rules.findings import Analysis
from rules.parse import parse
from rules.prover import Prover, Says, Workbench, can_prove
from rules.shipped import shipped
from rules.trigger import Trigger

TODAY = date(2026, 3, 1)
#: Clauses as triggers have them beside the age.
CLAUSES = (
    'residence == "hukou"',
    'residence in ["hukou", "permit"]',
    'status == "resident"',
    'sex == "2"',
    'sex == "1"',
    'disability in ["1", "2"]',
    "has(disability)",
    'employment == "30"',
    "!has(senior_card_on)",
    'marital == "30"',
    "days_to(moved_in_on) >= -30 && days_to(moved_in_on) <= 0",
    'district == "440305"',
    "!protected",
    '(residence == "hukou" || days_to(moved_in_on) <= -365)',
    "age(hukou_on) >= 5",
)
#: One trigger as its author changes it.
EDITS = (
    "age(birth_date) >= 61 && !has(senior_card_on)",
    "age(birth_date) >= 62 && !has(senior_card_on)",
    'age(birth_date) >= 62 && !has(senior_card_on) && residence == "hukou"',
    'age(birth_date) >= 62 && age(birth_date) < 72 && !has(senior_card_on) && residence == "hukou"',
    'age(birth_date) >= 62 && age(birth_date) < 72 && sex == "2" && residence == "hukou"',
)


def triggers(count: int, rnd: random.Random) -> list[Trigger]:
    """Return made-up triggers: an age band and one to three other clauses each."""
    pattern = load(shipped()["newborn-health.yaml"], name="pattern")
    found = []
    for number in range(count):
        least = rnd.choice([0, 1, 3, 6, 14, 16, 18, 35, 50, 60, 65, 70, 80, 90])
        band = f"age(birth_date) >= {least} && age(birth_date) < {least + rnd.choice([1, 1, 5, 10, 40])}"
        text = " && ".join([band, *rnd.sample(CLAUSES, rnd.randint(1, 3))])
        found.append(replace(pattern, id=f"made-up-{number}", condition=Condition(node=parse(text)), plan=()))
    return found


def _seconds(work: Callable[[], Analysis]) -> tuple[float, Analysis]:
    begun = process_time()
    found = work()
    return process_time() - begun, found


def main() -> None:
    if not can_prove():
        print("skipped: no solver is installed (the extra `analysis`)")
        return
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    made = triggers(count, random.Random(7))
    bench = Workbench()
    full, found = _seconds(lambda: analyse(made, today=TODAY, bench=bench))
    kinds = ", ".join(f"{number} {kind}" for kind, number in sorted(Counter(f.kind for f in found.findings).items()))
    print(f"{count} triggers, {count * (count - 1) // 2:,} pairs on {len(found.days)} days: {full:.2f} s ({kinds})")
    print(f"not answered: {len(found.unanswered)}")
    edits = [replace(made[0], condition=Condition(node=parse(text))) for text in EDITS]
    costs = [
        _seconds(lambda edit=edit: analyse([edit, *made[1:]], today=TODAY, about={edit.id}, bench=bench))[0]
        for edit in edits
    ]
    listed = ", ".join(f"{1000 * cost:.0f}" for cost in costs)
    print(f"one edited trigger against the {count - 1} others, known already: {listed} ms, one edit after the other")
    prover = Prover(TODAY)
    prover.find([Says(condition=trigger.condition) for trigger in made[:1]])
    begun = process_time()
    for trigger in made:
        prover.find([Says(condition=trigger.condition)])
    print(f"never true, one by one, with taking them in: {1000 * (process_time() - begun) / count:.2f} ms each")
    begun = process_time()
    for other in made[1:]:
        prover.find([Says(condition=made[0].condition), Says(condition=other.condition)])
    print(f"one pair: {1000 * (process_time() - begun) / (count - 1):.2f} ms")


if __name__ == "__main__":
    main()
