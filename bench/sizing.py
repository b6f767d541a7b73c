"""Row 10: what a city and a country need, on paper, from what the other rows have measured in the same run."""

from collections.abc import Iterator, Mapping
from math import ceil

PLACES = {"Shenzhen": 18_600_000, "the country": 1_400_000_000}
#: Changes of one resident in a year (the synthetic city's), and the busiest hour against the average one.
CHANGES_A_YEAR, BUSIEST = 1.3, 10
#: How busy a core may be in the busiest hour, so that a backlog is worked off.
BUSY = 0.5
#: A database of its own for each so many residents: beyond it vacuum, backup and restore take longer than a night.
RESIDENTS_OF_A_DATABASE = 50_000_000
_YEAR, _HOUR = 365 * 86_400, 3_600
NEEDED = ("workers 1", "rate", "load", "bytes of a resident", "bytes of a change")


def table(measured: Mapping[str, float]) -> Iterator[str]:
    """Yield the rows of a Markdown table; says what is missing when not everything was measured."""
    missing = [name for name in NEEDED if name not in measured]
    if missing:
        yield f"row 10 needs rows 6 and 8 in the same run (missing: {', '.join(missing)})"
        return
    yield "| row 10: on paper | " + " | ".join(f"{name}, {people:,}" for name, people in PLACES.items()) + " |"
    yield "|---|" + "---|" * len(PLACES)
    columns = [_column(people, measured) for people in PLACES.values()]
    for what in columns[0]:
        yield f"| {what} | " + " | ".join(column[what] for column in columns) + " |"


def _column(people: int, measured: Mapping[str, float]) -> dict[str, str]:
    average = people * CHANGES_A_YEAR / _YEAR
    busiest = average * BUSIEST
    cores = busiest * measured["workers 1"] / 1e6 / BUSY
    workers = max(2, ceil(busiest / (measured["rate"] * BUSY)))
    databases = ceil(people / RESIDENTS_OF_A_DATABASE)
    disk = people * measured["bytes of a resident"] / 2**30
    grows = people * CHANGES_A_YEAR * measured["bytes of a change"] / 2**30
    hours = people / (measured["load"] * databases) / _HOUR
    return {
        "changes a second, on average and in the busiest hour": f"{average:,.1f} and {busiest:,.0f}",
        "cores for workers and database in the busiest hour": f"{max(1, ceil(cores)):,}",
        "workers, and partitions at least": f"{workers:,}",
        "databases (one for each group of provinces or cities)": f"{databases:,}",
        "disk after the first load, GB": f"{disk:,.0f}",
        "disk that a year adds, GB": f"{grows:,.0f}",
        "first load, hours with one core for each database": f"{hours:,.0f}",
    }
