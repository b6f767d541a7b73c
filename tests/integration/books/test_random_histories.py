"""Any history of changes, days, publications, answers, crashes and replays ends where a full recomputation ends."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from models.vocabulary.change import Op
from tests.integration.books.town import Town, document
from tests.stack.form import LONG

#: Before a release, before a merge (the same ones in every run), and at the desk.
HISTORIES = 3000 if LONG else 500 if os.getenv("CI") == "true" else 60
WHEN = (
    'age(birth_date) >= 65 && status == "resident" && residence in ["hukou", "permit"] && !has(senior_card_on)',
    'age(birth_date) >= 64 && status == "resident"',
    'age(birth_date) >= 65 && age(birth_date) < 66 && residence == "hukou"',
    "days_to(moved_in_on) <= -30 && !has(merged_into)",
)
births = st.sampled_from(
    [
        None,
        "1959-02-28",
        "1959-03-01",
        "1959-04-20",
        "1960-02-29",
        "1959",
        "1959-06",
        "1940-01-01",
        "1959-12-31",
        "2019-05-05",
    ]
)
rows = st.fixed_dictionaries(
    {
        "birth_date": births,
        "status": st.sampled_from(["resident", "resident", "resident", "moved_out"]),
        "residence": st.sampled_from(["hukou", "permit", "other", None]),
    },
    optional={
        "birth_status": st.sampled_from(["confirmed", "investigating"]),
        "death_date": st.sampled_from([None, None, "2024-06-10", "2024"]),
        "opted_out": st.booleans(),
        "preferred_channel": st.sampled_from(["letter", "sms", None]),
        "household_id": st.sampled_from(["h1", "h2"]),
    },
)
keys = st.sampled_from(["p1", "p2", "p3"])
changes = st.tuples(st.just("change"), keys, rows, st.integers(min_value=0, max_value=23))
days = st.tuples(st.just("days"), st.sampled_from([1, 1, 5, 13, 31, 47]))
documents = st.builds(
    document,
    when=st.sampled_from(WHEN),
    once=st.sampled_from(["life", "each", "year"]),
    backlog=st.sampled_from(["none", "all"]),
    late=st.sampled_from(["run", "skip", "latest"]),
    leap_day=st.sampled_from(["feb28", "mar1"]),
)
publications = st.tuples(st.just("publish"), documents)
others = st.sampled_from([("delete", "p1"), ("delete", "p2"), ("replay",), ("crash",), ("card", "p3"), ("withdraw",)])
histories = st.lists(st.one_of(changes, changes, days, days, days, publications, others), min_size=4, max_size=28)


def play(town: Town, act: tuple[Any, ...]) -> None:
    """Let one thing happen."""
    match act:
        case ("change", key, row, hour):
            known = any(c.key == key and c.op is not Op.DELETE for c in town.sent)
            town.send(key, Op.UPDATE if known else Op.CREATE, row, hour)
        case ("days", count):
            assert [line.faults for line in town.pass_days(count) if line.residue] == []
        case ("publish", text):
            town.publish(text)
        case ("delete", key):
            town.send(key, Op.DELETE, None, 23)
        case ("card", key):
            town.send(key, Op.UPDATE, {"senior_card_on": town.today})
        case ("replay",):
            assert town.apply(list(town.sent)).applied == 0
        case ("crash",):
            town.crash_next = True
        case ("withdraw",):
            town.publish("senior")


@settings(max_examples=HISTORIES, phases=(Phase.explicit, Phase.generate), suppress_health_check=[HealthCheck.too_slow])
@given(history=histories)
def test_any_history_ends_where_a_full_recomputation_ends(history: list[tuple[Any, ...]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        town = Town(Path(folder))
        town.pass_days(1)
        published = False
        for act in history:
            if act == ("withdraw",) and not published:
                continue
            published = act[0] == "publish" or (published and act != ("withdraw",))
            play(town, act)
        town.pass_days(1)
        assert town.differences() == []
        town.engine.dispose()
