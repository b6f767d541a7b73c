"""How stock Faust loses records or stands still on a real Kafka 4.3.1, case by case, and what our consumer does.

    python -m bench.stock_faust [F1 F5 ...]

Each case starts the worker of bench/stock_faust_worker.py on 30 records and looks at what it applied, what it committed
and whether it still does anything. The names in the last column are tests that put our consumer into the same case.
"""

import logging
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bench.stock_faust_cases import CASES, Bench
from tests.stack.kafka import Kafka


def _tried(name: str, kafka: Kafka, folder: Path) -> str:
    case = CASES[name]
    bench = Bench(
        case="F3" if name == "F5" else name,
        kafka=kafka,
        folder=folder / name,
        partitions=case.partitions,
        trouble=case.trouble,
        poison=case.poison,
    )
    try:
        seen, text = case.run(bench)
    finally:
        bench.close()
    return f"{name:<4} {'reproduced' if seen else 'not seen':<11} {case.claim}\n     {text}\n     ours: {case.ours}"


def main(names: list[str]) -> None:
    """Run the cases, a few at once, and print the table."""
    logging.getLogger("kafka").setLevel(logging.CRITICAL)
    with tempfile.TemporaryDirectory(prefix="unasked-faust-", ignore_cleanup_errors=True) as folder:
        kafka = Kafka(Path(folder))
        kafka.start()
        try:
            with ThreadPoolExecutor(max_workers=4) as pool:
                for text in pool.map(lambda name: _tried(name, kafka, Path(folder)), names or CASES):
                    print(text, flush=True)
        finally:
            kafka.child.kill()


if __name__ == "__main__":
    main(sys.argv[1:])
