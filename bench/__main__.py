"""All benchmarks side by side, or the rows that are named.

    python -m bench [--quick | --city] [ROW ...]

Each figure is one line: its median, the least and the most of its rounds, and the goal where there is one. `--quick`
asks small questions, to see that everything still runs; its figures mean little. Exit code 0 whatever the figures are.
"""

import logging
import sys
from argparse import ArgumentParser
from importlib import import_module
from time import perf_counter

from bench.frame import machine
from bench.servers import Servers
from bench.sizing import table
from unasked.running import spare_garbage

#: Row of docs/reference/benchmarks.md -> what measures it; 10 follows from 6 and 8.
ROWS = {
    1: "decode",
    2: "intake",
    3: "predicate",
    4: "triggers",
    5: "sweep",
    6: "load",
    7: "latency",
    8: "workers",
    9: "years",
}


def main(words: list[str]) -> int:
    asked = ArgumentParser(prog="python -m bench", description="Side by side: what the design is faster than.")
    asked.add_argument("rows", nargs="*", type=int, metavar="ROW", help=f"of {[*ROWS]}; all without one")
    asked.add_argument("--quick", action="store_true", help="small sizes: does everything still run?")
    asked.add_argument("--city", action="store_true", help="rows 5 and 6 for 18.6 million residents")
    options = asked.parse_args(words)
    if unknown := set(options.rows) - ROWS.keys():
        asked.error(f"no row {sorted(unknown)}; rows are {[*ROWS]}, 10 follows from 6 and 8")
    logging.getLogger("kafka").setLevel(logging.ERROR)
    for line in machine():
        print(line)
    # As `unasked` does for each of its commands.
    spare_garbage()
    measured: dict[str, float] = {}
    with Servers(quick=options.quick, city=options.city) as servers:
        for row in options.rows or ROWS:
            begun = perf_counter()
            for figure in import_module(f"bench.{ROWS[row]}").figures(servers):
                print(figure, flush=True)
                measured[figure.key or figure.what] = figure.value
            print(f"       {ROWS[row]} took {perf_counter() - begun:.0f} s", flush=True)
    for line in table(measured):
        print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
