"""What the worst texts cost: to refuse them, and to decide by the most expensive ones that are accepted.

    python -m bench.hostile

Processor time of one core; the least of five runs.
"""

from collections.abc import Callable
from datetime import date
from time import thread_time

from models.fields import FIELDS
from rules.condition import Condition
from rules.errors import RulesError
from rules.formula import questions_of
from rules.given import row_from
from rules.parse import MAX_BYTES, parse
from rules.predicate import verdict

DAY = date(2026, 3, 1)
PIECES = ("(", "!", "!(", '"', "\\", "1", "a", "date(", "has(", "&&", "protected||", "age(hukou_on)==7||")
DATES = [field.name for field in FIELDS.values() if field.is_date]
#: As many atoms as the longest text holds, each of the kind that becomes most questions.
ACCEPTED = {
    "equal ages of one date": "||".join(["age(hukou_on)==7"] * 227),
    "other ages of all dates": "||".join(f"age({name}, {n})!={n}" for n in range(25) for name in DATES),
    "bare fields": "||".join(["protected"] * 372),
    "one list": "sex in [" + ",".join(['"1"'] * 499) + "]",
}


def _cost(work: Callable[[], object]) -> float:
    """Milliseconds of processor time."""
    costs = []
    for _ in range(5):
        begun = thread_time()
        work()
        costs.append(thread_time() - begun)
    return 1000 * min(costs)


def _refused(text: str) -> None:
    try:
        parse(text)
    except RulesError:
        return


def main() -> None:
    texts = [(piece * MAX_BYTES)[:MAX_BYTES] for piece in PIECES]
    worst = max(_cost(lambda text=text: _refused(text)) for text in texts)
    print(f"refusing the worst of {len(texts)} texts of {MAX_BYTES} bytes: {worst:.2f} ms")
    row = row_from({"birth_date": "1960", "hukou_on": "2020-01-01", "sex": "2", "protected": "false"})
    for name, text in ACCEPTED.items():
        condition = Condition(node=parse(text))
        asked = sum(1 for side in (condition.holds, condition.fails) for _ in questions_of(side))
        read = _cost(lambda text=text: parse(text))
        decide = _cost(lambda condition=condition: verdict(condition, row, DAY))
        print(f"{name}: {len(text)} bytes, {asked} questions, read in {read:.1f} ms, decided in {decide:.3f} ms")


if __name__ == "__main__":
    main()
