"""Row 3's peers: the same twenty conditions in other rule engines, each asked about a resident's prepared facts.

    python -m bench.engines cel|zen RESIDENTS

Prints the processor seconds of asking. Ages and distances are reckoned beforehand, which spares the engines that part;
whoever is not a resident or has no birth date is left out, since the engines know neither gates nor a third answer.
"""

import random
import re
import sys
from collections.abc import Callable, Mapping
from datetime import date
from time import process_time
from typing import Any

from bench.predicate import CONDITIONS, DAY, resident
from rules.condition import Condition
from rules.parse import parse
from rules.predicate import fuse

#: For whom a date is absent no comparison with it holds.
_NEVER = 10**6
_DATES = ("moved_in_on", "hukou_on")
_NAMES = ("status", "residence", "sex", "disability", "employment", "marital", "schooling", "protected")
_VARIABLES = (
    *_NAMES,
    "age",
    *(f"days_to_{name}" for name in _DATES),
    *(f"has_{name}" for name in (*_DATES, "senior_card_on")),
)
#: Which of the conditions are TRUE, given the facts.
Ask = Callable[[Mapping[str, Any]], list[bool]]


def _plain(text: str) -> str:
    """Return a condition over prepared facts."""
    text = re.sub(r"age\(birth_date\)", "age", text)
    text = re.sub(r"days_to\((\w+)\)", r"days_to_\1", text)
    return re.sub(r"has\((\w+)\)", r"has_\1", text)


def _facts(row: Mapping[str, Any]) -> dict[str, Any]:
    born: date = row["birth_latest"]
    distances = {f"days_to_{name}": (row[name] - DAY).days if row[name] else _NEVER for name in _DATES}
    there = {f"has_{name}": row[name] is not None for name in (*_DATES, "senior_card_on")}
    age = DAY.year - born.year - ((DAY.month, DAY.day) < (born.month, born.day))
    return {
        **{name: row[name] for name in _NAMES},
        "protected": row["protected"] is not False,
        "age": age,
        **distances,
        **there,
    }


def _cel() -> Ask:
    from cel_expr_python import cel

    env = cel.NewEnv(variables=dict.fromkeys(_VARIABLES, cel.Type.DYN))
    compiled = [env.compile(_plain(text)) for text in CONDITIONS]

    def ask(facts: Mapping[str, Any]) -> list[bool]:
        activation = env.Activation(facts)
        return [one.eval(activation).value() for one in compiled]

    return ask


def _zen() -> Ask:
    import zen

    words = {"&&": "and", "||": "or", "!": "not "}
    compiled = [
        zen.compile_expression(re.sub(r"&&|\|\||!(?!=)", lambda found: words[found[0]], _plain(text)))
        for text in CONDITIONS
    ]
    return lambda facts: [one.evaluate(facts) for one in compiled]


def main(name: str, count: int) -> None:
    """Ask about so many residents, after a look whether the answers are ours."""
    rnd = random.Random(1)
    made = (resident(rnd) for _ in range(count))
    rows = [row for row in made if row["birth_latest"] is not None and row["status"] == "resident"]
    facts, ask = [_facts(row) for row in rows], {"cel": _cel, "zen": _zen}[name]()
    fused = fuse([Condition(node=parse(text)) for text in CONDITIONS])
    for row, known in zip(rows[:500], facts, strict=False):
        holding = fused.holding(row, DAY)
        assert ask(known) == [bool(holding >> number & 1) for number in range(len(CONDITIONS))], known
    begun = process_time()
    for known in facts:
        ask(known)
    print((process_time() - begun) * count / len(facts))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
