"""Records of different keys come in any order: whatever is changed, handed on or used anew, nobody is mixed up."""

from __future__ import annotations

import json
import os
import tempfile
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from models.database import connect
from models.tables import metadata, resident, resident_version
from streams.records import RawRecord
from tests.integration.city import City

EXAMPLES = 300 if os.getenv("CI") == "true" else 60
KEYS = ("k1", "k2", "k3", "k4")
#: What happens, to which of those who have a key, with which of the keys that are free.
acts = st.lists(
    st.tuples(
        st.sampled_from(["changes", "arrives", "renumbered", "renumbered"]), st.integers(0, 3), st.integers(0, 3)
    ),
    max_size=14,
)
#: Which key's next record comes, and whether a transaction ends with it.
arrivals = st.lists(st.tuples(st.integers(0, 3), st.sampled_from([False, False, True])), min_size=40, max_size=40)


@dataclass
class Source:
    """A register: who has which key, and its records by key, each in the order in which they were written."""

    city: City
    #: Whether both halves of a key change have one position, as Debezium writes them, or each its own.
    together: bool
    people: int = 0
    queues: dict[str, deque[RawRecord]] = field(default_factory=lambda: {name: deque() for name in KEYS})
    #: The records of the first holders whose lineages have the keys' names.
    first: dict[str, RawRecord] = field(default_factory=dict)

    def arrives(self, key: str, op: str = "c") -> None:
        """Somebody new, who is known by the birth date."""
        self.people += 1
        self.city.rows[key] = {"birth_date": f"{1940 + self.people}-01-20", "status": "resident", "district": "440303"}
        record = self.city.record(key, op, self.city.rows[key])
        if not self.queues[key]:
            self.first[key] = record
        self.queues[key].append(record)

    def changes(self, key: str) -> None:
        """Somebody moves within the city."""
        self.city.rows[key]["district"] = f"44{self.city.lsn:04}"
        self.queues[key].append(self.city.record(key, "u", self.city.rows[key]))

    def renumbered(self, old: str, new: str) -> None:
        """Somebody gets another key."""
        gone, come = self.city.rekey(old, new)
        if not self.together:
            come = self.city.record(new, "c", self.city.rows[new], oldkey=json.dumps({"resident_id": old}))
        self.queues[old].append(gone)
        self.queues[new].append(come)

    def act(self, kind: str, one: int, other: int) -> None:
        """Do it to one of those who have a key, with one of the keys that are free."""
        held = sorted(self.city.rows)
        free = [name for name in KEYS if name not in held]
        if kind == "changes" or not free:
            self.changes(held[one % len(held)])
        elif kind == "arrives":
            self.arrives(free[other % len(free)])
        else:
            self.renumbered(held[one % len(held)], free[other % len(free)])

    def ready(self) -> list[str]:
        """Return the keys whose next record may come."""
        return [name for name, queue in self.queues.items() if queue and not self._too_early(queue[0])]

    def _too_early(self, record: RawRecord) -> bool:
        """Whether it names an old key of whose newest holder nobody has heard: that partition lags two changes."""
        old = dict(record.headers).get("__debezium.oldkey")
        if old is None:
            return False
        waiting = self.queues[json.loads(old)["resident_id"]]
        earlier = [one for one in waiting if _lsn(one) < _lsn(record)]
        # That a key's first holder is who has its name is assumed anyway.
        unsaid = [one for one in earlier if one is not self.first.get(json.loads(old)["resident_id"])]
        return any(json.loads(one.value or b"{}")["op"] == "c" for one in unsaid)


def _lsn(record: RawRecord) -> int:
    position: int = json.loads(record.value or b"{}")["source"]["lsn"]
    return position


def people_in(city: City) -> dict[str, tuple[str, str]]:
    """Return what is known of each person, by birth date."""
    return {str(row["birth_earliest"]): (row["resident_id"], row["district"]) for row in city.table(resident)}


def people_of(rows: dict[str, dict[str, Any]]) -> dict[str, tuple[str, str]]:
    """Return what a register says of each person, by birth date."""
    return {row["birth_date"]: (name, row["district"]) for name, row in rows.items()}


@settings(max_examples=EXAMPLES, phases=(Phase.explicit, Phase.generate))
@given(history=acts, order=arrivals, together=st.booleans())
def test_in_any_order_of_the_partitions_everybody_keeps_their_own_records(
    history: list[tuple[str, int, int]], order: list[tuple[int, bool]], together: bool
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        city = City(engine=connect(f"sqlite:///{Path(folder)}/city.db", durable=False))
        metadata.create_all(city.engine)
        source = Source(city=city, together=together)
        for name in KEYS[:2]:
            source.arrives(name)
        for kind, one, other in history:
            source.act(kind, one, other)
        batch: list[RawRecord] = []
        for place, ends in order:
            ready = source.ready()
            if ready:
                batch.append(source.queues[ready[place % len(ready)]].popleft())
            if ends and batch:
                city.feed(*batch)
                batch = []
        if batch:
            city.feed(*batch)
        assert not any(source.queues.values())
        assert people_in(city) == people_of(city.rows)
        seen = {(row["lineage"], str(row["birth_earliest"])) for row in city.table(resident_version)}
        assert len(seen) == len({lineage for lineage, _ in seen}) == source.people
        assert city.again().applied == 0
        assert people_in(city) == people_of(city.rows)
        assert city.differences() == []
        city.engine.dispose()
