"""Row 4: what a change costs with 20, 200 and 2,000 triggers, everything included, on PostgreSQL."""

from collections.abc import Iterator

from bench import town
from bench.frame import Figure, Goal, play, spent
from bench.servers import Servers

COUNTS = (20, 200, 2000)
_MOST = 3.0


def figures(servers: Servers) -> Iterator[Figure]:
    """Apply the same changes to three books that differ in their triggers alone."""
    size, rounds = servers.size(3000, 200), servers.size(3, 2)
    opening, raw = town.records(servers.size(500, 300), size)
    changes, share = list(town.decoded(raw)), len(raw) // rounds
    parties = {}
    for count in COUNTS[: servers.size(3, 2)]:
        office = servers.office()
        town.open_books(office, count, opening)
        parts = iter([changes[n * share : (n + 1) * share] for n in range(rounds)])
        # Who asks for the first time compiles conditions and statements.
        town.apply(office, changes[:1], town.FIRST)

        def take(office=office, parts=parts) -> float:
            part = next(parts)
            return spent(lambda: town.apply(office, part, town.FIRST), servers.postgresql.child.pid)

        parties[str(count)] = take
    costs = play(parties, rounds)
    for name in parties:
        yield Figure(row=4, what=f"a change with {name} triggers", rounds=costs.each(name, share), unit="us")
    for name in list(parties)[1:]:
        goal = Goal(most=_MOST) if name == str(COUNTS[-1]) else None
        yield Figure(row=4, what=f"{name} triggers against 20", rounds=costs.ratio(name, "20"), goal=goal)
